"""Some patients of a cohort: only what is looked at is taken, of some of some too."""

from __future__ import annotations

import numpy as np
import pytest
from oracle.patients import cohort, columns_for, patient

from feasibility.screening import subset as module
from feasibility.screening.subset import subset


def test_records_are_taken_when_they_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    as_it_is = module._of_patients
    monkeypatch.setattr(module, "_of_patients", lambda records, patients: taken.append(len(patients)) or as_it_is(records, patients))
    people = [patient(uacr=str(value), ldl="3") for value in (10, 20, 30, 40)]
    whole = cohort(people, columns_for(people))
    some = subset(whole, np.array([1, 2, 3]), ["uacr", "ldl", "hba1c"])
    few = subset(some, np.array([2, 0]), ["uacr"])
    assert (sorted(some.records), list(few.records), taken) == (["ldl", "uacr"], ["uacr"], [])
    assert few.records["uacr"].fields["uacr"].lo.tolist() == [40, 20]
    assert taken == [3, 2]


def test_records_of_another_type_are_not_there() -> None:
    people = [patient(uacr="10", ldl="3")]
    some = subset(cohort(people, columns_for(people)), np.array([0]), ["uacr"])
    assert (some.records.get("ldl"), "ldl" in some.records, len(some.records)) == (None, False, 1)
    with pytest.raises(KeyError):
        some.records["ldl"]
