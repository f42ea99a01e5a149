"""How what a rule asks of visits goes along the length of their window, where every visit's day is known: told row by row, without screening again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feasibility.cohort import Records
from feasibility.logic import FALSE, TRUE, UNKNOWN, Truth
from feasibility.rules.nodes import Ref, Visit, Which, walk
from feasibility.screening.asked import Asked, ResolvedLimb, outcome
from feasibility.screening.rows import MONTHS_PER, first_row, per_patient
from feasibility.screening.screen import Screener
from feasibility.variables import MissingPolicy

Places = NDArray[Any]


@dataclass(frozen=True, eq=False)
class VisitsAlong:
    """By patient the stop from which on a visit is in the window, one of which the condition is UNKNOWN, and one at which it holds.

    The number of stops where there is none. ``asked``: what is asked of them.
    """

    asked: Asked
    begins: Places
    unknown: Places
    holds: Places

    def outcomes(self, begins: Places, unknown: Places, holds: Places, stops: int) -> Truth:
        """The outcome along so many stops, given these places: UNKNOWN without a visit in the window."""
        place = np.arange(stops)
        truth = np.where(place >= holds[:, None], TRUE, np.where(place >= unknown[:, None], UNKNOWN, FALSE))
        return outcome(self.asked.role, np.where(place >= begins[:, None], truth, UNKNOWN).astype(np.int8))


def visits_along(screener: Screener, asked: Asked, parameter: str, stops: Sequence[float]) -> VisitsAlong | None:
    """Along finite stops, rising; None where anything else is asked, or a visit's day is not known exactly."""
    limb = asked.limbs[0]
    visit = limb.stands
    if len(asked.limbs) > 1 or asked.open or not isinstance(visit, Visit) or not _moves_its_window_alone(limb, visit, parameter):
        return None
    records = screener.cohort.records.get(visit.record)
    if records is None or records.times is None or not records.times.exact:
        return None
    place = _places(screener, visit, records, stops)
    truth, never = screener.evaluator.of_rows(visit.condition, records, limb.policies), place.dtype.type(len(stops))
    if visit.which is Which.LATEST:
        row = first_row(place < never, records)
        last = np.zeros(len(place), bool)
        last[row[row >= 0]] = True
        place = np.where(last, place, never)
    first = (per_patient(np.minimum, np.where(of, place, never), records, never) for of in (np.ones(len(place), bool), truth == UNKNOWN, truth == TRUE))
    return VisitsAlong(asked, *first)


def _moves_its_window_alone(limb: ResolvedLimb, visit: Visit, parameter: str) -> bool:
    alone = [node for node in walk(visit) if isinstance(node, Ref)] == [Ref(parameter)]
    return alone and visit.window is not None and visit.window.length == Ref(parameter) and MissingPolicy.FAIL not in limb.policies.values()


def _places(screener: Screener, visit: Visit, records: Records, stops: Sequence[float]) -> Places:
    """By row the first stop at which the visit is in the window; of one that never is, or holds no value, their number."""
    assert visit.window is not None
    assert records.times is not None
    unit = MONTHS_PER.get(visit.window.unit)
    ago = records.times.days_lo if unit is None else records.times.months_lo
    place = np.searchsorted(np.asarray(stops) * (unit or 1), ago).astype(np.int16)
    inside = screener.evaluator.valued_visits(visit, records) & (records.times.days_lo >= (0 if visit.window.closed else 1))
    return np.where(inside, place, np.int16(len(stops)))
