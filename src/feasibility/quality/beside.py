"""The few checks that a rule cannot say: what is multiplied, and dates held against one another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from feasibility.cohort import UNDATED_DAYS, Records, Times
from feasibility.logic import FALSE, TRUE, Bools, Floats, Intervals, Truth, between, or_
from feasibility.rules.nodes import Occurred, Pick, Statistic, Window
from feasibility.screening import events, rows, statistics
from feasibility.screening.evaluate import Evaluator
from feasibility.variables import Kind

SAME_COLLECTION, ACROSS_DAYS = 1.1, 2.75
"""How many times more albumin than total protein is let pass: for the same day's collections, and for those of different days."""

MG_PER_G = 1000.0
AFTER_THE_INDEX_DATE_IS_NORMAL = frozenset({"death"})


@dataclass(frozen=True)
class Beside:
    """A check in code: what it gives for each patient (None: there is no column to tell), and the variables it needs."""

    truth: Callable[[Evaluator], Truth | None]
    needs: tuple[str, ...] = ()


def albumin_above_protein(evaluator: Evaluator) -> Truth | None:
    """UACR × creatinine excretion against the 24-h protein, of which albumin is a part.

    The excretion is the 24-h creatinine where it was measured, else what weight, age and sex let expect (Ix 2011, without the term for race); without
    a weight it is not known.
    """
    if any(evaluator.records(name) is None for name in ("uacr", "urine_protein_24h")):
        return None
    if evaluator.records("urine_creatinine_24h") is None and any(evaluator.records(name) is None for name in ("weight", "age_exact")):
        return None
    uacr, protein = _latest(evaluator, "uacr"), _latest(evaluator, "urine_protein_24h")
    excreted, measured = _creatinine_excretion(evaluator)
    same = measured & _same_day(evaluator, "uacr", "urine_protein_24h") & _same_day(evaluator, "urine_creatinine_24h", "urine_protein_24h")
    times = np.where(same, SAME_COLLECTION, ACROSS_DAYS)
    low, high = (_product(one, other) / MG_PER_G for one, other in ((uacr.lo, excreted.lo), (uacr.hi, excreted.hi)))
    return between(low > protein.hi * times, high > np.maximum(protein.lo, 0) * times)


def _product(one: Floats, other: Floats) -> Floats:
    """The product of what cannot be negative; with nothing known of either end it is not limited."""
    with np.errstate(invalid="ignore"):
        product = np.maximum(one, 0) * np.maximum(other, 0)
    return np.where(np.isnan(product), np.inf, product)


def _creatinine_excretion(evaluator: Evaluator) -> tuple[Intervals, Bools]:
    """Grams a day, and where that was measured."""
    measured = _latest(evaluator, "urine_creatinine_24h")
    told = measured.something_known if not measured.exact else np.ones(evaluator.cohort.patients, bool)
    weight, age, sex = (_latest(evaluator, name) for name in ("weight", "age_exact", "sex"))
    ends = []
    for kilograms, years, male in ((weight.lo, age.hi, sex.lo), (weight.hi, age.lo, sex.hi)):
        female = 1 - np.clip(male, 0, 1)  # of unknown sex: female at the lower end, male at the upper
        with np.errstate(invalid="ignore"):
            expected = (879.89 + 12.51 * kilograms - 6.19 * years - 379.42 * female) / MG_PER_G
        ends.append(expected)
    unknown = ~(np.isfinite(ends[0]) & np.isfinite(ends[1]))
    low, high = np.where(unknown, 0.0, ends[0]), np.where(unknown, np.inf, ends[1])
    return Intervals(np.where(told, measured.lo, low), np.where(told, measured.hi, high)), told


def _latest(evaluator: Evaluator, name: str) -> Intervals:
    return evaluator.quantity(Pick(Statistic.LATEST, name), {})


def _same_day(evaluator: Evaluator, one: str, other: str) -> Bools:
    """Whose latest values of two variables are of one and the same known day."""
    first, second = (_day_of_latest(evaluator, name) for name in (one, other))
    if first is None or second is None:
        return np.zeros(evaluator.cohort.patients, bool)
    same: Bools = (first.lo == first.hi) & (second.lo == second.hi) & (first.lo == second.lo)
    return same


def _day_of_latest(evaluator: Evaluator, name: str) -> Intervals | None:
    """How many days before the index date the latest value was; None without dates."""
    records = evaluator.records(name)
    if records is None or records.times is None:
        return None
    values, times = records.fields[name], records.times
    filled = np.ones(records.rows, bool) if values.exact else values.something_known
    lo, hi = np.where(filled, times.days_lo, -np.inf), np.where(filled, times.days_hi, np.inf)
    return statistics.pick(Pick(Statistic.LATEST, name), Records(records.patients, {name: Intervals(lo, hi)}, records.starts, times))


def after_the_index_date(evaluator: Evaluator) -> Truth | None:
    """Anything recorded after the day at which the patient is screened; of death that is as it should be."""

    def judged(records: Records, times: Times) -> Judged:
        return (times.days_hi < 0, times.days_lo < 0) if int(times.days_lo.min(initial=0)) < 0 else None

    return _any_record(evaluator, judged, AFTER_THE_INDEX_DATE_IS_NORMAL)


def before_birth(evaluator: Evaluator) -> Truth | None:
    """Anything recorded before the first day on which the patient may have been born."""
    born = evaluator.cohort.born_days
    if born is None:
        return None
    shortest, unknown = int(born.min(initial=UNDATED_DAYS)), bool((born == UNDATED_DAYS).any())

    def judged(records: Records, times: Times) -> Judged:
        if not unknown and int(times.days_hi.max(initial=0)) <= shortest:
            return None
        at = born if records.one_row_each else born[records.patient_of_row]
        return times.days_lo > at, (times.days_hi > at) | (at == UNDATED_DAYS)

    return _any_record(evaluator, judged)


Judged = tuple[Bools, Bools] | None


def _any_record(evaluator: Evaluator, judge: Callable[[Records, Times], Judged], besides: frozenset[str] = frozenset()) -> Truth | None:
    """TRUE where a dated record is certainly as ``judge`` says, FALSE where there are dated records and none may be; ``judge`` gives None for none."""
    certain, possible, dated = (np.zeros(evaluator.cohort.patients, bool) for _ in range(3))
    looked = False
    for records, times, there in _dated(evaluator, besides):
        looked = True
        dated |= rows.any_row(there, records)
        judged = judge(records, times)
        if judged is not None:
            sure, perhaps = judged
            certain |= rows.any_row(sure & there, records)
            possible |= rows.any_row((sure | perhaps) & there, records)
    return between(certain, possible | ~dated) if looked else None


def _dated(evaluator: Evaluator, besides: frozenset[str]) -> Iterator[tuple[Records, Times, Bools]]:
    """The records of each type that carries dates, and which of them say that something was measured or happened."""
    for name, records in evaluator.cohort.records.items():
        if records.times is None or name in besides:
            continue
        if name in evaluator.catalogue and evaluator.catalogue[name].kind is Kind.EVENT:
            there = records.fields[name].hi >= 1
            there &= records.fields[name].lo > -np.inf
        else:
            there = np.zeros(records.rows, bool)
            for values in records.fields.values():
                there |= True if values.exact else values.something_known
        known = (records.times.days_lo > -UNDATED_DAYS) | (records.times.days_hi < UNDATED_DAYS)
        yield records, records.times, there & known


def died(evaluator: Evaluator) -> Truth | None:
    """A death dated before the index date, or recorded without a date: who is said to be dead cannot be screened, whenever that was."""
    records = evaluator.records("death")
    if records is None:
        return None
    before: Truth = evaluator.truth(Occurred("death", Window(np.inf, "days", closed=False)), {})
    if records.times is None:
        return before
    dateless = (records.times.days_lo == 0) & (records.times.days_hi == UNDATED_DAYS)
    flagged = events.occurrence("death", records) == TRUE
    return or_(before, np.where(rows.any_row(flagged & dateless, records), TRUE, FALSE))


BESIDE = {
    "albumin above protein": Beside(albumin_above_protein, ("uacr", "urine_protein_24h", "weight", "age_exact")),
    "after the index date": Beside(after_the_index_date),
    "before birth": Beside(before_birth),
    "died": Beside(died, ("death",)),
}
