"""Some patients of a cohort, with some of their records, as a cohort of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from feasibility.cohort import Cohort, Records


def subset(cohort: Cohort, patients: NDArray[np.intp], record_types: Iterable[str]) -> Cohort:
    """The patients of these rows, in the order given, with their records of these types; what identifies them stays behind.

    Records are taken when they are first looked at.
    """
    return replace(
        cohort,
        patients=len(patients),
        ids=cohort.ids[:0],
        records=_Taken(cohort.records, tuple(name for name in record_types if name in cohort.records), patients),
        covered_days=None if cohort.covered_days is None else cohort.covered_days[patients],
        sites=None,
        set_aside={},
        born_days=None,
    )


@dataclass(frozen=True, eq=False)
class _Taken(Mapping[str, Records]):
    """The records of some patients, of some types, each taken from ``everybody`` once it is asked for: of some of some, too."""

    everybody: Mapping[str, Records]
    names: tuple[str, ...]
    patients: NDArray[np.intp]
    taken: dict[str, Records] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Records:
        if name not in self.names:
            raise KeyError(name)
        if name not in self.taken:
            self.taken[name] = _of_patients(self.everybody[name], self.patients)
        return self.taken[name]

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def _of_patients(records: Records, patients: NDArray[np.intp]) -> Records:
    starts, rows = None, patients
    if records.starts is not None:
        first, number = records.starts[patients], records.starts[patients + 1] - records.starts[patients]
        starts = np.concatenate([[0], np.cumsum(number)])
        # Each row is the first of its patient, and as many on as rows of the same patient stand before it.
        rows = np.repeat(first - starts[:-1], number) + np.arange(starts[-1])
    return Records(
        len(patients),
        {name: values.take(rows) for name, values in records.fields.items()},
        starts,
        None if records.times is None else records.times.take(rows),
        records.undated,
        None if records.ends is None else records.ends.take(rows),
    )

