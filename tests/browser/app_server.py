"""The app as its users start it, on a port of its own; and the browser to look at it with."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import parse_qsl, urlsplit
from urllib.request import urlopen

from browser.reading import READ, Shown
from playwright.sync_api import Browser, BrowserContext, Locator, Page, WebSocket, expect, sync_playwright
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 10
PATIENCE_MS = 60_000
HEARD_MS = 15_000  # for an answer, if what was pressed was heard
TABLE_MS = 10_000  # for a table of 2,000 patients, on a machine with other things to do
PROJECTOR = {"width": 1280, "height": 720}
FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync".split()


@dataclass(frozen=True)
class App:
    """A running server: where it answers and what it wrote so far."""

    url: str
    log: Path
    process: subprocess.Popen[bytes]

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    @contextmanager
    def asleep(self) -> Iterator[None]:
        """Within the block nothing is answered; afterwards everything that was asked."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)


@contextmanager
def running_app(log: Path, script: Path = ROOT / "app.py", **surroundings: str) -> Iterator[App]:
    """The app, or another script, until the end of the block; its own process is stopped, whatever happened."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless", "true", "--server.port", str(port)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1", **surroundings}
    with log.open("w") as output:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        app = App(f"http://{HOST}:{port}", log, server)
        try:
            _wait_until_healthy(app)
            yield app
        finally:
            server.terminate()
            try:
                server.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait_until_healthy(app: App) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and app.process.poll() is None:
        try:
            with urlopen(f"{app.url}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise RuntimeError(f"the app did not start:\n{app.said()}")


def chromium_path() -> str | None:
    """Debian's Chromium; None where there is none."""
    return shutil.which("chromium")


@contextmanager
def running_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield browser
        browser.close()


class Visitor:
    """Somebody with a browser of their own; every address their browser asks for is kept, and how often it spoke to the app."""

    def __init__(self, browser: Browser, app: App, **options: Any) -> None:
        self.app = app
        self.asked: list[str] = []
        self.runs_done = self.said = 0
        self.context: BrowserContext = browser.new_context(**{"viewport": PROJECTOR, "accept_downloads": True, **options})
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.on("request", lambda request: self.asked.append(request.url))
        self.page: Page = self.context.new_page()
        self.page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        self.asked.append(socket.url)
        socket.on("framereceived", self._hear)
        socket.on("framesent", self._speak)

    def _hear(self, frame: bytes | str) -> None:
        if isinstance(frame, bytes):
            message = ForwardMsg.FromString(frame)
            self.runs_done += message.WhichOneof("type") == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY

    def _speak(self, _frame: bytes | str) -> None:
        self.said += 1

    # The app around the ledger

    def open(self, path: str = "/") -> Visitor:
        self.after(lambda: self.page.goto(self.app.url + path))
        return self

    def after(self, action: Callable[[], object]) -> None:
        """Do something that the app answers, and wait for its answer."""
        before = self.runs_done
        action()
        assert self.wait_until(lambda: self.runs_done > before), f"the app did not answer:\n{self.app.said()}"
        self.settle()

    def wait_until(self, holds: Callable[[], bool], patience_ms: int = PATIENCE_MS) -> bool:
        """Whether it came to hold before patience ran out."""
        until = time.monotonic() + patience_ms / 1000
        while not (held := holds()) and time.monotonic() < until:
            self.page.wait_for_timeout(10)
        return held

    def settle(self) -> None:
        """Wait until the app has drawn what was last asked for."""
        self.page.locator('[data-testid="stApp"][data-test-script-state="notRunning"][data-test-connection-state="CONNECTED"]').wait_for()
        unfinished = self.page.locator('[data-testid="stMain"] [data-stale="true"], [data-testid="stMain"] [data-testid="stSkeleton"]')
        expect(unfinished).to_have_count(0, timeout=PATIENCE_MS)

    def turn_to(self, page_title: str) -> None:
        self.after(self.page.get_by_role("link", name=page_title, exact=True).click)

    def choose_file(self, *paths: Path) -> None:
        """Turn to the data page and give the files of a cohort."""
        self.turn_to("Data")
        self.after(lambda: self.part("upload files").locator('input[type="file"]').set_input_files(paths))

    def use_file(self) -> None:
        """Read the file chosen with the mapping as it stands, and go to the workbench with it."""
        self.after(self.part("use draft").get_by_role("button").click)
        self.turn_to("Workbench")

    def use_protocol(self, path: Path) -> None:
        """Load a protocol on its page, and go to the workbench with it."""
        self.turn_to("Criteria")
        self.page.get_by_role("button", name="Load a protocol").click()
        self.after(lambda: self.part("upload protocol").locator('input[type="file"]').set_input_files(path))
        expect(self.part("built in")).to_be_visible()
        self.turn_to("Workbench")
        self.settled()

    def choose(self, within: Locator, option: str) -> None:
        """Choose from the one list in a part of the page."""
        box, chosen = within.get_by_role("combobox"), self.page.get_by_role("option", name=option, exact=True)

        def heard() -> bool:
            box.focus()  # first, because a list that scrolls into view as it opens closes again
            self.page.wait_for_timeout(200)
            box.press("ArrowDown")
            before = self.runs_done
            chosen.click()
            return self.wait_until(lambda: self.runs_done > before, HEARD_MS)

        # A list that is drawn anew as it is pressed does not hear it.
        assert any(heard() for _ in range(3)), f"the app did not answer:\n{self.app.said()}"
        self.settle()

    def part(self, key: str) -> Locator:
        """What the app gave a key."""
        return self.page.locator(".st-key-" + "".join(each if each.isalnum() or each in "-_" else "-" for each in key))

    def push(self, key: str) -> None:
        """Press one of the app's own buttons above the ledger."""
        self.after(self.part(key).get_by_role("button").click)
        self.settled()

    def query(self) -> dict[str, str]:
        """What stands in the address."""
        return dict(parse_qsl(urlsplit(self.page.url).query))

    def asked_elsewhere(self) -> list[str]:
        """Addresses outside the app itself."""
        own = (self.app.url, self.app.url.replace("http", "ws", 1), "data:", "blob:", "about:")
        return [address for address in self.asked if not address.startswith(own)]

    def close(self) -> None:
        self.context.close()

    # The ledger

    @property
    def ledger(self) -> Locator:
        return self.page.locator(".ledger")

    def row(self, criterion_id: str) -> Locator:
        return self.page.locator(f'[data-row="{criterion_id}"]')

    def handle(self, name: str) -> Locator:
        return self.page.locator(f'[data-handle="{name}"]')

    def value(self, name: str) -> Locator:
        """The text beside a scale, which can be pressed to type another."""
        return self.page.locator(f'[data-value="{name}"]')

    def ledger_button(self, kind: str, which: str) -> Locator:
        """A switch, a reading, an order, a chip … of the ledger."""
        return self.page.locator(f'[data-{kind}="{which}"]')

    def settled(self) -> Visitor:
        """Wait until nothing is in the hand, nothing unanswered and all is drawn, in the ledger's own style: its sheet comes after its rows."""
        expect(self.ledger).to_have_attribute("data-state", "ready", timeout=PATIENCE_MS)
        expect(self.ledger).to_be_visible(timeout=PATIENCE_MS)
        self.settle()
        return self

    def shown(self) -> Shown:
        """Everything the ledger shows, once what was done has been drawn."""
        return Shown(**self.ledger.evaluate(READ))

    def numbers(self) -> dict[str, str]:
        return self.shown().numbers

    def make_ready(self, name: str) -> None:
        """Go to a handle and wait until its table is here."""
        self.handle(name).scroll_into_view_if_needed()
        self.handle(name).hover()
        expect(self.page.locator(f'[data-handle="{name}"][data-ready="true"]')).to_be_attached(timeout=TABLE_MS)

    def axis(self, name: str) -> tuple[float, float, float, float]:
        """Where a line's axis begins and how wide it is, and where the line is: in pixels of the screen."""
        left, width, x, y = self.handle(name).evaluate(AXIS)
        return left, width, x, y

    def take_up(self, name: str, *, ready: bool = True) -> Hand:
        """Press on a line with the mouse, and keep it in the hand."""
        if ready:
            self.make_ready(name)
        hand = Hand(self, name, *self.axis(name))
        self.page.mouse.move(hand.x, hand.y)
        self.page.mouse.down()
        return hand

    def drag(self, name: str, place: float) -> None:
        """Drag a line to a place of its axis, 0 to 1, and let it go there."""
        hand = self.take_up(name)
        hand.to(place)
        hand.release()

    def press(self, name: str, key: str, times: int = 1) -> None:
        """Move a threshold by a key, as many steps as wanted, and let the app answer."""
        for _ in range(times):
            self.handle(name).press(key)
        self.settled()

    def type_value(self, name: str, text: str) -> None:
        self.value(name).click()
        self.page.locator(f'[data-typing="{name}"]').fill(text)
        self.page.keyboard.press("Enter")


@dataclass
class Hand:
    """A line held with the mouse: where its axis lies on the screen, and where the line is."""

    visitor: Visitor
    name: str
    left: float
    width: float
    x: float
    y: float

    def to(self, place: float, down: float = 0) -> None:
        """Move to a place of the axis, 0 to 1; the mouse may leave the row."""
        self.x = self.left + self.width * place
        self.visitor.page.mouse.move(self.x, self.y + down)

    def release(self) -> None:
        self.visitor.page.mouse.up()
        self.visitor.settled()


AXIS = """line => {
  const axis = line.parentElement.getBoundingClientRect(), own = line.getBoundingClientRect();
  return [axis.left, axis.width, own.left + own.width / 2, own.top + own.height / 2];
}"""


Visit = Callable[..., Visitor]
"""Opens a path of the app for somebody new."""
