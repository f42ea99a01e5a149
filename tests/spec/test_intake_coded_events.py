"""Diagnoses by their codes as the names of a long table's events."""

from __future__ import annotations

import pytest

from feasibility.cohort import Cohort
from feasibility.intake import load_cohort
from feasibility.intake.diagnoses import events_of_code, writing_of
from feasibility.variables import builtin_catalogue

MEANT = [
    ("E11.9", ("t2dm",)),
    ("e11.9", ("t2dm",)),
    ("E11.21", ("clinical_dkd", "t2dm")),  # one code may say two things
    ("I48.0G", ("atrial_fibrillation",)),
    ("I63.9", ("cerebral_infarction",)),
    ("C50.9", ("malignancy",)),
    ("44054006", ("t2dm",)),
    ("201826", ("t2dm",)),
    ("2160-0", ()),
    ("E1", ()),
    ("J06.9", ()),
    ("I48.0 ruled out", ()),
    ("stroke", ()),
]


@pytest.mark.parametrize(("code", "events"), MEANT)
def test_what_a_code_stands_for(code: str, events: tuple[str, ...]) -> None:
    assert events_of_code(code, builtin_catalogue()) == events


PEOPLE = b"patient_id,index_date\na,2026-01-31\nb,2026-01-31\nc,2026-01-31\n"


def coded(events: str) -> Cohort:
    return load_cohort("people.csv", [("people.csv", PEOPLE), ("diagnoses.csv", events.encode())])


def occurred(cohort: Cohort, event: str) -> dict[str, tuple[float, float]]:
    records = cohort.records[event]
    assert records.starts is not None
    flags = records.fields[event]
    whose = [str(cohort.ids[patient]) for patient in range(cohort.patients) for _ in range(records.starts[patient], records.starts[patient + 1])]
    return {patient: (float(lo), float(hi)) for patient, lo, hi in zip(whose, flags.lo, flags.hi, strict=True)}


def test_a_code_that_says_two_things_is_a_record_of_each_and_its_row_counts_once() -> None:
    cohort = coded("patient_id,diagnosis,date\na,E11.21,2020-01-01\nb,E11.9,2021-01-01\nb,J06.9,2025-12-01\n")
    assert occurred(cohort, "t2dm") == {"a": (1, 1), "b": (1, 1)}
    assert occurred(cohort, "clinical_dkd") == {"a": (1, 1)}
    assert [(each.name, each.rows_read, each.rows_used) for each in cohort.report.files] == [("people.csv", 3, 3), ("diagnoses.csv", 3, 2)]


def test_the_letter_for_the_certainty_of_a_diagnosis_holds_for_an_event() -> None:
    cohort = coded("patient_id,diagnosis,date\na,I48.0G,2020-01-01\nb,I48.0A,2021-01-01\nc,I48.0V,2021-01-01\n")
    assert occurred(cohort, "atrial_fibrillation") == {"a": (1, 1), "b": (0, 0), "c": (0, 1)}


def problems(cohort: Cohort) -> str:
    return "\n".join(problem.message for problem in cohort.report.problems)


@pytest.mark.parametrize(
    ("header", "codes"),
    [
        ("drug_source_value", ("C10", "C09")),
        ("ATC", ("C09", "A15")),
        ("medication_code", ("C50.9", "C10")),
        ("procedure_source_value", ("C10", "C09")),
        ("药品编码", ("C10", "C09")),
        ("code", ("C09A", "C10A", "C07A")),
        ("code", ("C10", "C09AA05")),
        ("code", ("A15A",)),
    ],
)
def test_classes_of_drugs_are_no_diagnoses(header: str, codes: tuple[str, ...]) -> None:
    writing = writing_of(header, codes)
    assert [events_of_code(code, builtin_catalogue(), writing) for code in codes] == [()] * len(codes)
    if header in ("code", "drug_source_value"):
        rows = "".join(f"{patient},{code},2024-01-01\n" for patient, code in zip("abc", codes, strict=False))
        assert not {"malignancy", "tuberculosis"} & set(coded(f"patient_id,{header},start_date\n{rows}").records)


def test_a_class_of_drugs_beside_diagnoses_leaves_them_diagnoses() -> None:
    cohort = coded("patient_id,code,date\na,C09AA05,2020-01-01\na,C10,2020-01-01\nb,C50.9,2021-01-01\nc,E119,2021-01-01\n")
    assert occurred(cohort, "malignancy") == {"b": (1, 1)}
    assert occurred(cohort, "t2dm") == {"c": (1, 1)}


@pytest.mark.parametrize("code", ["C83.3A", "C81.0A", "C83.3V", "C34.9 A"])
def test_a_letter_is_no_certainty_where_no_code_of_the_column_is_certain(code: str) -> None:
    cohort = coded(f"patient_id,diagnosis,date\na,{code},2020-01-01\nb,I48.0,2020-01-01\nc,S72.001G,2020-01-01\n")
    assert occurred(cohort, "malignancy") == {"a": (0, 1)}
    assert f"letters behind a code, as in '{code}', may say how certain it is or be digits of a national version" in problems(cohort)
    wide = load_cohort("x.csv", f"patient_id,malignancy\na,{code}\nb,C50.9\n".encode())
    flags = wide.records["malignancy"].fields["malignancy"]
    assert (flags.lo.tolist()[1], flags.hi.tolist()[1]) == (1, 1)
    assert flags.lo.tolist()[0] != flags.hi.tolist()[0]
    assert f"letters behind a code, as in '{code}', may say how certain it is" in problems(wide)


def test_the_letters_for_certainty_are_said_of_events() -> None:
    cohort = coded("patient_id,diagnosis,date\na,I48.0G,2020-01-01\nb,I48.0A,2021-01-01\nc,C50.9V,2021-01-01\n")
    assert occurred(cohort, "malignancy") == {"c": (0, 1)}
    assert problems(cohort).count("say how certain it is: G (certain) as yes, A (ruled out) as no") == 1


@pytest.mark.parametrize(("code", "events"), [("O00.1", ("pregnant",)), ("O9A.2", ("pregnant",)), ("O24", ("pregnant",)), ("O", ()), ("Z33", ("pregnant",))])
def test_every_code_of_the_chapter_of_pregnancy_says_so(code: str, events: tuple[str, ...]) -> None:
    assert events_of_code(code, builtin_catalogue()) == events
