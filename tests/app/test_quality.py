"""The data quality page: counts of the core on the screen, single patients only when asked for, small counts hidden where they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from feasibility import wording
from feasibility.intake import load_cohort
from feasibility.ui.session import Session

ROOT = Path(__file__).parents[2]
FILE = b"""patient_id,site,sex,pregnant,index_date,hba1c_percent,hba1c_date
a,North,male,yes,2026-01-31,7.5,2026-01-10
b,North,female,no,2026-01-31,=bad(),2026-01-12
c,South,male,no,2026-01-31,75,2026-01-12
c,South,male,no,2026-01-31,75,2026-01-12
"""


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    app.run()
    return app


def session(app: AppTest) -> Session:
    found = app.session_state["session"]
    assert isinstance(found, Session)
    return found


def turn_to_quality(app: AppTest, part: str = "Variables") -> AppTest:
    app.switch_page("pages/quality.py").run()
    if part != "Variables":
        app.segmented_control(key="quality section").set_value(part).run()
    assert not app.exception
    return app


def with_file(app: AppTest) -> AppTest:
    held = session(app)
    held.use(load_cohort("clinic.csv", FILE), held.protocol)
    return app


@pytest.mark.parametrize("part", ["Variables", "Sites", "Contradictions", "Problems"])
@pytest.mark.parametrize("hidden", [False, True])
def test_every_part_is_shown_for_the_sample_and_for_a_file(app: AppTest, part: str, hidden: bool) -> None:
    session(app).small_hidden = hidden
    turn_to_quality(app, part)
    with_file(app).run()
    assert not app.exception
    assert len(app.dataframe) >= 1 or part == "Problems"


def test_rows_are_accounted_for(app: AppTest) -> None:
    turn_to_quality(with_file(app))
    assert "4 rows read = 3 used + 1 set aside; 3 patients" in app.markdown[0].value
    assert any(each.value == "Set aside: 1 repeat another row word for word." for each in app.caption)


def test_the_table_of_variables_holds_the_cores_counts(app: AppTest) -> None:
    turn_to_quality(with_file(app))
    table = app.dataframe[0].value
    row = table[table["Variable"] == "HbA1c"].iloc[0]
    assert [row[name] for name in ("With a value", "Known in part", "Cell set aside", "Missing", "Patients")] == [1, 0, 2, 0, 3]
    assert row["Leaves open"] == 2
    app.toggle(key="quality used only").set_value(False).run()
    assert "Pregnant" in list(app.dataframe[0].value["Variable"])


def shown_first(app: AppTest, number: int) -> list[str]:
    """The columns of the table of variables, as far as they are in view on a small screen."""
    return list(app.dataframe[0].value.columns)[:number]


def test_what_is_missing_is_in_view_and_apart_from_what_is_known_in_part(app: AppTest) -> None:
    held = session(app)
    held.use(load_cohort("x.csv", b"patient_id,hba1c_percent\na,7\nb,<6\nc,\nd,\n"), held.protocol)
    turn_to_quality(app)
    assert shown_first(app, 6) == ["Variable", "Asked by", "Missing", "Leaves open", "No value, %", "In part, %"]
    table = app.dataframe[0].value
    assert list(table[table["Variable"] == "HbA1c"].iloc[0][["Missing", "No value, %", "In part, %"]]) == [2, 50.0, 25.0]


def test_that_an_event_has_no_record_is_no_gap_of_a_site(app: AppTest) -> None:
    held = session(app)
    text = b"patient_id,site,hba1c_percent,stroke_date,index_date\na,Unit,7,,2026-01-31\nb,Variable,,,2026-01-31\nc,Variable,8,2025-01-01,2026-01-31\n"
    held.use(load_cohort("x.csv", text), held.protocol)
    turn_to_quality(app, "Sites")
    lacking, medians = (each.value for each in app.dataframe)
    assert list(lacking["Variable"]) == ["HbA1c"]
    assert list(lacking.iloc[0]) == ["HbA1c", "0 %", "50 %"]
    assert list(medians.columns) == ["Variable", "Unit", "Unit (site)", "Variable (site)"]
    assert any(wording.EVENTS_LEFT_OUT in each.value for each in app.caption)


@pytest.mark.parametrize("part", ["Variables", "Sites", "Contradictions"])
def test_no_name_is_pinned_which_would_grey_it(app: AppTest, part: str) -> None:
    turn_to_quality(app, part)
    assert app.dataframe
    assert all('"pinned": true' not in each.proto.columns for each in app.dataframe)


def test_the_variable_chosen_is_drawn(app: AppTest) -> None:
    turn_to_quality(app)
    app.selectbox(key="quality variable").set_value("uacr").run()
    assert not app.exception
    assert "I4 &gt; 1000" in app.get("plotly_chart")[0].proto.spec
    app.selectbox(key="quality variable").set_value("nyha").run()
    assert not app.exception


def test_contradictions_are_counted_and_patients_named_only_when_asked_for(app: AppTest) -> None:
    turn_to_quality(with_file(app), "Contradictions")
    table = app.dataframe[0].value
    assert list(table[table["Contradiction"] == "Male and pregnant"].iloc[0][["Patients", "Of"]]) == ["1", "3"]
    assert len(app.dataframe) == 1
    app.toggle(key="quality patients").set_value(True).run()
    assert list(app.dataframe[1].value["Patient"]) == ["a"]
    session(app).small_hidden = True
    app.run()
    assert len(app.dataframe) == 1
    assert any(each.value == wording.HIDDEN_CELLS for each in app.caption)


def test_problems_are_filtered_and_listed_cell_by_cell_when_asked_for(app: AppTest) -> None:
    turn_to_quality(with_file(app), "Problems")
    assert "Row" not in list(app.dataframe[0].proto.column_order)
    app.toggle(key="quality single cells").set_value(True).run()
    app.selectbox(key="quality about").set_value("hba1c").run()
    table = app.dataframe[0].value
    assert {(row["Row"], row["Value found"]) for _, row in table.iterrows() if row["Row"] == row["Row"]} >= {(3, "=bad()"), (4, "75")}
    assert set(table["Variable"]) == {"HbA1c"}
    app.text_input(key="quality text").set_value("bad").run()
    assert list(app.dataframe[0].value["Value found"]) == ["=bad()"]


def test_with_small_counts_hidden_no_cell_and_no_small_number_is_shown(app: AppTest) -> None:
    session(app).small_hidden = True
    turn_to_quality(with_file(app), "Problems")
    assert app.toggle(key="quality single cells").disabled
    table = app.dataframe[0].value
    assert "Row" not in list(app.dataframe[0].proto.column_order)
    assert "=bad()" not in table.to_string()
    assert set(table["Number"].dropna()) <= {3}, "to ten, but never more than there are patients"


def test_the_data_page_leads_to_it(app: AppTest) -> None:
    app.switch_page("pages/data.py").run()
    assert not app.exception
    assert any("Data quality" in link.proto.label for link in app.get("page_link"))
