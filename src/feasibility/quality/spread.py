"""How the values of a variable are distributed, as they are recorded, over all patients and by site."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feasibility.cohort import Records, Sites
from feasibility.logic import Intervals
from feasibility.results.distributions import OUTSIDE, Axis, Spread, axis_of, binned
from feasibility.variables import Kind, Variable

BINS = 60
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Distribution:
    """The values of a number over an axis: ``counts`` by bin of the ``drawn`` values (exact, or known to within a bin); ``by_site`` the same, a row a site."""

    axis: Axis
    counts: Counts
    drawn: int
    values: int
    by_site: Counts | None = None


@dataclass(frozen=True, eq=False)
class Named:
    """The records of a category or event by what they say, as the catalogue names it; ``by_site`` has a row a site."""

    labels: tuple[str, ...]
    counts: Counts
    by_site: Counts | None = None


def distribution(records: Records, variable: Variable, sites: Sites | None) -> Distribution | None:
    """How the values of a number are distributed; None where there are none."""
    assert variable.kind is Kind.NUMBER
    values = records.fields[variable.name]
    axis = _axis(values, variable)
    if axis is None:
        return None
    spread = binned(values, axis)
    filled = records.rows if values.exact else int(np.count_nonzero(values.something_known))
    return Distribution(axis, spread.counts, int(spread.counts.sum()), filled, _by_site(spread, records, sites, axis.bins))


def named(records: Records, variable: Variable, sites: Sites | None) -> Named:
    """How often each named value, or yes and no of an event, was recorded; what is known only in part counts as not known."""
    values = records.fields[variable.name]
    spans = {"no": (0.0, 0.0), "yes": (1.0, 1.0)} if variable.kind is Kind.EVENT else dict(variable.values)
    which = np.full(records.rows, OUTSIDE)
    for number, (lo, hi) in enumerate(spans.values()):
        which[(values.lo == lo) & (values.hi == hi)] = number
    something = np.ones(records.rows, bool) if values.exact else values.something_known
    which[something & (which == OUTSIDE)] = len(spans)
    spread = Spread(which, np.bincount(which[which != OUTSIDE], minlength=len(spans) + 1))
    return Named((*spans, "not known"), spread.counts, _by_site(spread, records, sites, len(spans) + 1))


def _by_site(spread: Spread, records: Records, sites: Sites | None, bins: int) -> Counts | None:
    if sites is None:
        return None
    site = sites.codes if records.one_row_each else sites.codes[records.patient_of_row]
    inside = (spread.bin_of != OUTSIDE) & (site >= 0)
    counts: Counts = np.bincount(site[inside].astype(np.int64) * bins + spread.bin_of[inside], minlength=len(sites.names) * bins)
    return counts.reshape(len(sites.names), bins)


def _axis(values: Intervals, variable: Variable) -> Axis | None:
    """From the lowest value to the highest, and over the usual range; on a log scale from the lowest that is above zero."""
    log = variable.scale == "log"
    known = values.lo if values.exact else values.lo[values.lo == values.hi]
    known = known[known > 0] if log and known.size and known.min() <= 0 else known
    if not known.size:
        return None
    low, high = float(known.min()), float(known.max())
    if variable.soft is not None:
        low = low if log and variable.soft[0] <= 0 else min(low, variable.soft[0])
        high = max(high, variable.soft[1])
    if log:
        return Axis(low, high if high > low else 2 * low, BINS, log=True)
    step = _step((high - low) / BINS)
    low = math.floor(low / step) * step
    return axis_of(low, max(math.ceil(high / step) * step, low + step), step, False, 2 * BINS)


def _step(least: float) -> float:
    """The least round number that is at least this."""
    if least <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in STEPS if step * power >= least * (1 - 1e-9))
