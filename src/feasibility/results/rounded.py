"""Overlap, targets and screening costs as they may be shown while small counts are hidden: every count of patients rounded, what follows from it anew."""

from __future__ import annotations

import math
from dataclasses import replace

from feasibility.results.accounting import Tally
from feasibility.results.disclosure import Rounding
from feasibility.results.dropping import Best, Dropping
from feasibility.results.overlap import FailedTogether, Implication, Pull, Redundancy
from feasibility.results.relaxing import Point, Reached
from feasibility.results.screening_order import ScreeningCost


def failed_together(rounding: Rounding, found: FailedTogether) -> FailedTogether:
    """The sets with rounded patients."""
    sets = tuple(replace(each, patients=rounding.count(each.patients)) for each in found.sets)
    return replace(found, sets=sets, ineligible=rounding.count(found.ineligible), further_patients=rounding.count(found.further_patients))


def redundancy(rounding: Rounding, found: Redundancy) -> Redundancy:
    """The same criteria and pairs; percentages are those of the rounded counts."""
    count = rounding.count
    return replace(
        found,
        seldom_alone=tuple(
            replace(each, fails=count(each.fails), only_fail=count(each.only_fail), alone=count(each.alone), gain=count(each.gain))
            for each in found.seldom_alone
        ),
        implications=tuple(_implication(rounding, each) for each in found.implications),
        pulls=tuple(_pull(rounding, each) for each in found.pulls),
    )


def _implication(rounding: Rounding, found: Implication) -> Implication:
    fails, known = rounding.count(found.fails), rounding.count(found.known)
    both, other = min(rounding.count(found.both), fails), min(rounding.count(found.fails_other), known)
    return replace(found, both=both, fails=fails, unknown=rounding.count(found.unknown), fails_other=other, known=known)


def _pull(rounding: Rounding, found: Pull) -> Pull:
    first, second, known = (rounding.count(each) for each in (found.first, found.second, found.known))
    return replace(found, both=min(rounding.count(found.both), first, second), first=first, second=second, known=known)


def dropping(rounding: Rounding, found: Dropping) -> Dropping:
    """The same sets, with who is left rounded."""
    return replace(found, sets=tuple(_best(rounding, found.patients, each) for each in found.sets))


def _best(rounding: Rounding, patients: int, found: Best) -> Best:
    shown = rounding.tally(Tally(patients, found.eligible, found.undetermined))
    return replace(found, eligible=shown.eligible, undetermined=shown.undetermined)


def least(rounding: Rounding, target: int) -> int:
    """The fewest patients that are shown as ``target`` or more."""
    if not rounding.unit or target <= 0:
        return target
    steps = math.ceil(target / rounding.unit)
    return 1 if steps == 1 else math.ceil((steps - 0.5) * rounding.unit)


def reached(rounding: Rounding, found: Reached, target: int) -> Reached:
    """The same moves, with rounded patients, held against the target that was asked for."""
    count = rounding.count
    moves = tuple(replace(each, gained=count(each.gained), eligible=count(each.eligible)) for each in found.moves)
    return replace(found, target=target, start=count(found.start), eligible=count(found.eligible), moves=moves)


def front(rounding: Rounding, points: tuple[Point, ...]) -> tuple[Point, ...]:
    """The points with rounded patients, of those shown with as many only the first."""
    shown: list[Point] = []
    for each in points:
        eligible = rounding.count(each.eligible)
        if not shown or eligible > shown[-1].eligible:
            shown.append(replace(each, eligible=eligible))
    return tuple(shown)


def screening_cost(rounding: Rounding, found: ScreeningCost) -> ScreeningCost:
    """The same order, with rounded patients at every stage: what it costs is reckoned from these."""
    if not rounding.unit:
        return found
    stages = [
        replace(each, reaching=_expected(rounding, each.reaching), stopped=_expected(rounding, each.stopped),
                by_assumption=_expected(rounding, each.by_assumption))
        for each in found.stages
    ]  # fmt: skip
    return replace(
        found, stages=tuple(stages), eligible=_expected(rounding, found.eligible), undetermined=_expected(rounding, found.undetermined)
    )


def _expected(rounding: Rounding, number: float) -> float:
    return float(rounding.counts(number))
