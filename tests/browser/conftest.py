from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from browser.app_server import ROOT, App, Browser, Visit, Visitor, chromium_path, running_app, running_browser
from browser.expected import Core

from feasibility.intake import load_cohort
from feasibility.protocol import builtin_protocol
from feasibility.results.overview import Workbench

COMPLAINT = re.compile(r"deprecat|Traceback|warning|error|exception", re.IGNORECASE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if chromium_path() is None:
        why = "there is no Chromium on this machine (Debian: apt-get install chromium): nothing was looked at in a browser"
        if os.environ.get("CI"):
            pytest.fail(why, pytrace=False)
        pytest.skip(why)
    with running_browser() as running:
        yield running


@pytest.fixture(scope="session")
def app(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One server for all tests; when all is done to it that is done, it may have had nothing to complain of."""
    with running_app(tmp_path_factory.mktemp("server") / "log.txt") as running:
        yield running
        complaints = [line for line in running.said().splitlines() if COMPLAINT.search(line)]
        assert not complaints, "the server complained:\n" + "\n".join(complaints)


@pytest.fixture
def visit(browser: Browser, app: App) -> Iterator[Visit]:
    """Opens the app for somebody new, who is seen off at the end: nobody's browser may have asked for anything elsewhere."""
    visitors: list[Visitor] = []

    def arrive(path: str = "/", **options: Any) -> Visitor:
        visitors.append(Visitor(browser, app, **options))
        return visitors[-1].open(path)

    yield arrive
    elsewhere = [address for visitor in visitors for address in visitor.asked_elsewhere()]
    for visitor in visitors:
        visitor.close()
    assert elsewhere == []


@pytest.fixture(scope="session")
def regular(browser: Browser, app: App) -> Iterator[Visitor]:
    visitor = Visitor(browser, app)
    yield visitor
    elsewhere = visitor.asked_elsewhere()
    visitor.close()
    assert elsewhere == []


@pytest.fixture
def visitor(regular: Visitor) -> Visitor:
    """Somebody who has the app open as written, and nothing in the hand: the browser is the same from test to test, the session is not."""
    regular.page.mouse.up()
    regular.page.mouse.move(640, 2)
    return regular.open().settled()


@pytest.fixture(scope="session")
def core() -> Core:
    """What the app should show, without the app."""
    return Core(Workbench(load_cohort("dkd_wide.csv", ROOT / "sample_data" / "dkd_wide.csv"), builtin_protocol()))
