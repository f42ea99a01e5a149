"""Missing data that count as a no: events of which nothing is recorded, where the missing policy is *absent*.

It makes more eligible than an unknown would, so that it is said beside what is missing and counts as unknown. Where a no is recorded for somebody, no
record may be a gap; where a file holds nothing but yeses, no record is how it writes a no. The two are told apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from feasibility.logic import Bools
from feasibility.results.accounting import Tally, eligible_patients, tally
from feasibility.results.overview import Counted, Overview
from feasibility.rules.nodes import variables
from feasibility.scenario import with_missing_policy
from feasibility.screening.parts import outcome_by_parts
from feasibility.screening.screen import PASS, Screener
from feasibility.variables import Kind, MissingPolicy


@dataclass(frozen=True)
class TakenAsAbsent:
    """An event that ``criteria`` ask of: so many of the ``eligible`` would be undetermined if it counted as unknown where nothing is recorded.

    ``no_recorded``: a no is recorded for somebody.
    """

    variable: str
    criteria: tuple[str, ...]
    eligible: int
    no_recorded: bool = True


@dataclass(frozen=True)
class Absent:
    """Every such event that makes somebody of the eligible so, that of most patients first; ``tally``: who is eligible of all patients.

    ``never_no``: how many of the eligible would be undetermined if all those of which a no is never recorded counted as unknown at once.
    """

    tally: Tally
    events: tuple[TakenAsAbsent, ...]
    never_no: int = 0


def taken_as_absent(screener: Screener, overview: Overview | Counted) -> Absent:
    """What of the eligible hangs on events of which nothing is recorded."""
    eligible = np.flatnonzero(eligible_patients(overview.patterns, overview.order))
    asked = tuple(dict.fromkeys(_absent(screener, overview)))

    def hanging(criterion: str, names: Sequence[str]) -> Bools:
        """Who of the eligible no longer passes with these events of a criterion unknown."""
        protocol, scenario = overview.screening.protocol, overview.screening.scenario
        for name in names:
            scenario = with_missing_policy(protocol, scenario, f"{criterion}.{name}", MissingPolicy.UNKNOWN)
        open_: Bools = outcome_by_parts(screener, screener.asked(protocol, scenario, criterion))[eligible] != PASS
        return open_

    found, never_no = [], np.zeros(len(eligible), bool)
    never = {name for _, name in asked if not _no_recorded(screener, name)}
    for name in dict.fromkeys(name for _, name in asked):
        of_criteria = {criterion: hanging(criterion, (name,)) for criterion, other in asked if other == name}
        criteria = tuple(criterion for criterion, of_criterion in of_criteria.items() if of_criterion.any())
        if criteria:
            found.append(TakenAsAbsent(name, criteria, int(np.count_nonzero(np.logical_or.reduce(list(of_criteria.values())))), name not in never))
    for criterion in dict.fromkeys(criterion for criterion, name in asked if name in never):
        never_no |= hanging(criterion, [name for other, name in asked if other == criterion and name in never])
    whole = tally(overview.patterns, overview.order)
    return Absent(whole, tuple(sorted(found, key=lambda each: -each.eligible)), int(np.count_nonzero(never_no)))


def _absent(screener: Screener, overview: Overview | Counted) -> Iterator[tuple[str, str]]:
    """The criteria that count with the events they take for a no where nothing is recorded."""
    for criterion in overview.order:
        for limb in screener.asked(overview.screening.protocol, overview.screening.scenario, criterion).limbs:
            for name in variables(limb.stands):
                event, policy = screener.catalogue[name].kind is Kind.EVENT, screener.evaluator.policy(name, limb.policies)
                if event and policy is MissingPolicy.ABSENT and screener.evaluator.records(name) is not None:
                    yield criterion, name


def _no_recorded(screener: Screener, name: str) -> bool:
    records = screener.evaluator.records(name)
    return records is not None and bool((records.fields[name].hi <= 0).any())
