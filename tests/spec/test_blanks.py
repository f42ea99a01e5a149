"""Nothing recorded of an event counts as no; where a column asks and leaves many unanswered, that is said with how many."""

from __future__ import annotations

from pathlib import Path

import pytest

from feasibility.intake import load_cohort
from feasibility.logic import FALSE, TRUE, UNKNOWN
from feasibility.problems import Problem
from feasibility.protocol import builtin_protocol
from feasibility.scenario import AS_WRITTEN, with_missing_policy
from feasibility.screening.screen import Screener
from feasibility.variables import MissingPolicy


def warned(text: str) -> list[Problem]:
    cohort = load_cohort("x.csv", text.encode())
    return [problem for problem in cohort.report.problems if "counts as no" in problem.message]


def column(header: str, *cells: str) -> str:
    return f"patient_id,sex,{header}\n" + "".join(f"P{place},{'male' if place % 2 else 'female'},{cell}\n" for place, cell in enumerate(cells))


@pytest.mark.parametrize(
    ("header", "cells", "said"),
    [
        ("hiv", ["no", "", "", "yes", ""], "3 patients of 5"),
        ("hiv", ["no"] * 8 + ["", ""], "2 patients of 10"),
        ("hiv", ["no"] * 9 + ["", ""], ""),  # fewer than a fifth
        ("hiv", ["yes", "", "", "", ""], ""),  # what happened, and nothing else: to be expected
        ("stroke_date", ["2025-01-01", "", "", "", ""], ""),
        ("hiv", ["unknown", "yes", "no", "unknown", "unknown"], ""),  # answered, and not known
        ("hbsag", ["negative", "", "", "", ""], ""),  # its blanks are unknown
        ("pregnant", ["no", "", "no", "", "no", ""], ""),  # of women all
        ("pregnant", ["no", "", "", "", "no", ""], "1 patient of 3"),
    ],
)
def test_answers_that_are_not_there_count_as_no_and_that_is_said(header: str, cells: list[str], said: str) -> None:
    found = warned(column(header, *cells))
    assert len(found) == bool(said)
    for problem in found:
        assert f"there is no answer for {said}" in problem.message
        assert (problem.severity, problem.detail.variable) == ("warning", header)
        assert f"--missing CRITERION.{header}=unknown" in problem.remedy


def test_a_kind_that_a_table_of_events_covers_is_complete() -> None:
    data, events = b"patient_id,sex\na,male\nb,male\nc,male\n", b"patient_id,event,start,status\na,hiv,,no\nb,hiv,,yes\n"
    cohort = load_cohort("d.csv", data, events=("e.csv", events))
    assert cohort.records["hiv"].rows == 2
    assert not any("counts as no" in problem.message for problem in cohort.report.problems)


def test_the_remedy_leaves_those_patients_open() -> None:
    screener, protocol = Screener(load_cohort("x.csv", column("hiv", "no", "", "", "yes", "").encode())), builtin_protocol()
    unknown = with_missing_policy(protocol, AS_WRITTEN, "E7.hiv", MissingPolicy.UNKNOWN)
    for scenario, outcomes in ((AS_WRITTEN, [TRUE, TRUE, TRUE, FALSE, TRUE]), (unknown, [TRUE, UNKNOWN, UNKNOWN, FALSE, UNKNOWN])):
        assert screener.screen(protocol, scenario).outcomes["E7"].tolist() == outcomes


def test_the_sample_has_no_such_column() -> None:
    sample = Path(__file__).parents[2] / "sample_data" / "dkd_wide.csv"
    assert warned(sample.read_text(encoding="utf-8")) == []
