"""The patients loaded: their records as arrays in canonical units, and the report of how they came to be.

Everything is sorted by patient and, within a patient, newest record first. A wide column is the one-row case: row p belongs to patient p.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import Intervals
from feasibility.problems import Problem

Days = NDArray[np.int32]

DAYS_PER_YEAR = 365.25  # on average

UNDATED_DAYS = np.int32(2**30)
"""Farther back than any window: the far end of a date of which nothing is known."""


class Undated(StrEnum):
    """What it means that records carry no date."""

    CURRENT = "current"  # a measurement: it holds at the index date
    EVER = "ever"  # an event: at some time before the index date
    WITHIN = "within"  # an event the user confirmed to lie within whatever window a rule asks for


@dataclass(frozen=True, eq=False)
class Times:
    """When each record was, before the index date, as closed intervals of whole numbers; negative is after the index date.

    ``days_lo <= days <= days_hi``: whole days. ``months_*``: the least number of whole calendar months m for which index date minus m months is
    on or before the record (month ends saturate), so that "within m months" is ``months <= m``. The two ends are one array where every date is exact.
    """

    days_lo: Days
    days_hi: Days
    months_lo: Days
    months_hi: Days

    @property
    def exact(self) -> bool:
        return self.days_hi is self.days_lo

    def take(self, rows: NDArray[np.intp]) -> Times:
        """Those of some records."""
        days, months = self.days_lo.take(rows), self.months_lo.take(rows)
        return Times(days, days, months, months) if self.exact else Times(days, self.days_hi.take(rows), months, self.months_hi.take(rows))


@dataclass(frozen=True, eq=False)
class Records:
    """The records of one record type (a measurement, an event, a visit with its several values) for all patients.

    ``starts`` has patients + 1 entries: the rows of patient p are ``starts[p]:starts[p + 1]``, newest first; ``None`` says that row p is patient p's.
    ``fields`` holds one value a row for each variable recorded there; an event's own field is 1 occurred, 0 explicitly did not, [0, 1] not known.
    A missing value is (-inf, inf). ``times`` is None where the whole column is undated; then ``undated`` says what that means.
    ``ends`` is when an event or exposure ended; an end of which nothing is known has ``days_lo == -UNDATED_DAYS``.
    """

    patients: int
    fields: Mapping[str, Intervals]
    starts: NDArray[np.int64] | None = None
    times: Times | None = None
    undated: Undated = Undated.CURRENT
    ends: Times | None = None

    @property
    def rows(self) -> int:
        return self.patients if self.starts is None else int(self.starts[-1])

    @property
    def one_row_each(self) -> bool:
        return self.starts is None

    @cached_property
    def patient_of_row(self) -> NDArray[np.intp]:
        """Whose each row is."""
        return np.arange(self.patients) if self.starts is None else np.repeat(np.arange(self.patients), np.diff(self.starts))

    @cached_property
    def ended(self) -> Times:
        """When what each record is of ended, of which there are ``times``; where nothing is known, at any time from its start on."""
        assert self.times is not None
        start = self.times
        if self.ends is None:
            open_end = np.full(self.rows, -UNDATED_DAYS)
            return Times(open_end, start.days_hi, open_end, start.months_hi)
        unknown = self.ends.days_lo == -UNDATED_DAYS
        return Times(
            self.ends.days_lo,
            np.where(unknown, start.days_hi, self.ends.days_hi),
            self.ends.months_lo,
            np.where(unknown, start.months_hi, self.ends.months_hi),
        )


@dataclass(frozen=True)
class ColumnReport:
    """What became of one column of a file: patients or records with a value, without, converted, censored, and set aside."""

    column: str
    variable: str | None
    use: str
    rows: int
    with_value: int
    missing: int
    converted: int = 0
    censored: int = 0
    set_aside: int = 0


@dataclass(frozen=True)
class FileReport:
    """The rows of one file: each was used or set aside."""

    name: str
    rows_read: int
    rows_used: int

    @property
    def rows_set_aside(self) -> int:
        return self.rows_read - self.rows_used


@dataclass(frozen=True, eq=False)
class Sites:
    """Where patients are treated: the sites' names, and for each patient which it is (-1: not known)."""

    names: tuple[str, ...]
    codes: NDArray[np.int32]

    def of_patients(self, owner: NDArray[np.intp], patients: int, before: Sites | None = None) -> Sites:
        """From sites by row those of the patients who own the rows, of several the first that is known; whose site was known ``before``, keep it."""
        names = tuple(dict.fromkeys((*(before.names if before is not None else ()), *self.names)))
        told = np.array([*(names.index(name) for name in self.names), -1], np.int32)[self.codes]
        known = np.flatnonzero(told >= 0)[::-1]
        first = np.full(patients, -1, np.int32)
        first[owner[known]] = told[known]
        return Sites(names, first if before is None else np.where(before.codes < 0, first, before.codes).astype(np.int32))


@dataclass(frozen=True)
class Report:
    """What was read: every row read was used or set aside, in whichever of the files, and every column has an entry."""

    source: str
    rows_read: int
    rows_used: int
    columns: tuple[ColumnReport, ...] = ()
    problems: tuple[Problem, ...] = ()
    files: tuple[FileReport, ...] = ()

    @property
    def rows_set_aside(self) -> int:
        return self.rows_read - self.rows_used

    @property
    def largely_set_aside(self) -> tuple[ColumnReport, ...]:
        """The columns of which more cells were set aside than used."""
        return tuple(each for each in self.columns if each.variable is not None and each.set_aside > each.with_value)


@dataclass(frozen=True, eq=False)
class Cohort:
    """Patients with their records by record type (a variable's ``of`` in the catalogue).

    ``ids`` are the patients' identifiers as text, in row order. ``digest`` identifies the content, for caches. ``covered_days`` is, for each patient,
    how many days before the index date the feed of events begins (None: it covers every window). ``dated`` says whether any record carries a date.
    ``index_dates`` are the first and the last date at which patients are screened (None: no index dates). ``synthetic`` cohorts may be shown without
    hiding small counts. ``sites`` is None where no file says where patients are treated; ``set_aside`` are, by variable, the patients (by row) with a
    cell that could not be used; ``born_days`` how many days before the index date each patient was born at the earliest (``UNDATED_DAYS``: not known),
    None where no file has birth dates.
    """

    name: str
    digest: str
    patients: int
    ids: NDArray[np.object_]
    records: Mapping[str, Records]
    report: Report
    covered_days: Days | None = None
    index_dates: tuple[date, date] | None = None
    synthetic: bool = False
    sites: Sites | None = None
    set_aside: Mapping[str, NDArray[np.int32]] = field(default_factory=dict)
    born_days: Days | None = None

    @property
    def dated(self) -> bool:
        return any(records.times is not None for records in self.records.values())
