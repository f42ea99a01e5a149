"""What a cohort is said to show of the protocol's structure, on cohorts made to show it or not."""

from __future__ import annotations

from oracle.both import protocol_of
from oracle.patients import Patient, patient
from spec.test_count_tables import workbench

from feasibility.findings import _implied, findings
from feasibility.protocol import builtin_protocol
from feasibility.scenario import AS_WRITTEN

HARDLY = "The triglycerides part of E5 hardly bites"


def lipids(number: int, **values: str) -> list[Patient]:
    return [patient(**values) for _ in range(number)]


def titles(people: list[Patient]) -> dict[str, str]:
    return {each.title: each.text for each in findings(workbench(builtin_protocol(), people, "ldl", "triglycerides"), AS_WRITTEN)}


def test_a_part_that_nobody_fails_who_passes_the_rest_hardly_bites() -> None:
    people = lipids(40, ldl="3", triglycerides="2") + lipids(20, ldl="5", triglycerides="8") + lipids(20, ldl="5", triglycerides="2")
    assert "0.0 % of 40 fail triglycerides; of those who fail the rest, 50.0 % of 40" in titles(people)[HARDLY]


def test_a_part_that_is_failed_where_the_rest_is_unknown_bites() -> None:
    """Ten of fifty fail the clause by triglycerides alone."""
    people = lipids(40, ldl="3", triglycerides="2") + lipids(20, ldl="5", triglycerides="8") + lipids(20, ldl="5", triglycerides="2")
    assert HARDLY in titles(people + lipids(4, triglycerides="8"))
    assert HARDLY not in titles(people + lipids(10, triglycerides="8"))


def test_a_part_that_another_cannot_be_passed_without_is_no_finding() -> None:
    """Nobody shows diabetic nephropathy on a biopsy without one: that few fail the biopsy alone says nothing of them."""
    people = lipids(40, kidney_biopsy="@20d biopsy_dx=DN") + lipids(40, kidney_biopsy="@2001 biopsy_dx=DN") + lipids(40, kidney_biopsy="@20d biopsy_dx=NDRD")
    assert not [title for title in titles(people) if "part of I3" in title]


def test_of_an_exclusion_the_event_of_a_kind_is_the_part_that_another_settles() -> None:
    """Whoever has no biopsy has none that shows another disease; that few fail the other part alone may be so or not."""
    limbs = "occurred(kidney_biopsy)", "occurred(kidney_biopsy, where=biopsy_dx == 'NDRD')"
    for role, settled in (("exclusion", "limb 2"), ("inclusion", "limb 1")):
        made = protocol_of(*limbs, role=role, join="any" if role == "exclusion" else "all")
        assert _implied(made, AS_WRITTEN, made.ids[0]) == {settled}


def test_two_pull_against_each_other_where_passing_the_one_makes_failing_the_other_likely() -> None:
    """Of those with much protein in the urine most have an eGFR too low, of the others hardly anybody."""
    much, little = "2000 @9d; 2000 @2d", "30 @9d; 30 @2d"
    high, normal = "sbp=190 dbp=90", "sbp=130 dbp=80"
    people = lipids(30, uacr=much, blood_pressure=high) + lipids(10, uacr=much, blood_pressure=normal) + lipids(40, uacr=little, blood_pressure=normal)
    assert "Of the patients who pass I4 Nephrotic proteinuria, 75.0 % of 40 fail I6 Blood pressure" in titles(people)["I4 and I6 pull against each other"]
    alike = lipids(20, uacr=much, blood_pressure=high) + lipids(20, uacr=much, blood_pressure=normal)
    alike += lipids(20, uacr=little, blood_pressure=high) + lipids(20, uacr=little, blood_pressure=normal)
    assert not [title for title in titles(alike) if "pull" in title]


def test_another_reading_is_spoken_of_where_it_gains() -> None:
    people = lipids(40, ldl="3", triglycerides="2")
    assert not [title for title in titles(people) if title.startswith("Another reading")]
    said = titles(people + lipids(5, ldl="5", triglycerides="2"))["Another reading of E5 gains most"]
    assert "makes 45 eligible instead of 40, of 45 patients" in said
