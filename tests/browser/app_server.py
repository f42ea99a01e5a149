"""The app as its users start it, on a port of its own; and the browser to look at it with."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, BrowserContext, Locator, Page, WebSocket, expect, sync_playwright
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 10
PATIENCE_MS = 60_000
VIEWPORT = {"width": 1280, "height": 720}  # a projector
FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync".split()


@dataclass(frozen=True)
class App:
    """A running server: where it answers and what it wrote so far."""

    url: str
    log: Path

    def said(self) -> str:
        return self.log.read_text(errors="replace")


@contextmanager
def running_app(log: Path) -> Iterator[App]:
    """The app until the end of the block; its own process is stopped, whatever happened."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true", "--server.port", str(port)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
    with log.open("w") as output:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        app = App(f"http://{HOST}:{port}", log)
        try:
            _wait_until_healthy(app, server)
            yield app
        finally:
            server.terminate()
            try:
                server.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait_until_healthy(app: App, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
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
    """Somebody with a browser of their own; every address their browser asks for is kept."""

    def __init__(self, browser: Browser, app: App, color_scheme: str = "light") -> None:
        self.app = app
        self.asked: list[str] = []
        self.runs_done = 0
        self.context: BrowserContext = browser.new_context(viewport=VIEWPORT, color_scheme=color_scheme, accept_downloads=True)
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.on("request", lambda request: self.asked.append(request.url))
        self.page: Page = self.context.new_page()
        self.page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        self.asked.append(socket.url)
        socket.on("framereceived", self._hear)

    def _hear(self, frame: bytes | str) -> None:
        if isinstance(frame, bytes):
            message = ForwardMsg.FromString(frame)
            self.runs_done += message.WhichOneof("type") == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY

    def open(self, path: str = "/") -> Visitor:
        self.after(lambda: self.page.goto(self.app.url + path))
        return self

    def after(self, action: Callable[[], object]) -> None:
        """Do something that the app answers, and wait for its answer."""
        before = self.runs_done
        action()
        assert self.wait_until(lambda: self.runs_done > before), f"the app did not answer:\n{self.app.said()}"
        self.settle()

    def wait_until(self, holds: Callable[[], bool]) -> bool:
        """Whether it came to hold before patience ran out."""
        until = time.monotonic() + PATIENCE_MS / 1000
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

    def choose_file(self, path: Path) -> None:
        """Turn to the data page and give a file of patients."""
        self.turn_to("Data")
        self.after(lambda: self.part("upload data").locator('input[type="file"]').set_input_files(path))

    def use_file(self) -> None:
        """Read the file chosen with the mapping as it stands, and go to the workbench with it."""
        for key in ("read draft", "use draft"):
            self.after(self.part(key).get_by_role("button").click)
        self.turn_to("Workbench")

    def choose(self, within: Locator, option: str) -> None:
        """Choose from the one list in a part of the page."""
        box = within.get_by_role("combobox")
        box.focus()  # first, because a list that scrolls into view as it opens closes again
        self.page.wait_for_timeout(200)
        box.press("ArrowDown")
        self.after(self.page.get_by_role("option", name=option, exact=True).click)

    def part(self, key: str) -> Locator:
        """What the app gave a key."""
        return self.page.locator(".st-key-" + "".join(each if each.isalnum() or each in "-_" else "-" for each in key))

    def headline(self, which: str) -> Locator:
        return self.part(f"headline {which}")

    def press(self, parameter: str, key: str, times: int = 1) -> None:
        """Move a threshold by a key, as many steps as wanted."""
        thumb = self.part(f"value {parameter}").get_by_role("slider")
        for _ in range(times):
            self.after(lambda: thumb.press(key))

    def asked_elsewhere(self) -> list[str]:
        """Addresses outside the app itself."""
        own = (self.app.url, self.app.url.replace("http", "ws", 1), "data:", "blob:", "about:")
        return [address for address in self.asked if not address.startswith(own)]

    def close(self) -> None:
        self.context.close()


Visit = Callable[..., Visitor]
"""Opens a path of the app for somebody new."""
