"""Results as they may be shown while small counts are hidden, a function each: every count of patients rounded, what follows from it anew.

A total is rounded from the exact one, never summed from rounded parts, and no part is more than its whole. ``whole`` is the tally as it is shown.
"""

from __future__ import annotations

import math
from dataclasses import replace

from feasibility.results.accounting import Tally
from feasibility.results.curves import Curve
from feasibility.results.disclosure import Rounding
from feasibility.results.dropping import Best, Dropping
from feasibility.results.gaps import Gap, Gaps, Range
from feasibility.results.near import NearCounts
from feasibility.results.noise import Noise
from feasibility.results.overlap import Associated, Costless, FailedTogether, Implication, Redundancy, SeldomAlone
from feasibility.results.pairs import Grid
from feasibility.results.relaxing import Point, Reached
from feasibility.results.screening_order import ScreeningCost
from feasibility.results.taken_as_absent import Absent
from feasibility.results.tornado import End, Tornado
from feasibility.results.treatable import Treatable, TreatableSet


def curve(rounding: Rounding, found: Curve) -> Curve:
    """The same stops; gains are those of the rounded counts, and bands hold those of all that may stand behind them."""
    return replace(found, eligible=rounding.counts(found.eligible), possible=rounding.counts(found.possible), unit=rounding.unit) if rounding.unit else found


def grid(rounding: Rounding, found: Grid) -> Grid:
    """The same pairs of stops."""
    return replace(found, eligible=rounding.counts(found.eligible), possible=rounding.counts(found.possible), unit=rounding.unit) if rounding.unit else found


def tornado(rounding: Rounding, found: Tornado) -> Tornado:
    """The same bars, in the order of the exact ones."""

    def end(each: End) -> End:
        shown = replace(each, eligible=rounding.count(each.eligible), possible=rounding.count(each.possible))
        shown = replace(shown, since=None) if rounding.unit else shown  # where the last one is gained is known to the exact counts alone
        if each.traded is None:
            return shown
        traded, failing = rounding.comparison(each.traded), rounding.count(each.traded.lost - each.opened)
        return replace(shown, traded=traded, opened=max(traded.lost - failing, 0))

    bars = tuple(replace(bar, base=end(bar.base), ends=tuple(map(end, bar.ends))) for bar in found.bars)
    return replace(found, base=end(found.base), bars=bars)


def noise(rounding: Rounding, found: Noise) -> Noise:
    """The eligible about the same threshold; how many the mean is of is left out."""
    eligible, beyond, near = (rounding.count(each) for each in (found.eligible, found.beyond, found.near))
    again, reference = (float(rounding.count(round(found.again))), None) if rounding.unit else (found.again, found.reference)
    return replace(found, eligible=eligible, beyond=beyond, near=near, again=again, reference=reference)


def failed_together(rounding: Rounding, found: FailedTogether, whole: Tally) -> FailedTogether:
    """The sets with rounded patients."""
    if not rounding.unit:
        return found

    def count(patients: int) -> int:
        return min(rounding.count(patients), whole.ineligible)

    sets = tuple(replace(each, patients=count(each.patients), unknown=count(each.unknown)) for each in found.sets)
    return replace(found, sets=sets, ineligible=whole.ineligible, further_patients=count(found.further_patients))


def redundancy(rounding: Rounding, found: Redundancy) -> Redundancy:
    """The same criteria and pairs; of rounded counts no percentage is said."""
    count = rounding.count
    return replace(
        found,
        seldom_alone=tuple(
            SeldomAlone(each.id, count(each.fails), count(each.only_fail), count(each.alone), count(each.gain), count(each.eligible))
            for each in found.seldom_alone
        ),
        without_gain=tuple(Costless(each.id, count(each.unknown)) for each in found.without_gain),
        never_failed=tuple(Costless(each.id, count(each.unknown)) for each in found.never_failed),
        implications=tuple(_implication(rounding, each) for each in found.implications),
        together=tuple(_associated(rounding, each) for each in found.together),
        apart=tuple(_associated(rounding, each) for each in found.apart),
    )


def _implication(rounding: Rounding, found: Implication) -> Implication:
    fails, known = rounding.count(found.fails), rounding.count(found.known)
    both, other = min(rounding.count(found.both), fails), min(rounding.count(found.fails_other), known)
    return replace(found, both=both, fails=fails, unknown=rounding.count(found.unknown), fails_other=other, known=known)


def _associated(rounding: Rounding, found: Associated) -> Associated:
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
    """The points with rounded patients, of those shown with as many only the first: nothing is proven of them then but that nothing costs nothing."""
    shown: list[Point] = []
    for each in points:
        eligible = rounding.count(each.eligible)
        if not shown or eligible > shown[-1].eligible:
            shown.append(replace(each, eligible=eligible, proven=each.proven and not (rounding.unit and each.cost)))
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
        found,
        stages=tuple(stages),
        eligible=_expected(rounding, found.eligible),
        undetermined=_expected(rounding, found.undetermined),
        eligible_on_data=rounding.count(found.eligible_on_data),
    )


def _expected(rounding: Rounding, number: float) -> float:
    return float(rounding.counts(number))


def gaps(rounding: Rounding, found: Gaps, whole: Tally) -> Gaps:
    """The gaps that somebody shown as undetermined is open for; no range leaves that of the eligible as it is shown."""
    if not rounding.unit:
        return found
    shown = tuple(_gap(rounding, each, whole.undetermined) for each in found.gaps)
    settled, without = (_part(rounding, each, whole.undetermined) for each in (found.one_settles, found.in_none))
    return Gaps(whole, settled, tuple(each for each in shown if each.people), in_none=without)


def _gap(rounding: Rounding, found: Gap, undetermined: int) -> Gap:
    people = _part(rounding, found.people, undetermined)
    gained, lost = (_part(rounding, each.high, people) for each in (found.gained, found.lost))
    if 0 < undetermined - gained - lost < rounding.unit:  # of a number of undetermined that is no multiple: who would stay so
        lost = undetermined - gained
        people = max(people, lost)
    nothing = _part(rounding, found.nothing, people)
    # Who is gained whatever is found is never lost: the two ends of the range do not cross.
    surely_gained, surely_lost = _at_least(rounding, found.gained.low, people - lost), _at_least(rounding, found.lost.low, people - gained)
    return replace(
        found,
        people=people,
        nothing=nothing,
        never=_part(rounding, found.never, nothing),
        settled=_part(rounding, found.settled, min(people, gained + lost)),
        gained=Range(min(surely_gained, gained), gained),
        lost=Range(min(surely_lost, lost), lost),
    )


def _part(rounding: Rounding, number: int, whole: int) -> int:
    """A part of a whole that is shown: no more than it, and all of it where what is left would be small."""
    shown = min(rounding.count(number), whole)
    return whole if shown and whole - shown < rounding.unit else shown


def _at_least(rounding: Rounding, number: int, most: int) -> int:
    """A lower bound as far as it may go: nobody, where that or what it leaves would be small."""
    shown = min(rounding.count(number), most)
    return 0 if shown < rounding.unit or 0 < most - shown < rounding.unit else shown


def taken_as_absent(rounding: Rounding, found: Absent, whole: Tally) -> Absent:
    """The same events, of no more of the eligible than are shown; together no fewer than of any one of which a no is never recorded."""

    def shown(eligible: int) -> int:
        return min(rounding.count(eligible), whole.eligible)

    return Absent(whole, tuple(replace(each, eligible=shown(each.eligible)) for each in found.events), shown(found.never_no))


def treatable(rounding: Rounding, found: Treatable, whole: Tally) -> Treatable:
    """The ineligible in three parts; of each set all, and the two by themselves."""
    if not rounding.unit:
        return found
    eligible, undetermined, for_good = rounding.parts(whole.ineligible, found.eligible, found.undetermined, found.for_good)

    def of_set(each: TreatableSet) -> TreatableSet:
        clear, open_, _ = rounding.parts(whole.ineligible, each.eligible, each.undetermined, found.ineligible - each.patients)
        return replace(each, patients=rounding.count(each.patients), eligible=min(clear, eligible), undetermined=min(open_, undetermined))

    sets = tuple(map(of_set, found.sets))
    return replace(found, ineligible=whole.ineligible, for_good=for_good, eligible=eligible, undetermined=undetermined, sets=sets)


def near_counts(rounding: Rounding, found: NearCounts, whole: Tally) -> NearCounts:
    """The ineligible in three parts: the third are those who fail several criteria; of each criterion the two by themselves."""
    if not rounding.unit:
        return found
    several = found.ineligible - found.passed - found.unknown
    passed, unknown, _ = rounding.parts(whole.ineligible, found.passed, found.unknown, several)
    criteria = tuple(
        replace(each, passed=min(rounding.count(each.passed), passed), unknown=min(rounding.count(each.unknown), unknown)) for each in found.criteria
    )
    return replace(found, ineligible=whole.ineligible, passed=passed, unknown=unknown, criteria=criteria)
