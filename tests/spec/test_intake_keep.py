"""A mapping may narrow a file to the patients it is about; those left out are counted, never lost in silence."""

from __future__ import annotations

import pytest

from feasibility.intake import load_cohort, read_mapping, write_mapping
from feasibility.problems import Unusable
from feasibility.variables import builtin_catalogue

FILE = b"patient_id,sex,diabetes,age\na,female,1.0,50\nb,male,2,60\nc,male,,70\nd,female, 1 ,80\na,female,1,51\n"


def kept(text: str) -> tuple[list[str], int, int]:
    cohort = load_cohort("clinic.csv", FILE, mapping=read_mapping(text, builtin_catalogue()))
    return list(cohort.ids), cohort.report.rows_used, cohort.report.rows_set_aside


@pytest.mark.parametrize(
    ("keep", "patients"),
    [
        ('diabetes = ["1"]', ["a", "d"]),
        ('diabetes = ["1", "2"]', ["a", "b", "d"]),
        ('diabetes = ["1"]\nsex = ["Female"]', ["a", "d"]),
        ('sex = ["MALE"]', ["b", "c"]),
        ('diabetes = [""]', ["c"]),
    ],
)
def test_only_rows_with_one_of_the_cells_are_kept(keep: str, patients: list[str]) -> None:
    ids, used, set_aside = kept(f"[keep]\n{keep}\n")
    assert ids == patients
    assert (used, used + set_aside) == (len(patients), 5)


def test_how_many_were_left_out_is_said() -> None:
    cohort = load_cohort("clinic.csv", FILE, mapping=read_mapping('[keep]\ndiabetes = ["1"]', builtin_catalogue()))
    assert any("2 patients left out" in problem.message and "'diabetes' is '1'" in problem.message for problem in cohort.report.problems)


@pytest.mark.parametrize(("keep", "said"), [('diabetes = ["9"]', "there is no row where"), ('dm = ["1"]', "there is no column 'dm'")])
def test_a_filter_that_leaves_nobody_is_refused(keep: str, said: str) -> None:
    with pytest.raises(Unusable, match=said):
        kept(f"[keep]\n{keep}\n")


def test_the_filter_is_saved_with_the_mapping() -> None:
    mapping = read_mapping('[keep]\ndiabetes = ["1", "2"]', builtin_catalogue())
    assert read_mapping(write_mapping(mapping), builtin_catalogue()) == mapping
