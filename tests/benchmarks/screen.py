"""What is measured in Chromium: from the release of a control to the new picture, and from the start of the app to a page that can be used."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from browser.app_server import Visitor, running_app, running_browser
from extracts import Extracts

DRAGGED = "I5.egfr_min"
BUDGETS_S = {10_000: 0.25, 1_000_000: 0.4}
DRAG_PIXELS = 25
QUIET_MS = 500  # the picture is finished when nothing in it has changed for so long
WATCH = """() => {
  window.released = window.drawn = 0;
  document.addEventListener("pointerup", () => { window.released = performance.now(); }, true);
  new MutationObserver(changes => {
    const inside = node => (node.closest ? node : node.parentElement)?.closest(".st-key-funnel");
    if (changes.some(change => inside(change.target))) window.drawn = performance.now();
  }).observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});
}"""

Measured = tuple[str, float | None, str, tuple[float, ...]]


def measured(extracts: Extracts, patients: int, runs: int) -> list[Measured]:
    found: list[Measured] = []
    with tempfile.TemporaryDirectory() as folder, running_browser() as browser:
        starts = []
        for number in range(min(runs, 5)):
            begun = time.perf_counter()
            with running_app(Path(folder) / f"start{number}.txt") as app:
                visitor = Visitor(browser, app).open()
                visitor.part("funnel").locator("svg text").first.wait_for()
                starts.append(time.perf_counter() - begun)
                visitor.close()
        found.append(("app start → usable page with the sample cohort", 5, "s", tuple(starts)))
        with running_app(Path(folder) / "log.txt") as app:
            for number, extract in ((min(patients, 10_000), extracts.smaller), (patients, extracts.wide)):
                visitor = Visitor(browser, app).open()
                visitor.choose_file(extract)
                visitor.use_file()
                found.append((f"control released → new picture, {number:,} patients", BUDGETS_S.get(number), "s", of_releases(visitor, runs)))
                visitor.close()
    return found


def of_releases(visitor: Visitor, runs: int) -> tuple[float, ...]:
    """Seconds from the release of the eGFR threshold, dragged to and fro with the mouse, to the last change of the picture."""
    page = visitor.page
    visitor.part("funnel").locator("svg text").first.wait_for()
    page.evaluate(f"({WATCH})()")
    slider = visitor.part(f"value {DRAGGED}")
    slider.scroll_into_view_if_needed()
    found = []
    for number in range(runs + 1):
        box = slider.get_by_role("slider").locator("xpath=ancestor::*[@data-rac][1]").bounding_box()
        assert box is not None, "the slider is not in view"
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + (DRAG_PIXELS if number % 2 == 0 else -DRAG_PIXELS), y, steps=4)
        visitor.after(page.mouse.up)
        page.wait_for_function("quiet => window.drawn > window.released && performance.now() - window.drawn > quiet", arg=QUIET_MS)
        found.append(page.evaluate("(window.drawn - window.released) / 1000"))
    return tuple(found[1:])  # the first move of a criterion has more to compute: it has a row of its own
