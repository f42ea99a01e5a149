"""An answer decides what was asked and nothing else; what the cells still leave open is asked then, whoever gave the answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from feasibility.cohort import Cohort
from feasibility.intake import About, ColumnUse, Suggestion, Table, Tables, Weight, accept_suggestions, answer, build, overlaid, read_mapping, suggest
from feasibility.intake.files.opened import tables_in
from feasibility.intake.tables import together
from feasibility.variables import builtin_catalogue

CATALOGUE = builtin_catalogue()
LOADS = [*(str(300 + 7 * row) for row in range(30)), *["9999"] * 9]


def tables(text: str) -> Tables:
    (table,) = tables_in("x.csv", text.encode())
    return together([table], CATALOGUE)


def column(header: str, cells: list[str], more: str = "") -> str:
    rows = "".join(f"P{row};60;{cell}{more}\n" for row, cell in enumerate(cells))
    return f"patient_id;age;{header}\n{rows}"


def asked(suggestion: Suggestion) -> list[About]:
    return [question.about for question in suggestion.questions]


def yes(suggestion: Suggestion, about: About, given: Tables) -> Suggestion:
    question = next(question for question in suggestion.questions if question.about is about)
    assert question.proposed is not None
    return answer(suggestion, question, question.proposed, given, CATALOGUE)


def cohort(suggestion: Suggestion, given: Tables) -> Cohort:
    return build("x", given, accept_suggestions(suggestion)[0], CATALOGUE)


def low(read: Cohort, variable: str) -> list[float]:
    records = next(records for records in read.records.values() if variable in records.fields)
    return [float(value) for value in records.fields[variable].lo]


def test_that_a_header_means_what_it_is_like_leaves_the_coding_found_as_it_is() -> None:
    given = tables("patient_id,gendr,age\nP1,h,60\nP2,m,61\nP3,h,60\nP4,m,61\n")
    answered = yes(suggest(given, CATALOGUE), About.VARIABLE, given)
    assert answered.mapping.use("gendr").coding == {"h": "male", "m": "female"}
    assert low(cohort(answered, given), "sex") == [1, 0, 1, 0]


def test_that_a_header_means_what_it_is_like_leaves_the_unit_found_as_it_is() -> None:
    given = tables(column("serum creatinin", ["80", "89", "90", "99"]))
    answered = yes(suggest(given, CATALOGUE), About.VARIABLE, given)
    assert answered.mapping.use("serum creatinin").unit == "µmol/L"
    assert asked(answered) == [About.UNIT]


ONE_TYPE = (
    "type_II_diabetes", "type.2.diabetes", "diabetes.type.2", "diabetes type (2)", "diabetes type: 2", "2 型糖尿病", "II 型糖尿病", "Ⅱ 型糖尿病", "糖尿病 2 型",
    "Typ_II_Diabetes", "diabetes.type.ii",
)  # fmt: skip


@pytest.mark.parametrize(
    ("header", "cells", "meant"),
    [
        ("Diabetes type", "1 2", {"1": "no", "2": "yes"}),
        ("Diabetestyp", "1 2", {"1": "no", "2": "yes"}),
        ("DM-Typ", "1 2", {"1": "no", "2": "yes"}),
        ("diabetes tipo", "1 2", {"1": "no", "2": "yes"}),
        ("diabetes type", "1 2 3", None),  # a third type is not known to be either
        ("Type of diabetes", "1", {"1": "no"}),  # a yes elsewhere
        ("Type of diabetes", "0 1", None),
        ("diabetes type 1 or 2", "1 2", {"1": "no", "2": "yes"}),
        *((header, "1 2", {"1": "yes", "2": "no"}) for header in ONE_TYPE),
        ("Type 2 diabetes", "1 2", {"1": "yes", "2": "no"}),
        ("Diabetes mellitus Typ II", "1 2", {"1": "yes", "2": "no"}),
        ("2型糖尿病", "1 2", {"1": "yes", "2": "no"}),
    ],
)
def test_codes_of_a_column_that_numbers_types_are_not_offered_as_yes_and_no(header: str, cells: str, meant: dict[str, str] | None) -> None:
    given = tables(column(header, cells.split() * 3))
    suggestion = suggest(given, CATALOGUE)
    while any(question.about is About.VARIABLE for question in suggestion.questions):
        suggestion = yes(suggestion, About.VARIABLE, given)
    (question,) = [question for question in suggestion.questions if question.about is About.CODING]
    assert suggestion.mapping.use(header).variables == ("t2dm",)
    assert question.weight is Weight.MUST
    assert (None if question.proposed is None else question.proposed.coding) == meant


def test_two_answers_about_one_column_both_hold_in_either_order() -> None:
    given = tables(column("triglycerides", [*(str(1 + row / 10) for row in range(30)), *["99"] * 8]))
    first = suggest(given, CATALOGUE)
    assert set(asked(first)) == {About.UNIT, About.SENTINELS}
    for order in ((About.SENTINELS, About.UNIT), (About.UNIT, About.SENTINELS)):
        answered = first
        for about in order:
            answered = yes(answered, about, given)
        use = answered.mapping.use("triglycerides")
        assert (use.unit, use.sentinels, asked(answered)) == ("mmol/L", ("99",), [])


@pytest.mark.parametrize(("cells", "then"), [(LOADS, About.SENTINELS), (["1.234", "2.345", "1.050"], About.DECIMAL)])
def test_once_the_unit_is_answered_the_rest_is_asked(cells: list[str], then: About) -> None:
    given = tables(column("uacr", cells))
    first = suggest(given, CATALOGUE)
    assert asked(first) == [About.UNIT]
    answered = answer(first, first.questions[0], replace(first.mapping.use("uacr"), unit="mg/g"), given, CATALOGUE)
    assert asked(answered) == [then]
    from_mapping = overlaid(first, read_mapping('[columns]\nuacr = { variable = "uacr", unit = "mg/g" }', CATALOGUE), given, CATALOGUE)
    assert asked(from_mapping) == [then]
    header = tables(column("uacr (mg/g)", cells))
    assert asked(suggest(header, CATALOGUE)) == [then]


def test_what_was_left_as_it_is_is_not_asked_again_next_month() -> None:
    given = tables(column("uacr (mg/g)", LOADS))
    first = suggest(given, CATALOGUE)
    left = answer(first, first.questions[0], first.mapping.use("uacr (mg/g)"), given, CATALOGUE)
    assert asked(left) == []
    saved = read_mapping('[columns]\n"uacr (mg/g)" = { variable = "uacr", unit = "mg/g", confirmed = ["sentinels"] }', CATALOGUE)
    assert asked(overlaid(first, saved, given, CATALOGUE)) == []


@pytest.mark.parametrize(("cells", "about"), [(LOADS, About.SENTINELS), (["1.234", "2.345"], About.DECIMAL)])
def test_a_column_of_units_leaves_the_other_questions(cells: list[str], about: About) -> None:
    wide = tables(column("uacr;uacr_unit", cells, ";mg/g"))
    assert asked(suggest(wide, CATALOGUE)) == [about]
    rows = "".join(f"P{row};uacr;{cell};mg/g\n" for row, cell in enumerate(cells))
    (table,) = tables_in("long.csv", f"patient_id;variable;value;unit\n{rows}".encode())
    assert asked(suggest(Tables(measurements=table), CATALOGUE)) == [about]


def two(one: str, other: str) -> Tables:
    found: list[Table] = [tables_in(name, text.encode())[0] for name, text in (("a.csv", one), ("b.csv", other))]
    return together(found, CATALOGUE)


def test_what_the_files_of_a_cohort_settle_together_holds_for_each() -> None:
    given = two("patient_id;uacr (mg/g)\na;1.234,5\nb;850,2\n", "patient_id;uacr (mg/g)\nc;1.234\nd;2.100\n")
    assert low(cohort(suggest(given, CATALOGUE), given), "uacr") == [1234.5, 850.2, 1234, 2100]
    dated = two(
        "patient_id,uacr (mg/g),uacr_date\na,1,13/02/2025\n",
        "patient_id,uacr (mg/g),uacr_date\nb,2,03/02/2025\n",
    )
    suggestion = suggest(dated, CATALOGUE)
    read = build("x", dated, accept_suggestions(suggestion, date(2025, 3, 1))[0], CATALOGUE)
    times = read.records["uacr"].times
    assert times is not None
    assert times.days_lo.tolist() == [16, 26]


@pytest.mark.parametrize(
    ("ages", "top"),
    [
        ([79] * 4 + [80, 81, 85, 60, 50, 44, 77, 78], None),  # higher ages stand there
        ([60, 70] + [80] * 4, None),  # too few to tell
        ([60, 70, 79] + [80] * 12, 80),
        ([60, 70, 79] + [80] * 30 + [83, 85], 80),  # one of several files is cut off higher
    ],
)
def test_a_top_code_is_a_pile_with_little_above_it(ages: list[int], top: int | None) -> None:
    given = tables("patient_id,age\n" + "".join(f"P{row},{age}\n" for row, age in enumerate(ages)))
    assert suggest(given, CATALOGUE).mapping.use("age").censored_at == top


def test_units_are_judged_from_all_over_a_file_sorted_by_site() -> None:
    rng = np.random.default_rng(1)
    cells = [*(f"{value:.2f}" for value in rng.uniform(0.8, 3, 20_001)), *(f"{value:.0f}" for value in rng.uniform(80, 139, 9_000))]
    (question,) = suggest(tables(column("triglycerides", cells)), CATALOGUE).questions
    assert question.weight is Weight.MUST
    assert "Two units in one column" in question.text


def test_an_unknown_unit_in_a_mapping_is_asked_about() -> None:
    given = tables(column("ldl", ["2.1", "3.4"]))
    said = read_mapping('[columns]\nldl = { variable = "ldl", unit = "furlong" }', CATALOGUE)
    (question,) = overlaid(suggest(given, CATALOGUE), said, given, CATALOGUE).questions
    assert question.weight is Weight.MUST
    answered = answer(suggest(given, CATALOGUE), question, ColumnUse(("ldl",), unit="mmol/L"), given, CATALOGUE)
    assert answered.mapping.use("ldl").unit == "mmol/L"
