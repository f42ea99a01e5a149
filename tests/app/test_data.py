"""The data page: a file is read only as confirmed, and a broken one never costs the cohort already loaded."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from spec.reading import read_table
from spec.tables import by_name
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Element

from feasibility import wording
from feasibility.intake import About, Weight, meanings, write_mapping
from feasibility.intake.mapping import UNUSED
from feasibility.problems import Unusable
from feasibility.protocol import builtin_protocol
from feasibility.ui.days import last_day
from feasibility.ui.draft import Draft, Entry, Sure, draft_of
from feasibility.ui.one_column import recoded
from feasibility.ui.session import Session
from feasibility.variables import Kind, builtin_catalogue

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
}


EVENTS = b"patient_id,event,start\na,heart_failure,2025-05-01\nb,cardiac arrest of some sort,2024-02-01\n"
MEASUREMENTS = b"""patient_id,variable,value,unit,date
a,HbA1c,7.5,%,2026-01-10
a,glyco,8.5,%,2026-01-11
b,glyco,9,%,2026-01-12
c,glyco,75,mmol/mol,2026-01-12
a,hepB,1,,2026-01-10
b,hepB,2,,2026-01-10
c,hepB,9,,2026-01-10
"""


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    app.run()
    app.switch_page("pages/data.py").run()
    assert not app.exception
    return app


def upload(app: AppTest, data: bytes, name: str = "small.csv", beside: Sequence[tuple[str, bytes]] = ()) -> None:
    """A file, beside others that are chosen already."""
    app.file_uploader(key="upload files").set_value([(each, held, "text/csv") for each, held in (*beside, (name, data))]).run()
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
    assert json.loads(app.get("bidi_component")[0].proto.json)["headline"][0]["value"] == str(session(app).overview.tally.eligible)


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


def test_a_broken_file_beside_one_in_hand_gives_a_message_and_the_answers_stay(app: AppTest) -> None:
    upload(app, SMALL)
    answer_unit(app, "mg/g")
    upload(app, b"\x89PNG\r\n\x1a\n", "events.csv", [("small.csv", SMALL)])
    assert "PNG" in app.error[0].value
    assert app.session_state["draft"].mapping.use("uacr").unit == "mg/g"
    app.button(key="read draft").click().run()
    assert "uacr" in app.session_state["draft"].cohort.records
    upload(app, EVENTS, "events.csv", [("small.csv", SMALL)])
    assert not app.error
    assert app.session_state["draft"].mapping.use("uacr").unit == "mg/g"
    app.button(key="read draft").click().run()
    app.button(key="use draft").click().run()
    assert {"uacr", "heart_failure"} <= set(session(app).cohort.records)


def test_a_file_added_after_another_page_was_looked_at_joins_those_in_hand(app: AppTest) -> None:
    upload(app, SMALL)
    answer_unit(app, "mg/g")
    app.switch_page("pages/workbench.py").run()
    app.switch_page("pages/data.py").run()
    upload(app, EVENTS, "events.csv")
    app.button(key="read draft").click().run()
    app.button(key="use draft").click().run()
    assert {"uacr", "heart_failure", "hba1c"} <= set(session(app).cohort.records)


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


def test_one_index_date_for_all_begins_as_the_last_day_recorded_and_never_in_the_future(app: AppTest) -> None:
    upload(app, b"patient_id,birth_date,hba1c,hba1c_date,af_date\na,1960-01-01,7.5,2025-11-03,2026-02-01\nb,1970-01-01,8,2025-12-24,2099-12-31\n")
    app.radio(key="index kind").set_value("one date for all").run()
    assert app.date_input[0].value == date(2026, 2, 1)
    long = (b"patient_id,variable,value,date\na,hba1c,7.5,03.11.2025\nb,hba1c,8,24.12.2025\n", b"patient_id,event,start\na,af,2026-03-05\n")
    assert last_day(draft(long[0], "labs.csv"), date(2026, 11, 29)) == date(2025, 12, 24)
    assert last_day(draft(long[1], "events.csv"), date(2026, 11, 29)) == date(2026, 3, 5)
    assert last_day(draft(long[1], "events.csv"), date(2026, 3, 4)) is None
    assert last_day(draft(b"patient_id,age,birth_date\na,60,1960-01-01\n"), date(2026, 11, 29)) is None


LABS = b"patient_id,index_date,Labordatum,drawn,visit,hba1c_percent,potassium\na,2026-01-31,2026-01-20,2026-01-10,first,7.5,5\n"


def test_the_date_of_all_laboratory_values_is_a_meaning_like_any_other(app: AppTest) -> None:
    upload(app, LABS)
    chosen: Draft = app.session_state["draft"]
    entry, other = Entry("data", "Labordatum"), Entry("data", "drawn")
    assert wording.use_of(chosen.catalogue, chosen.use(entry)) == "Date of all laboratory values"
    assert chosen.sure(entry) is Sure.WRITTEN
    choose(app, "Labordatum", "")
    choose(app, "drawn", "lab_date")
    assert chosen.sure(other) is Sure.CHOSEN
    app.button(key="read draft").click().run()
    app.button(key="use draft").click().run()
    assert not app.exception
    times = session(app).cohort.records["hba1c"].times
    assert times is not None
    assert list(times.days_lo) == [21]


def test_after_a_change_it_is_said_that_what_is_loaded_was_read_before_it(app: AppTest) -> None:
    def said() -> bool:
        assert not app.exception
        return any(wording.LOADED_BEFORE in each.value for each in app.caption)

    upload(app, SMALL)
    answer_unit(app, "mg/g")
    assert not said(), "nothing of these files is loaded"
    app.button(key="use draft").click().run()
    assert not said()
    choose(app, "t2dm", "")
    assert said()
    app.button(key="read draft").click().run()
    assert said(), "read, but not used"
    app.button(key="use draft").click().run()
    assert not said()
    upload(app, SMALL, beside=[("events.csv", EVENTS)])
    assert said()
    app.button(key="synthetic 2000").click().run()
    assert not said(), "what is loaded is of other files"


def test_a_synthetic_cohort_is_made_on_demand(app: AppTest) -> None:
    app.button(key="synthetic 50000").click().run(timeout=60)
    assert not app.exception
    assert (session(app).cohort.patients, session(app).cohort.synthetic) == (50_000, True)


def keyed(found: Iterable[Element], beginning: str) -> str:
    """The key of a control, whatever number its mapping has come to."""
    return next(each.key for each in found if each.key and each.key.startswith(beginning))


def choose(app: AppTest, entry: str, variable: str) -> None:
    """Another meaning for a column or name."""
    app.selectbox(key=keyed(app.selectbox, "column to change")).select(entry).run()
    app.selectbox(key=keyed(app.selectbox, f"means {entry}")).select(variable).run()
    assert not app.exception


# The draft by itself


def draft(data: bytes = SMALL, name: str = "small.csv") -> Draft:
    return draft_of([read_table(name, data)])


def test_only_a_column_of_dates_is_the_day_of_others() -> None:
    chosen = draft(LABS)
    assert [chosen.can_mean(Entry("data", name), "lab_date") for name in ("Labordatum", "drawn", "visit", "potassium")] == [True, True, False, False]
    assert chosen.can_mean(Entry("data", "visit"), "hba1c")
    long = draft(MEASUREMENTS, "labs.csv")
    assert not long.can_mean(Entry("measurements", "glyco"), "lab_date")


def test_a_saved_mapping_brings_the_date_of_all_laboratory_values_back() -> None:
    first, second = draft(LABS), draft(LABS)
    first.choose(Entry("data", "Labordatum"), "")
    first.choose(Entry("data", "drawn"), "lab_date")
    second.use_mapping_file(first.saved(), "mapping.toml")
    assert [second.use(Entry("data", name)).variables for name in ("Labordatum", "drawn")] == [(), ("lab_date",)]
    assert not second.changed


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
    assert chosen.preview(Entry("data", "hba1c_percent")) == [("7.5", "hba1c", 7.5, 7.5), ("<4", "hba1c", 0.0, pytest.approx(4.0))]


def test_a_preview_reads_each_row_of_a_further_table_in_its_own_unit() -> None:
    labs = b"patient_id,creatinine,unit\na,176.8,umol/L\nb,2,mg/dL\n"
    chosen = draft_of([read_table("small.csv", SMALL), read_table("labs.csv", labs)])
    creatinine = [("176.8 umol/L", "creatinine", 2.0, 2.0), ("2 mg/dL", "creatinine", 2.0, 2.0)]
    assert chosen.preview(Entry("data", "creatinine")) == creatinine
    chosen.choose(Entry("data", "creatinine"), "")
    chosen.choose(Entry("data", "creatinine"), "creatinine")
    assert not chosen.open_questions(Entry("data", "creatinine"))
    assert chosen.preview(Entry("data", "creatinine")) == creatinine


def test_where_each_row_says_its_unit_the_table_says_so(app: AppTest) -> None:
    upload(app, MEASUREMENTS, "labs.csv", [("small.csv", SMALL)])
    shown = next(each.value for each in app.data_editor if "Becomes" in each.value.columns)
    units = dict(zip(shown["Column"], shown["Unit"], strict=True))
    assert units["HbA1c (measurements)"] == "by row"
    assert (units["hba1c_percent"], units["sex"], units["hepB (measurements)"]) == ("%", "–", "–")


def test_what_is_answered_as_proposed_is_no_longer_lacking() -> None:
    chosen = draft(b"PatNr;Alter;T2DM (Akte)\n1;60;ja\n2;70;nein\n3;55;ja\n")

    def lacks() -> bool:
        screening = chosen.foreseen(builtin_protocol())
        assert screening is not None
        return "t2dm" in screening.assessments["I2"].absent

    assert lacks()
    (question,) = chosen.suggestion.questions
    assert question.proposed is not None
    chosen.answer(question, question.proposed)
    assert not lacks()


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


def test_what_was_decided_of_the_old_files_holds_for_the_new_and_what_is_open_is_asked_again() -> None:
    before = draft()
    before.set_use(Entry("data", "t2dm"), UNUSED)
    before.set_patient("sex")
    before.set_index_date(None)
    after = draft_of([read_table("corrected.csv", SMALL.replace(b"hba1c_percent", b"a1c"))], before=before)
    assert after.mapping.use("t2dm") == UNUSED
    assert (after.mapping.patient, after.mapping.index_date) == ("sex", None)
    assert after.mapping.use("a1c").variables == ("hba1c",), "a column that the old file did not have means what the new one suggests"
    assert [question.column for question in after.suggestion.questions if question.weight is Weight.MUST] == ["uacr"]


def test_of_two_questions_about_a_column_the_one_left_open_is_asked_again() -> None:
    ages = [80] * 5 + [79, 50, 999, 999]
    before = draft(b"patient_id,age\n" + b"".join(b"%d,%d\n" % row for row in enumerate(ages)))
    asked = before.suggestion.questions
    assert [question.about for question in asked] == [About.CENSORED, About.SENTINELS]
    before.answer(asked[0], replace(before.mapping.use("age"), censored_at=80.0))
    assert before.tables.data is not None
    after = draft_of([before.tables.data], before=before)
    assert after.suggestion.questions == asked[1:]
    assert after.mapping.use("age").censored_at == 80


def test_a_status_left_open_is_asked_again_and_one_answered_is_not() -> None:
    rows = b"patient_id,event,start,status\na,heart_failure,2025-05-01,1\nb,heart_failure,2024-02-01,2\n"
    before = draft_of([read_table("events.csv", rows)])
    (question,) = before.suggestion.questions
    assert before.tables.events is not None
    tables = [before.tables.events]
    assert draft_of(tables, before=before).suggestion.questions == (question,)
    assert question.proposed is not None
    before.answer(question, question.proposed)
    after = draft_of(tables, before=before)
    assert not after.suggestion.questions
    assert after.mapping == before.mapping
    other = draft_of([read_table("events.csv", rows.replace(b"event,", b"diagnosis,"))], before=after)
    assert [each.column for each in other.suggestion.questions] == ["status"], "a table of another shape is asked about anew"


def test_a_file_chosen_twice_is_two_tables_with_names_of_their_own(app: AppTest) -> None:
    upload(app, SMALL, beside=[("small.csv", SMALL), ("small.csv", SMALL)])
    assert [table.name for table in app.session_state["draft"].found] == ["small.csv", "small.csv (2)", "small.csv (3)"]
    role = next(box for box in app.selectbox if box.label.startswith("small.csv (2)"))
    role.select("left out").run()
    assert not app.exception
    assert [app.session_state["draft"].role(table) for table in app.session_state["draft"].found] == ["data", "left out", "data"]


@pytest.mark.parametrize(
    ("labs", "codes"),
    [
        ("Pat-Nr;Datum;Laborwert;Wert;Einheit", "Pat-Nr;Datum;ICD-10"),
        ("Pat-Nr;Abnahmedatum;Parameter;Ergebnis;Einheit", "Pat-Nr;Diagnosedatum;Diagnose"),
        ("Identifiant;Date de prélèvement;Analyse;Résultat;Unité", "Identifiant;Date;Code CIM"),
        ("ID paciente;Fecha;Determinación;Resultado;Unidad", "ID paciente;Fecha;CIE10"),
        ("ID paziente;Data prelievo;Analita;Risultato;Unità", "ID paziente;Date;Codice ICD"),
    ],
)
def test_long_tables_are_known_by_their_headers_in_the_languages_of_hospitals(labs: str, codes: str) -> None:
    patient = labs.partition(";")[0]
    people = read_table("people.csv", f"{patient};sex\n1;m\n2;f\n".encode())
    measured = read_table("labs.csv", f"{labs}\n1;2025-05-01;HbA1c;7.5;%\n2;2025-05-02;HbA1c;8;%\n".encode())
    coded = read_table("codes.csv", f"{codes}\n1;2025-05-01;E11.9\n2;2025-05-01;I50.1\n".encode())
    found = draft_of([people, measured, coded])
    use, events = found.mapping.measurements, found.mapping.events
    assert use is not None
    assert events is not None
    assert [use.patient, use.date, use.name, use.value, use.unit] == labs.split(";")
    assert [events.patient, events.date, events.name] == codes.split(";")
    assert use.names["HbA1c"].variables == ("hba1c",)
    assert events.names["E11.9"].variables == ("t2dm",)


def test_columns_chosen_for_one_long_table_stay_when_another_file_is_said_to_be_one() -> None:
    """No header tells what is measured: once chosen, the names of the first table stay, with what was decided of them."""
    people = read_table("people.csv", b"Pat;sex\n1;m\n2;f\n")
    labs = read_table("labs.csv", b"Pat;Tag;Was;Zahl\n1;2025-05-01;HbA1c;7.5\n2;2025-05-01;HbA1c;8\n2;2025-05-01;Kalium;4\n2;2025-05-01;Quick;90\n")
    codes = read_table("codes.csv", b"Pat;Tag;Kode\n1;2025-05-01;E11.9\n2;2025-05-01;I50.1\n")
    before = draft_of([people, labs, codes], {"labs.csv": "measurements"})
    assert before.mapping.measurements is not None
    before.set_columns("measurements", replace(before.mapping.measurements, patient="Pat", name="Was", value="Zahl", date="Tag"))
    before.set_use(Entry("measurements", "Kalium"), UNUSED)
    after = draft_of([people, labs, codes], {"labs.csv": "measurements", "codes.csv": "events"}, before)
    assert after.mapping.measurements is not None
    names = after.mapping.measurements.names
    assert (names["HbA1c"].variables, names["Kalium"].variables) == (("hba1c",), ())
    assert [(each.table, each.column) for each in after.suggestion.questions] == [(each.table, each.column) for each in before.suggestion.questions]
    assert replace(after.mapping.measurements, names={}) == replace(before.mapping.measurements, names={})


def test_one_column_cannot_say_two_things_of_a_long_table() -> None:
    labs = read_table("labs.csv", b"Pat;Tag;Was;Zahl\n1;2025-05-01;HbA1c;7.5\n")
    chosen = draft_of([labs], {"labs.csv": "measurements"})
    assert chosen.mapping.measurements is not None
    for twice in ({"name": "Was", "value": "Was"}, {"name": "Zahl", "value": "Zahl"}, {"name": "Was", "value": "Zahl", "date": "Zahl"}):
        chosen.set_columns("measurements", replace(chosen.mapping.measurements, **{"patient": "Pat", "date": None, **twice}))
        assert chosen.foreseen(builtin_protocol()) is None
        with pytest.raises(Unusable, match="cannot say two things"):
            chosen.read(builtin_protocol())


def test_names_in_long_tables_are_given_a_meaning_as_columns_are(app: AppTest) -> None:
    upload(app, EVENTS, "events.csv", [("labs.csv", MEASUREMENTS)])
    choose(app, "glyco (measurements)", "hba1c")
    assert any("75 mmol/mol" in caption.value and "9.01" in caption.value for caption in app.caption)
    choose(app, "cardiac arrest of some sort (events)", "heart_failure")
    app.radio(key=keyed(app.radio, "index kind")).set_value("one date for all").run()
    app.button(key="read draft").click().run()
    assert not app.exception
    app.button(key="use draft").click().run()
    cohort = session(app).cohort
    assert len(cohort.records["hba1c"].fields["hba1c"]) == 4
    assert cohort.records["heart_failure"].fields["heart_failure"].lo.tolist() == [1, 1]


STRANGE = b"case_holder,what,how_much,of,on\na,HbA1c,7.5,%,2026-01-10\nb,HbA1c,9.5,%,2026-01-12\n"


def reloaded(chosen: Draft) -> Draft:
    """The same files with the mapping that was saved of them."""
    again = draft_of(chosen.found)
    again.use_mapping_file(chosen.saved(), "saved.toml")
    return again


def test_yes_to_all_answers_every_proposal_but_a_likeness() -> None:
    cells = [*(f"{1 + row / 10:.1f}" for row in range(30)), *["99"] * 8]
    rows = "".join(f"{row},{cell},{row % 2 + 1},{'hm'[row % 2]},{60 + row % 10}\n" for row, cell in enumerate(cells))
    chosen = draft(f"patient_id,triglycerides,t2dm,gendr,age\n{rows}".encode())
    asked = {(each.column, each.about) for each in chosen.suggestion.questions}
    assert {("triglycerides", About.UNIT), ("triglycerides", About.SENTINELS), ("t2dm", About.CODING), ("gendr", About.VARIABLE)} <= asked
    assert chosen.to_agree
    chosen.answer_as_proposed()
    assert not chosen.to_agree, "there is nothing more to say yes to at once"
    assert {(each.column, each.about) for each in chosen.suggestion.questions if each.proposed is not None} == {
        ("gendr", About.VARIABLE)
    }
    assert (chosen.mapping.use("triglycerides").unit, chosen.mapping.use("triglycerides").sentinels) == ("mmol/L", ("99",))
    assert chosen.mapping.use("t2dm").coding == {"1": "yes", "2": "no"}


def test_what_saying_yes_to_all_answers() -> None:
    assert wording.yes_to_all(2, 2) == "Answers 2 of 2 questions as proposed."
    assert wording.yes_to_all(1, 2).startswith("Answers 1 of 2 questions as proposed. The others")


def test_saving_answers_nothing_that_is_still_open() -> None:
    rows = b"".join(b"%d,%d,%d\n" % (row, 80 + row, row % 2 + 1) for row in range(12))
    before = draft(b"patient_id,max_creatinine_umol_l,sexe_du_pat\n" + rows)
    asked = [(each.column, each.about) for each in before.suggestion.questions if each.weight is Weight.MUST]
    assert asked
    again = reloaded(before)
    assert [(each.column, each.about) for each in again.suggestion.questions if each.weight is Weight.MUST] == asked
    for question in before.suggestion.questions:
        before.refuse(question)
    assert not reloaded(before).suggestion.questions


UNSAID = b"patient_id,Besuch,Reise,hba1c (%)\na,2026-01-20,2026-01-10,7\nb,2026-01-21,,8\n"


def test_whether_a_date_is_that_of_the_laboratory_is_answered_by_itself_and_saving_leaves_it_open() -> None:
    chosen = draft(UNSAID)
    chosen.answer_as_proposed()
    assert not chosen.to_agree
    assert [each.column for each in chosen.suggestion.questions] == ["Besuch", "Reise"]
    assert [each.column for each in reloaded(chosen).suggestion.questions] == ["Besuch", "Reise"]
    chosen.refuse(chosen.suggestion.questions[0])
    assert [each.column for each in chosen.suggestion.questions] == ["Reise"]
    assert [each.column for each in reloaded(chosen).suggestion.questions] == ["Reise"]
    assert [each.column for each in draft_of(chosen.found, before=chosen).suggestion.questions] == ["Reise"], "also beside other files"
    question = chosen.suggestion.questions[0]
    assert question.proposed is not None
    chosen.answer(question, question.proposed)
    assert not chosen.suggestion.questions
    assert chosen.mapping.use("Reise").variables == reloaded(chosen).mapping.use("Reise").variables == ("lab_date",)


def test_such_a_date_is_answered_for_on_the_page(app: AppTest) -> None:
    upload(app, UNSAID)
    assert any("Does 'Besuch' say when these were taken: HbA1c?" in each.value for each in app.markdown)
    app.button(key="yes 0").click().run()
    assert app.session_state["draft"].mapping.use("Besuch").variables == ("lab_date",)
    assert not any("when these were taken" in each.value for each in app.markdown)


def test_saving_leaves_the_status_of_events_open() -> None:
    events = draft_of([read_table("events.csv", b"patient_id,event,start,status\na,heart_failure,2025-05-01,1\nb,heart_failure,2024-02-01,2\n")])
    (question,) = events.suggestion.questions
    assert [each.column for each in reloaded(events).suggestion.questions] == [question.column]
    assert question.proposed is not None
    events.answer(question, question.proposed)
    assert not reloaded(events).suggestion.questions
    assert reloaded(events).mapping.events == events.mapping.events


def test_a_unit_confirmed_against_its_values_stays_confirmed_and_another_does_not() -> None:
    cells = b"".join(b"%d,%d,%d.5\n" % (row, 80 + row, 6 + row % 3) for row in range(12))
    before = draft(b"patient_id,creatinine (mg/dL),hba1c\n" + cells)
    (doubted, *_) = (each for each in before.suggestion.questions if each.weight is Weight.MUST)
    before.answer(doubted, replace(before.mapping.use("creatinine (mg/dL)"), unit="mg/dL"))
    before.answer_as_proposed()
    again = reloaded(before)
    assert not [each for each in again.suggestion.questions if each.weight is Weight.MUST]
    assert "unit" in again.mapping.use("creatinine (mg/dL)").confirmed
    assert "unit" not in again.mapping.use("hba1c").confirmed  # the values of next month may speak against it


def test_other_columns_for_a_long_table_leave_what_was_decided_of_it() -> None:
    rows = b"patient_id,event,start,stop,biopsy_dx,status\na,kidney_biopsy,2020-01-01,2020-01-02,1,1\nb,af,2021-01-01,,2,2\nc,stroke,2021-01-01,,3,1\n"
    events = draft_of([read_table("events.csv", rows)])
    events.choose(Entry("events", "af"), "")
    for question in [each for each in events.suggestion.questions if each.column == "status"]:
        assert question.proposed is not None
        events.answer(question, question.proposed)
    for question in [each for each in events.suggestion.questions if each.column == "biopsy_dx"]:
        events.answer(question, replace(events.use(Entry("events", "biopsy_dx")), coding={"1": "DN", "2": "NDRD", "3": "mixed"}))
    before = events.mapping.events
    assert before is not None
    events.set_columns("events", replace(before, end=None))
    after = events.mapping.events
    assert after is not None
    assert (after.end, after.status_coding) == (None, before.status_coding)
    assert not after.names["af"].variables
    assert after.fields["biopsy_dx"].coding == before.fields["biopsy_dx"].coding
    assert not [each for each in events.suggestion.questions if each.column in ("status", "biopsy_dx", "af")]


def test_codes_in_a_long_table_stand_with_their_rows_and_what_the_table_says_of_them() -> None:
    rows = b"patient_id,code,what,date\na,195662009,Acute viral pharyngitis,2020-01-01\nb,195662009,Acute viral pharyngitis,2021-01-01\n"
    rows += b"b,44054006,Type 2 diabetes,\n"
    coded = draft_of([read_table("conditions.csv", rows)], {"conditions.csv": "events"})
    assert coded.examples(Entry("events", "195662009")) == ["2 rows", "Acute viral pharyngitis"]
    assert coded.examples(Entry("events", "44054006")) == ["1 row", "Type 2 diabetes"]
    of_two_minds = draft_of([read_table("conditions.csv", rows.replace(b"pharyngitis,2021", b"cold,2021"))])
    assert of_two_minds.examples(Entry("events", "195662009")) == ["2 rows"]


def test_the_columns_of_a_long_table_are_chosen_where_their_headers_do_not_tell_them(app: AppTest) -> None:
    people = b"case_holder,index_date\na,2026-01-31\nb,2026-01-31\n"
    before = session(app).cohort
    upload(app, STRANGE, "strange.csv", [("people.csv", people)])
    for _ in range(2):  # nobody is told in either by a header that is known
        left = next(box for box in app.selectbox if box.label.startswith(("people.csv", "strange.csv")) and box.value == "left out")
        left.select("measurements" if left.label.startswith("strange") else "data").run()
    app.selectbox(key=next(box.key for box in app.selectbox if box.label == "Patient identifier" and box.key)).select("case_holder").run()
    app.button(key="use draft").click().run()
    assert session(app).cohort is before  # what each column holds is not known
    assert any("a column 'variable', a column 'value'. Say which they are on the Data page" in error.value for error in app.error)
    for label, column in {"The patient": "case_holder", "What is measured": "what", "The value": "how_much", "Its unit": "of", "The day": "on"}.items():
        next(box for box in app.selectbox if box.label == label).select(column).run()
        assert not app.exception
    app.button(key="use draft").click().run()
    assert not app.exception
    assert session(app).cohort is not before
    assert session(app).cohort.records["hba1c"].fields["hba1c"].lo.tolist() == [7.5, 9.5]


def test_codes_of_a_variable_chosen_by_hand_are_asked_about_with_a_proposal(app: AppTest) -> None:
    codes = SMALL.replace(b"t2dm", b"DIQ_X").replace(b",yes\n", b",1.0\n").replace(b",no\n", b",2.0\n")
    upload(app, codes)
    choose(app, "DIQ_X", "t2dm")
    assert app.session_state["draft"].mapping.use("DIQ_X").coding == {}
    app.button(key="yes here 0").click().run()
    assert app.session_state["draft"].mapping.use("DIQ_X").coding == {"1": "yes", "2": "no"}, "and the editor, which is open, leaves it so"
    assert not app.exception


def coded(app: AppTest, column: str) -> dict[str, str]:
    """What the table of a column's codes says of each."""
    app.selectbox(key=keyed(app.selectbox, "column to change")).select(column).run()
    assert not app.exception
    shown = next(each.value for each in app.data_editor if list(each.value.columns) == ["Written", "Means"])
    return dict(zip(shown["Written"], shown["Means"], strict=True))


def test_a_code_stands_once_with_what_it_is_read_as_or_to_be_answered(app: AppTest) -> None:
    upload(app, b"patient_id,hbsag,heart_failure,af\na,1,1.0,yes\nb,1.0,2.0,maybe\nc,0,2,yes\n")
    chosen: Draft = app.session_state["draft"]
    assert coded(app, "hbsag") == {"1": "positive", "0": "negative"}
    assert [each[0] for each in chosen.preview(Entry("data", "hbsag"))] == ["1", "0"]
    assert chosen.mapping.use("hbsag").coding == {}, "shown, not given"
    assert coded(app, "heart_failure") == {"1": "to be answered", "2": "to be answered"}
    assert chosen.preview(Entry("data", "heart_failure")) == []
    assert coded(app, "af") == {"yes": "yes", "maybe": "set aside"}
    (lacks,) = (each.value for each in app.dataframe if list(each.value.columns) == ["No column for", "Costs"])
    assert "Heart failure (to be answered)" in set(lacks["No column for"])
    assert not {"Atrial fibrillation", "Atrial fibrillation (to be answered)"} & set(lacks["No column for"])
    upload(app, b"patient_id,sex\na,v\nb,m\n", "letters.csv")
    assert any("depends on the language" in each.value and wording.CODES_LEFT in each.value for each in app.markdown)
    upload(app, b"patient_id,heart_failure\na,1.0\nb,2\n", "codes.csv")
    chosen = app.session_state["draft"]
    assert not any(wording.CODES_LEFT in each.value for each in app.markdown)
    chosen.answer_as_proposed()
    app.run()
    assert coded(app, "heart_failure") == {"1": "yes", "2": "no"}


def test_what_each_code_stands_for_is_answered_at_the_question_and_taken_when_all_are(app: AppTest) -> None:
    upload(app, "patient_id,Sexo,biopsy_dx\na,H,cambios diabéticos\nb,M,otra\nc,I,DN\nd,H,mixta\n".encode())
    chosen: Draft = app.session_state["draft"]
    boxes = {str(box.key): box for box in app.selectbox if str(box.key).startswith("code ")}
    codes = ["Sexo h", "Sexo i", "Sexo m", "biopsy_dx cambios diabéticos", "biopsy_dx otra", "biopsy_dx mixta"]
    assert list(boxes) == [f"code data {each}" for each in codes]
    assert boxes["code data Sexo h"].options == ["male", "female", "unknown", "missing"], "typing male finds male first"
    assert boxes["code data biopsy_dx otra"].options[1:4] == ["diabetic nephropathy (DN)", "non-diabetic renal disease (NDRD)", "both (mixed)"]
    assert chosen.sure(Entry("data", "biopsy_dx")) is Sure.ASKED
    assert coded(app, "biopsy_dx") == {"dn": "DN", "mixta": "to be answered", "cambios diabéticos": "to be answered", "otra": "to be answered"}
    for code, meaning in {"otra": "NDRD", "mixta": "mixed"}.items():
        app.selectbox(key=f"code data biopsy_dx {code}").select(meaning).run()
    assert chosen.mapping.use("biopsy_dx").coding == {}
    app.selectbox(key="code data biopsy_dx cambios diabéticos").select("DN").run()
    assert not app.exception
    assert chosen.mapping.use("biopsy_dx").coding == {"cambios diabéticos": "DN", "otra": "NDRD", "mixta": "mixed"}
    assert [each.column for each in chosen.suggestion.questions] == ["Sexo"]
    assert [each[0] for each in chosen.preview(Entry("data", "biopsy_dx"))] == ["cambios diabéticos", "otra", "dn", "mixta"]
    for code, meaning in {"h": "male", "m": "female", "i": "unknown"}.items():
        app.selectbox(key=f"code data Sexo {code}").select(meaning).run()
    assert chosen.mapping.use("Sexo").coding == {"h": "male", "m": "female", "i": "unknown"}
    assert not chosen.suggestion.questions


@pytest.mark.parametrize("variable", [name for name, each in builtin_catalogue().variables.items() if each.kind in (Kind.CATEGORY, Kind.EVENT)])
def test_what_stands_within_another_meaning_goes_before_it(variable: str) -> None:
    called = wording.meant_by_codes(builtin_catalogue(), variable)
    assert set(called) == meanings(builtin_catalogue(), variable)
    labels = [label.casefold() for label in called.values()]
    assert not [(label, later) for at, label in enumerate(labels) for later in labels[at + 1 :] if later in label]


def test_where_too_many_cells_mean_nothing_known_it_is_said_how_to_answer(app: AppTest) -> None:
    upload(app, "\n".join(["patient_id,biopsy_dx", *(f"p{row},befund {row}" for row in range(30))]).encode())
    assert any("No cell means anything known" in each.value and wording.TOO_MANY_CODES in each.value for each in app.markdown)
    assert not [box for box in app.selectbox if str(box.key).startswith("code ")]
    app.button(key="no 0").click().run()
    assert app.session_state["draft"].mapping.use("biopsy_dx") == UNUSED


CODES_GIVEN = """
before      | table                        | after
            | 1=yes 2=to_be_answered       |
            | 1=yes 2=no                   | 1=yes 2=no
 1=yes      | 1=yes 2=set_aside            | 1=yes
            | 1=negative 0=negative        | 0=negative 1=negative
 1.0=yes 9= | 1=no                         | 1=no 9=
"""


@pytest.mark.parametrize(("before", "table", "after"), by_name(CODES_GIVEN))
def test_codes_are_answered_all_together(before: str, table: str, after: str) -> None:
    given, shown, expected = (dict(pair.replace("_", " ").split("=") for pair in each.split()) for each in (before, table, after))
    assert recoded(given, shown) == expected


def test_no_two_choices_of_a_list_read_alike_as_the_browser_could_not_tell_them_apart(app: AppTest) -> None:
    upload(app, SMALL)
    app.selectbox(key=keyed(app.selectbox, "column to change")).select("t2dm").run()
    assert any(box.label == "without a date" for box in app.selectbox)
    assert [box.label for box in app.selectbox if len(set(box.options)) < len(box.options)] == []


def test_codes_of_a_name_in_a_table_of_measurements_are_asked_about_too() -> None:
    chosen = draft_of([read_table("labs.csv", MEASUREMENTS)])
    entry = Entry("measurements", "hepB")
    chosen.choose(entry, "hbsag")
    (question,) = chosen.open_questions(entry)
    assert question.proposed is not None
    chosen.answer(question, question.proposed)
    assert chosen.use(entry).coding == {"1": "yes", "2": "no", "9": "unknown"}
    assert not chosen.open_questions(entry)
    chosen.choose(entry, "")
    assert chosen.use(entry) == UNUSED


def test_a_mapping_that_is_not_text_is_refused_with_a_sentence(app: AppTest) -> None:
    upload(app, SMALL)
    before = app.session_state["draft"].mapping
    app.file_uploader(key="upload mapping").set_value(("mapping.toml", 'patient = "ärztin"'.encode("latin-1"), "application/toml")).run()
    assert not app.exception
    assert "not UTF-8 text" in app.error[0].value
    assert app.session_state["draft"].mapping == before
