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
  document.addEventListener("pointerup", () => { window.released = performance.now(); window.seen = window.drawn = 0; }, true);
  const inside = node => (node.closest ? node : node.parentElement)?.closest(".st-key-funnel");
  new MutationObserver(changes => {
    const found = changes.filter(change => inside(change.target)).length;
    if (found === 0) return;
    window.drawn = performance.now();
    // A picture is thousands of changes at once; it is seen when the frame that follows has been painted.
    if (found > 500 && !window.seen) requestAnimationFrame(() => setTimeout(() => { window.seen ||= performance.now(); }));
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
                seen, at_rest = of_releases(visitor, runs)
                found.append((f"control released → new picture, {number:,} patients", BUDGETS_S.get(number), "s", seen))
                found.append(("  until nothing in it changes any more", None, "s", at_rest))
                visitor.close()
    return found


def of_releases(visitor: Visitor, runs: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Seconds from the release of the eGFR threshold, dragged to and fro with the mouse, until the new picture is seen, and until the last change in it."""
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
        page.wait_for_function("quiet => window.seen && performance.now() - window.drawn > quiet", arg=QUIET_MS)
        found.append(page.evaluate("[(window.seen - window.released) / 1000, (window.drawn - window.released) / 1000]"))
    seen, at_rest = zip(*found[1:], strict=True)  # the first move of a criterion has more to compute: it has a row of its own
    return seen, at_rest
