"""Patients as people think of them, a short notation for their records, and their translation into the product's arrays."""

from __future__ import annotations

import calendar
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from feasibility.cohort import UNDATED_DAYS, Cohort, Records, Report, Times, Undated
from feasibility.logic import Intervals
from feasibility.variables import Kind, builtin_catalogue

INF = math.inf
MISSING = (-INF, INF)
INDEX = date(2026, 1, 31)

Interval = tuple[float, float]
Span = tuple[date, date]


@dataclass(frozen=True)
class Rec:
    """One record: its values, the first and last day it may be of (None: undated), and likewise its end (None: not recorded)."""

    values: Mapping[str, Interval]
    date: Span | None = None
    end: Span | None = None


@dataclass(frozen=True)
class Patient:
    records: Mapping[str, tuple[Rec, ...]]
    index: date = INDEX
    covered_days: int | None = None


@dataclass(frozen=True)
class Columns:
    """What a file has: the fields of each record type, which of them are without dates (and what that means), and which are one row a patient."""

    fields: Mapping[str, tuple[str, ...]]
    undated: Mapping[str, Undated] = field(default_factory=dict)
    wide: frozenset[str] = frozenset()


def record_of(variable: str) -> str:
    return builtin_catalogue()[variable].of


def columns_for(patients: Sequence[Patient], *more: str, wide: bool = False, undated: Mapping[str, Undated] | None = None) -> Columns:
    """The columns that these records show, and those of the variables named."""
    fields: dict[str, dict[str, None]] = {}
    for patient in patients:
        for record, recs in patient.records.items():
            named = fields.setdefault(record, {})
            for rec in recs:
                named.update(dict.fromkeys(rec.values))
    for variable in more:
        fields.setdefault(record_of(variable), {})[variable] = None
    meaning = {record: Undated.CURRENT for record in fields if any(rec.date is None for patient in patients for rec in patient.records.get(record, ()))}
    return Columns({record: tuple(named) for record, named in fields.items()}, meaning | dict(undated or {}), frozenset(fields) if wide else frozenset())


# The notation: "4.0 @2d; <3.6 @20d", "yes @2025-08 lacunar=yes", "@40d..20d", "@40d..now"; a record type's own value may be left out of an event


def parse(text: str, record: str, main: str | None = None, index: date = INDEX) -> tuple[Rec, ...]:
    return tuple(_record(item.split(), record, main or record, index) for item in text.split(";") if item.strip())


def patient(index: date = INDEX, covered_days: int | None = None, **records: str) -> Patient:
    """A patient from texts by variable or record type; ``age`` gives the exact age too."""
    made: dict[str, tuple[Rec, ...]] = {}
    for name, text in records.items():
        record = name if name in builtin_catalogue().visits else record_of(name)
        made[record] = made.get(record, ()) + parse(text, record, name, index)
    if "age" in made and "age_exact" not in made:
        made["age_exact"] = tuple(Rec({"age_exact": (lo, np.nextafter(hi + 1, hi))}) for rec in made["age"] for lo, hi in [rec.values["age"]])
    return Patient(made, index, covered_days)


def _record(tokens: list[str], record: str, main: str, index: date) -> Rec:
    values: dict[str, Interval] = {}
    when = end = None
    for token in tokens:
        name, equals, text = token.partition("=")
        if token.startswith("@"):
            first, dots, last = token[1:].partition("..")
            when = span(first, index)
            end = span(last, index) if dots and last else None
        elif equals:
            values[name] = value(name, text)
        else:
            values[main] = value(main, token)
    if record in builtin_catalogue() and builtin_catalogue()[record].kind is Kind.EVENT:
        values = {record: (1.0, 1.0), **values}
    return Rec(values, when, end)


def value(variable: str, text: str) -> Interval:
    catalogued = builtin_catalogue()[variable]
    if text in catalogued.values:
        return catalogued.values[text]
    match re.fullmatch(r"([<>]?)([-\d.]*?\d)(?:\.\.([-\d.]+))?", text):
        case None:
            return {"yes": (1.0, 1.0), "no": (0.0, 0.0), "maybe": (0.0, 1.0), "?": MISSING}[text]
        case found:
            number = float(found[2])
            if found[1]:
                return (-INF, number) if found[1] == "<" else (number, INF)
            return number, float(found[3]) if found[3] else number


def span(text: str, index: date = INDEX) -> Span:
    """The days a date may mean: ``2d`` (days before the index date), ``9~7d``, ``2025-08``, ``2025``, ``now`` (going on)."""
    if text == "now":
        return index + timedelta(1), index + timedelta(3650)
    if found := re.fullmatch(r"(-?\d+)(?:~(-?\d+))?d", text):
        return index - timedelta(int(found[1])), index - timedelta(int(found[2] or found[1]))
    parts = [int(part) for part in text.split("-")]
    match parts:
        case [year]:
            return date(year, 1, 1), date(year, 12, 31)
        case [year, month]:
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        case _:
            return date(*parts), date(*parts)


# Calendar


def months_earlier(day: date, months: int) -> date:
    """The same day so many calendar months before; month ends saturate."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def months_before(index: date, day: date) -> int:
    """The least whole number of months that reaches back to the day."""
    months = (index.year - day.year) * 12 + index.month - day.month - 1
    while months_earlier(index, months) > day:
        months += 1
    return months


# Into the product's arrays


def cohort(patients: Sequence[Patient], columns: Columns) -> Cohort:
    covered = None
    if any(patient.covered_days is not None for patient in patients):
        covered = np.array([10**6 if patient.covered_days is None else patient.covered_days for patient in patients], np.int32)
    return Cohort(
        name="test",
        digest="test",
        patients=len(patients),
        ids=np.array([str(number) for number in range(len(patients))], object),
        records={record: _records(record, names, patients, columns) for record, names in columns.fields.items()},
        report=Report("test", len(patients), len(patients)),
        covered_days=covered,
    )


def _records(record: str, names: Sequence[str], patients: Sequence[Patient], columns: Columns) -> Records:
    dated = record not in columns.undated
    rows: list[tuple[Patient, Rec | None]] = []
    starts = [0]
    one_row_each = record in columns.wide and all(len(patient.records.get(record, ())) <= 1 for patient in patients)
    for each in patients:
        recs: list[Rec | None] = list(each.records.get(record, ()))
        if dated:
            recs.sort(key=lambda rec: rec.date[::-1], reverse=True)  # type: ignore[union-attr,index]  # only dated records are sorted
        rows += [(each, rec) for rec in (recs or [None] if one_row_each else recs)]
        starts.append(len(rows))
    fields = {}
    for name in names:
        pairs = [rec.values.get(name, MISSING) if rec else MISSING for _, rec in rows]
        lo, hi = (np.array([pair[end] for pair in pairs], float) for end in (0, 1))
        fields[name] = Intervals(lo, lo if (lo == hi).all() else hi)
    return Records(
        patients=len(patients),
        fields=fields,
        starts=None if one_row_each else np.array(starts, np.int64),
        times=_times([(each, rec.date if rec else (each.index, each.index)) for each, rec in rows]) if dated else None,
        undated=columns.undated.get(record, Undated.CURRENT),
        ends=_times([(each, rec.end if rec else None) for each, rec in rows]) if any(rec and rec.end for _, rec in rows) else None,
    )


def _times(spans: Sequence[tuple[Patient, Span | None]]) -> Times:
    ends = []
    for which in (1, 0):
        days = [(each.index - span[which]).days if span else (-UNDATED_DAYS if which else UNDATED_DAYS) for each, span in spans]
        months = [months_before(each.index, span[which]) if span else (-UNDATED_DAYS if which else UNDATED_DAYS) for each, span in spans]
        ends += [np.array(days, np.int32), np.array(months, np.int32)]
    days_lo, months_lo, days_hi, months_hi = ends
    if (days_lo == days_hi).all():
        return Times(days_lo, days_lo, months_lo, months_lo)
    return Times(days_lo, days_hi, months_lo, months_hi)
