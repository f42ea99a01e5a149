"""The data page: a file is read only as confirmed, and a broken one never costs the cohort already loaded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from feasibility.intake import write_mapping
from feasibility.protocol import builtin_protocol
from feasibility.ui.draft import Draft, draft_of
from feasibility.ui.session import Session

ROOT = Path(__file__).parents[2]
SMALL = b"""patient_id,sex,birth_date,index_date,hba1c_percent,hba1c_date,uacr,uacr_date,t2dm
a,male,1960-03-01,2026-01-31,7.5,2026-01-10,1400,2026-01-10,yes
b,female,1955-07-12,2026-01-31,9.0,2026-01-12,90,2026-01-12,yes
c,male,1950-11-30,2026-01-31,,,,,no
"""
BROKEN = {
    "empty": b"",
    "a picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 64,
    "only a header": b"patient_id,sex\n",
    "binary": bytes(range(256)) * 8,
    "a long table": b"patient_id,variable,value\na,hba1c,7\n",
}


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    app.run()
    app.switch_page("pages/data.py").run()
    assert not app.exception
    return app


def upload(app: AppTest, data: bytes, name: str = "small.csv") -> None:
    app.file_uploader(key="upload data").set_value((name, data, "text/csv")).run()
    assert not app.exception


def session(app: AppTest) -> Session:
    found = app.session_state["session"]
    assert isinstance(found, Session)
    return found


def answer_unit(app: AppTest, unit: str) -> None:
    box = next(box for box in app.selectbox if box.key and box.key.startswith("answer") and "uacr" in box.key)
    box.select(unit).run()


def test_a_small_file_is_read_as_confirmed_and_used(app: AppTest) -> None:
    upload(app, SMALL)
    answer_unit(app, "mg/g")
    app.button(key="read draft").click().run()
    assert session(app).cohort.patients == 2000, "the cohort in use stays until the new one is chosen"
    app.button(key="use draft").click().run()
    assert not app.exception
    cohort = session(app).cohort
    assert (cohort.patients, cohort.name, cohort.synthetic) == (3, "small.csv", False)
    assert {"hba1c", "uacr", "t2dm", "age"} <= set(cohort.records)
    app.switch_page("pages/workbench.py").run()
    assert not app.exception
    assert app.metric[0].value == str(session(app).overview.tally.eligible)


def test_a_unit_the_file_does_not_give_is_asked_for_and_unanswered_the_column_is_not_used(app: AppTest) -> None:
    upload(app, SMALL)
    assert any("unit" in text.value for text in app.markdown)
    app.button(key="read draft").click().run()
    app.button(key="use draft").click().run()
    assert "uacr" not in session(app).cohort.records
    assert any(problem.severity == "error" and "uacr" in problem.where for problem in session(app).cohort.report.problems)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_gives_a_message_and_the_cohort_stays(app: AppTest, name: str) -> None:
    before = session(app).cohort
    upload(app, BROKEN[name])
    assert len(app.error) == 1
    assert session(app).cohort is before
    assert app.subheader[0].value.startswith("Loaded: Sample clinic")


def test_what_was_begun_is_still_there_after_another_page_was_looked_at(app: AppTest) -> None:
    upload(app, SMALL)
    answer_unit(app, "mg/g")
    app.switch_page("pages/workbench.py").run()
    app.switch_page("pages/data.py").run()
    app.button(key="read draft").click().run()
    app.button(key="use draft").click().run()
    assert "uacr" in session(app).cohort.records
    app.button(key="put away").click().run()
    assert not app.exception
    assert "draft" not in app.session_state


def test_a_file_without_patients_gives_a_message_when_read(app: AppTest) -> None:
    upload(app, b"age,hba1c_percent\n60,7\n")
    app.button(key="read draft").click().run()
    assert not app.exception
    assert "identifies the patients" in app.error[0].value
    assert session(app).cohort.patients == 2000


def test_names_in_a_file_are_shown_as_text(app: AppTest) -> None:
    upload(app, SMALL, "**bold** <b>x</b> [l](http:y).csv")
    app.button(key="read draft").click().run()
    app.button(key="use draft").click().run()
    heading = app.subheader[0].value
    assert "**" not in heading
    assert "<b>" not in heading
    assert "](" not in heading


def test_one_index_date_for_all_and_another_meaning_for_a_column(app: AppTest) -> None:
    upload(app, SMALL.replace(b"index_date", b"seen_on"))
    app.radio(key="index kind").set_value("one date for all").run()
    app.selectbox(key="column to change").select("t2dm").run()
    app.selectbox(key="means t2dm").select("t1dm").run()
    app.button(key="read draft").click().run()
    app.button(key="use draft").click().run()
    records = session(app).cohort.records
    assert "t1dm" in records
    assert "t2dm" not in records
    assert "age" in records


def test_a_synthetic_cohort_is_made_on_demand(app: AppTest) -> None:
    app.button(key="synthetic 50000").click().run(timeout=60)
    assert not app.exception
    assert (session(app).cohort.patients, session(app).cohort.synthetic) == (50_000, True)


# The draft by itself


def draft(data: bytes = SMALL) -> Draft:
    return draft_of(("small.csv", data), None, None)


def test_rows_not_to_be_used_count_as_set_aside() -> None:
    chosen = draft()
    chosen.set_keep({"t2dm": ("yes",)})
    chosen.read(builtin_protocol())
    assert chosen.cohort is not None
    report = chosen.cohort.report
    assert (report.rows_read, report.rows_used, report.rows_set_aside) == (3, 2, 1)
    assert list(chosen.cohort.ids) == ["a", "b"]


def test_a_preview_says_what_becomes_of_real_values() -> None:
    chosen = draft(SMALL.replace(b"9.0", b"<4"))
    assert chosen.preview("hba1c_percent") == [("7.5", "hba1c", 7.5, 7.5), ("<4", "hba1c", 0.0, pytest.approx(4.0))]


def test_a_mapping_file_speaks_before_what_was_suggested() -> None:
    chosen = draft()
    unit = next(question for question in chosen.suggestion.questions if question.column == "uacr")
    chosen.answer(unit, replace(chosen.mapping.use("uacr"), unit="mg/g"))
    text = write_mapping(chosen.mapping)
    other = draft()
    other.use_mapping_file(text, "mapping.toml")
    assert not other.suggestion.questions
    assert other.mapping == chosen.mapping


def test_the_controls_show_a_mapping_that_was_loaded(app: AppTest) -> None:
    upload(app, SMALL)
    app.selectbox(key="patient column").select("sex").run()
    text = write_mapping(draft().mapping)
    app.file_uploader(key="upload mapping").set_value(("mapping.toml", text.encode(), "application/toml")).run()
    assert not app.exception
    assert app.session_state["draft"].mapping.patient == "patient_id"
