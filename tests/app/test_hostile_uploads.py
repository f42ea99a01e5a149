"""Whatever is uploaded, the cohort in use, the scenario and the draft in hand are the very same objects afterwards, unless the file could be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzzing.corpus import kept, recalled
from fuzzing.large import LARGE
from fuzzing.seeds import as_text, wide
from fuzzing.watch import ROOT
from streamlit.testing.v1 import AppTest

from feasibility.ui.data import KINDS_READ

HONEST = as_text(wide()).encode()
MADE = ("a cell in the last corner", "a column that is none", "a header of a million characters", "a header and no line end")
UNNAMEABLE = 200  # no browser sends a longer name


def uploads() -> dict[str, tuple[tuple[str, bytes], ...]]:
    """What once failed, as somebody would upload it; of the large ones those that are made at once."""
    small = {folder.name: recalled(folder) for folder in kept()}
    made = {name: LARGE[name]() for name in MADE}
    return {name: case.files for name, case in (small | made).items() if case.mapping is None and all(0 < len(file) < UNNAMEABLE for file, _ in case.files)}


def _allowed(name: str) -> str:
    """A name that the page lets through."""
    name = name.replace("\x00", "")
    return name if Path(name).suffix.removeprefix(".") in KINDS_READ else f"{name}.csv"


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_file(str(Path(ROOT) / "app.py"), default_timeout=60)
    app.run()
    app.switch_page("pages/data.py").run()
    return app


def test_no_upload_that_once_failed_touches_what_is_loaded(app: AppTest) -> None:
    choose = [("honest.csv", HONEST, "text/csv")]
    app.file_uploader(key="upload files").set_value(choose).run()
    session, draft = app.session_state["session"], app.session_state["draft"]
    cohort, scenario, digest = session.cohort, session.scenario, session.cohort.digest
    refused = 0
    for name, files in uploads().items():
        app.file_uploader(key="upload files").set_value([*choose, *((_allowed(file), data, "text/csv") for file, data in files)]).run()
        assert not app.exception, name
        assert app.session_state["session"] is session, name
        assert session.cohort is cohort, name
        assert session.scenario is scenario, name
        assert session.cohort.digest == digest, name
        if app.session_state["files unreadable"] is not None:
            refused += 1
            assert app.session_state["draft"] is draft, name
            assert app.error, name
        app.file_uploader(key="upload files").set_value(choose).run()
        draft = app.session_state["draft"]
    assert refused > 3
