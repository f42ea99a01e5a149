"""What is measured in Chromium: the frames of a drag, what comes before and after it, and from the start of the app to a page that can be used."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from browser.app_server import Visitor, running_app, running_browser
from playwright.sync_api import Page

DRAGGED = "I5.egfr_min"
SIZES = (10_000, 1_000_000, 10_000_000)
SETTLED_BUDGETS_S = {10_000: 0.25, 1_000_000: 0.4}
FRAME_BUDGET_MS = 16.0
FRAMES = 60
LOADING_MS = 900_000  # ten million patients are drawn first
PAGE = Path(__file__).with_name("page.py")
READY = '.ledger[data-state="ready"]'

# A frame's cost is the main thread's: from the first callback of a frame in which the pointer moved until the thread is free again after painting.
WATCH_FRAMES = """() => {
  window.frames_ms = [];
  let due = false;
  document.addEventListener("pointermove", () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      const begun = performance.now(), free = new MessageChannel();
      free.port1.onmessage = () => { window.frames_ms.push(performance.now() - begun); due = false; };
      free.port2.postMessage(0);
    });
  }, true);
}"""
# A release is settled when the view that answers it has been drawn and painted.
WATCH_RELEASE = """() => {
  const root = [...document.querySelectorAll("*")].map(e => e.shadowRoot?.querySelector(".ledger")).find(e => e);
  window.settled = 0;
  const before = root.dataset.revision;
  document.addEventListener("pointerup", () => { window.released = performance.now(); }, {capture: true, once: true});
  const watch = new MutationObserver(() => {
    if (root.dataset.revision === before || root.dataset.state !== "ready") return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => { window.settled = performance.now(); }));
  });
  watch.observe(root, {attributes: true});
}"""

Measured = tuple[str, float | None, str, tuple[float, ...]]


@dataclass
class Traffic:
    """The bytes that went either way over the page's socket."""

    received: int = 0
    sent: int = 0

    def listen(self, page: Page) -> None:
        page.on("websocket", lambda socket: (socket.on("framereceived", self._received), socket.on("framesent", self._sent)))

    def _received(self, frame: bytes | str) -> None:
        self.received += len(frame)

    def _sent(self, frame: bytes | str) -> None:
        self.sent += len(frame)


def measured(runs: int, sizes: tuple[int, ...]) -> list[Measured]:
    found: list[Measured] = []
    with tempfile.TemporaryDirectory() as folder, running_browser() as browser:
        starts = []
        for number in range(min(runs, 5)):
            begun = time.perf_counter()
            with running_app(Path(folder) / f"start{number}.txt") as app:
                visitor = Visitor(browser, app).open()
                visitor.page.locator(READY).wait_for()
                starts.append(time.perf_counter() - begun)
                visitor.close()
        found.append(("app start → usable page with the sample cohort", 5, "s", tuple(starts)))
        for patients in sizes:
            with running_app(Path(folder) / f"{patients}.txt", PAGE, FEASIBILITY_PATIENTS=str(patients)) as app:
                visitor = Visitor(browser, app)
                traffic = Traffic()
                traffic.listen(visitor.page)
                visitor.page.goto(app.url)
                visitor.page.locator(READY).wait_for(timeout=LOADING_MS)
                found += of_drags(visitor, traffic, patients, runs)
                visitor.close()
    return found


def of_drags(visitor: Visitor, traffic: Traffic, patients: int, runs: int) -> list[Measured]:
    """Rows for one size: tables made ready on hovering, frames while dragging, release to settled page, bytes."""
    page, size = visitor.page, f"{patients:,} patients"
    page.evaluate(f"({WATCH_FRAMES})()")
    handle = page.locator(f'[data-handle="{DRAGGED}"]')
    prepared, settled, received, sent, asked_for = [], [], [], [], []
    for number in range(runs + 1):
        # Another criterion moves first, so that the tables of this one are out of date.
        page.mouse.move(5, 5)
        other = page.locator('[data-handle="I7.hba1c_max"]')
        other.press("ArrowRight" if number % 2 == 0 else "ArrowLeft")
        other.press("Enter")
        _ready(page)
        box = handle.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        before = traffic.received
        prepared.append(_seconds(lambda x=x, y=y: (page.mouse.move(x, y), page.locator(f'[data-handle="{DRAGGED}"][data-ready="true"]').wait_for())))
        page.wait_for_timeout(100)
        asked_for.append((traffic.received - before) / 1000)
        page.mouse.down()
        for step in range(FRAMES):
            page.mouse.move(x + (1 if number % 2 == 0 else -1) * (12 + 20 * (step % 30) / 30), y)
        page.evaluate(f"({WATCH_RELEASE})()")
        before, before_sent = traffic.received, traffic.sent
        page.mouse.up()
        page.wait_for_function("window.settled > 0")
        settled.append(page.evaluate("(window.settled - window.released) / 1000"))
        page.wait_for_timeout(100)
        received.append((traffic.received - before) / 1000)
        sent.append((traffic.sent - before_sent) / 1000)
    frames = sorted(page.evaluate("window.frames_ms"))
    return [
        (f"drag, a frame: median, {size}", FRAME_BUDGET_MS, "ms", (frames[len(frames) // 2],)),
        (f"  95th percentile of {len(frames)}", FRAME_BUDGET_MS, "ms", (frames[int(len(frames) * 0.95)],)),
        (f"hover → tables of the criterion ready, {size}", None, "s", tuple(prepared[1:])),
        (f"release → settled page, {size}", SETTLED_BUDGETS_S.get(patients), "s", tuple(settled[1:])),
        ("  received at a release", None, "kB", tuple(received[1:])),
        ("  sent at a release", None, "kB", tuple(sent[1:])),
        ("  received at a hover", None, "kB", tuple(asked_for[1:])),
    ]


def _ready(page: Page) -> None:
    page.wait_for_timeout(50)
    page.locator(READY).wait_for()


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
