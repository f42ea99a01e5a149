"""Tornado: how far each thing that could be changed, changed alone, moves the number eligible."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from feasibility.logic import UNKNOWN, Bools, and_
from feasibility.parameters import Choice, Switch, Value
from feasibility.patterns import OUTCOMES
from feasibility.protocol import Protocol
from feasibility.results.accounting import Comparison, account
from feasibility.results.cores import counted_at_once
from feasibility.results.curves import Curve, kinds_along, stops_of
from feasibility.results.kinds import Counts, Kinds
from feasibility.results.overview import Counted, Workbench
from feasibility.scenario import Scenario, reading_id, value_of, with_criterion_off, with_reading, with_value
from feasibility.screening.asked import Asked
from feasibility.screening.parts import outcome_by_parts, parts_of
from feasibility.screening.profiles import Profiles, joint_profiles
from feasibility.screening.screen import FAIL, PASS, Screener, Screening

NOW_AND_THEN = np.stack(np.divmod(np.arange(OUTCOMES**2, dtype=np.int8), OUTCOMES), axis=1)


class Group(StrEnum):
    """What is changed."""

    REMOVED = "removed"  # the criterion is off
    RANGE = "range"  # a number goes to either end of its range
    READING = "reading"  # a criterion is read another way, a switch or a choice is set otherwise


@dataclass(frozen=True)
class End:
    """Where a bar ends: at a ``value`` of the parameter (of a reading its id, None with the criterion off), so many eligible and so many possible.

    Eligible pass all criteria, possible fail none, an UNKNOWN standing against nobody; both of all patients. ``traded``: who is gained and who is no longer
    eligible, as pairs; None with a criterion off, which only gains. ``opened``: of those no longer eligible who is undetermined there, and not lost.
    ``since``: of an end of a range the stop nearest to the scenario's from which on as many are eligible; None where that is the end itself.
    """

    value: Value | None
    eligible: int
    possible: int
    traded: Comparison | None = None
    opened: int = 0
    since: float | None = None

    @property
    def nearest(self) -> Value | None:
        """The value that is taken: the end's, or the nearest from which on as many are eligible."""
        return self.value if self.since is None else self.since


@dataclass(frozen=True)
class Bar:
    """One thing changed alone: ``criteria`` that move with it (``I5``; several of a shared number), and ``what`` of them, as a label.

    ``base`` is the scenario; ``ends`` are where the change leads: of a number with a direction to either end of its range, rising (no limit is one,
    where it may be lifted); of one without to the worst and the best of its stops, if it is not there. ``parameter`` is the full name,
    None for a reading or a criterion off.
    """

    group: Group
    criteria: tuple[str, ...]
    what: str
    parameter: str | None
    base: End
    ends: tuple[End, ...]

    @property
    def key(self) -> Hashable:
        """What tells the bar from the others of any scenario."""
        return self.group, self.criteria, self.parameter, None if self.group is Group.RANGE else self.ends[0].value

    @property
    def low(self) -> End:
        """The fewest eligible: where the bar begins; the scenario itself, where the change only gains."""
        return min((*self.ends, self.base), key=lambda end: (end.eligible, end.possible))

    @property
    def high(self) -> End:
        """The most eligible; of as many, with the most possible."""
        return max((*self.ends, self.base), key=lambda end: (end.eligible, end.possible))

    @property
    def change(self) -> int:
        """The largest change in eligible against the scenario, by which bars are sorted."""
        return max((end.eligible - self.base.eligible for end in self.ends), key=abs)

    @property
    def opened(self) -> int:
        """How much of the way to the lower end is not due to patients who FAIL there but to those who are undetermined."""
        if self.low.traded is None:
            return 0
        failing = self.low.traded.lost - self.low.opened
        return max(self.base.eligible - self.low.eligible - failing, 0)

    @property
    def mostly_opened(self) -> bool:
        """Whether most of those who are no longer eligible at the lower end are undetermined there."""
        return self.low.traded is not None and self.low.traded.lost < 2 * self.low.opened

    @property
    def moves_somebody(self) -> bool:
        """Whether somebody else is eligible, or more may be, at one of its ends."""
        traded = any(end.traded is not None and end.traded.gained + end.traded.lost > 0 for end in self.ends)
        return bool(self.change) or traded or self.high.possible > self.base.possible


@dataclass(frozen=True)
class Tornado:
    """Bars about the ``base``, the scenario: within each group the largest change first, of those alike in that who may be eligible. Of all ``patients``.

    One scale holds them all: ``scale``.

    Readings, switches and choices that would leave a criterion without a limb the data can show have no bar.
    """

    base: End
    bars: tuple[Bar, ...]
    patients: int

    def of(self, group: Group) -> tuple[Bar, ...]:
        return tuple(bar for bar in self.bars if bar.group is group)

    @property
    def nobody(self) -> bool:
        """Whether nobody is eligible, be it after any one change."""
        return not any(end.eligible for bar in self.bars for end in (*bar.ends, self.base))

    @property
    def scale(self) -> tuple[int, int]:
        """The fewest and the most eligible of any bar."""
        ends = [end.eligible for bar in self.bars for end in (bar.low, bar.high)]
        return min([self.base.eligible, *ends]), max([self.base.eligible, *ends])


def taken(protocol: Protocol, scenario: Scenario, bar: Bar, end: End) -> Scenario:
    """The scenario with what a bar changes: the criterion off, another reading, a number at the ``nearest`` value of an end."""
    value = end.nearest
    if value is None:
        return with_criterion_off(protocol, scenario, bar.criteria[0])
    return with_reading(protocol, scenario, bar.criteria[0], str(value)) if bar.parameter is None else with_value(protocol, scenario, bar.parameter, value)


def tornado(workbench: Workbench, scenario: Scenario, curves: Sequence[Curve]) -> Tornado:
    """The tornado of a scenario; ``curves`` are its own, of all numbers that move something."""
    counted = workbench.counted(scenario)
    accounts = account(counted.patterns, counted.order)
    base = _base(counted)
    eligible, possible = base.eligible, base.possible
    bars = [
        Bar(Group.REMOVED, (loss.id,), workbench.protocol[loss.id].label, None, base, (End(None, eligible + loss.gain, possible + loss.gain_possible),))
        for loss in accounts.losses
    ]
    bars += _ranges(workbench, counted, base, curves)
    bars += _readings(workbench, counted, base)
    groups = list(Group)
    bars.sort(key=lambda bar: (groups.index(bar.group), -abs(bar.change), -bar.high.possible))
    return Tornado(base, tuple(bars), accounts.tally.patients)


def readings(workbench: Workbench, scenario: Scenario) -> Tornado:
    """The bars of what can be read another way alone, the most to gain first."""
    counted = workbench.counted(scenario)
    base = _base(counted)
    bars = sorted(_readings(workbench, counted, base), key=lambda bar: -bar.change)
    return Tornado(base, tuple(bars), workbench.cohort.patients)


def _base(counted: Counted) -> End:
    return End(None, *counted.standing.now)


def _ranges(workbench: Workbench, counted: Counted, base: End, curves: Sequence[Curve]) -> list[Bar]:
    """The bars of numbers, from the profiles that their curves are counted by."""

    def bar(curve: Curve) -> Bar:
        moved = parts_of(workbench.screener, counted.screening, curve.criteria, curve.name)
        stops, now = stops_of(curve.parameter, curve.criteria), curve.place(curve.scenario)
        if curve.scenario in stops:
            kinds = kinds_along(workbench.screener, counted, moved, curve.name, curve.criteria, stops)
        else:
            kinds = counted.standing.kinds_with_now(joint_profiles(workbench.screener, moved, curve.name, stops), curve.criteria, now)
        ends = tuple(replace(_end(curve.stops[place], kinds, now, place), since=_since(curve, place)) for place in _extremes(curve))
        return Bar(Group.RANGE, curve.criteria, curve.parameter.label, curve.name, replace(base, value=curve.scenario), ends)

    return counted_at_once(bar, curves)


def _end(value: Value, kinds: Kinds, now: int, then: int) -> End:
    """Where a change leads, from the stop where things stand to another."""

    def number(which: Bools, of: Counts = kinds.clear) -> int:
        return int(of[which].sum())

    outcomes = kinds.outcomes[:, then]
    passed, passes, not_failing = kinds.outcomes[:, now] == PASS, outcomes == PASS, outcomes != FAIL
    traded = Comparison(number(~passed & passes), number(passed & ~passes))
    possible = number(not_failing) + number(not_failing, kinds.open)
    return End(value, number(passes), possible, traded, number(passed & (outcomes == UNKNOWN)))


def _extremes(curve: Curve) -> list[int]:
    """The places of the stops at either end; of a number without a direction of the worst and the best, if these are not where it stands."""
    extremes = [0, len(curve.stops) - 1] if curve.loosens is not None else [curve.worst, curve.best]
    elsewhere = [place for place in extremes if curve.stops[place] != curve.scenario]
    return elsewhere or extremes[:1]


def _since(curve: Curve, end: int) -> float | None:
    """The stop nearest to the scenario's from which on to this end as many are eligible; None where that is the end, or the scenario's own value."""
    now = curve.place(curve.scenario)
    between = range(now, end, 1 if now < end else -1)
    other = [place for place in between if curve.eligible[place] != curve.eligible[end]]
    first = other[-1] + between.step if other else end
    return None if first == end else curve.stops[first]


@dataclass(frozen=True)
class _Otherwise:
    """The scenario with one thing set otherwise."""

    owner: str | None
    what: str
    parameter: str | None
    was: Value | None
    value: Value
    scenario: Scenario


def _readings(workbench: Workbench, counted: Counted, base: End) -> list[Bar]:
    def bar(each: tuple[_Otherwise, Mapping[str, Asked], Mapping[str, Asked]]) -> Bar:
        other, now, then = each
        found = _now_and_then(workbench.screener, counted.screening, now, then)
        kinds = counted.standing.kinds(("now and then", other.owner, other.parameter, other.value), [found], then)
        return Bar(Group.READING, tuple(then), other.what, other.parameter, replace(base, value=other.was), (_end(other.value, kinds, 0, 1),))

    return counted_at_once(bar, _moved(workbench, counted))


def _now_and_then(screener: Screener, screening: Screening, now: Mapping[str, Asked], then: Mapping[str, Asked]) -> Profiles:
    """Everybody's outcome on some criteria as they are asked now and as they would be then, as profiles of these two. Remembered.

    On what is not assessable now all PASS.
    """

    def found() -> Profiles:
        assessed = [screening.outcomes[each] for each in now if each in screening.outcomes]
        ids = and_(*assessed) * OUTCOMES if assessed else np.full(screener.cohort.patients, PASS * OUTCOMES, np.int8)
        ids += and_(*(outcome_by_parts(screener, each) for each in then.values()))
        return Profiles(ids, NOW_AND_THEN)

    return screener.memory.recall(("now and then", *(tuple(each.key for each in some.values()) for some in (now, then))), found)


def _moved(workbench: Workbench, counted: Counted) -> Iterator[tuple[_Otherwise, Mapping[str, Asked], Mapping[str, Asked]]]:
    """What could be set otherwise, with what the criteria that move with it ask now and would ask then, which can be assessed."""
    counting = [each for each in workbench.protocol.ids if each not in counted.screening.scenario.off]  # what is set aside may be assessable otherwise
    now = {each: workbench.screener.asked(workbench.protocol, counted.screening.scenario, each) for each in counting}
    for other in _others(workbench.protocol, counted):
        then = {each: workbench.screener.asked(workbench.protocol, other.scenario, each) for each in counting if other.owner in (None, each)}
        moved = {each: asked for each, asked in then.items() if (asked.key, asked.assessment) != (now[each].key, now[each].assessment)}
        if moved and all(asked.limbs for asked in moved.values()):
            yield other, {each: now[each] for each in moved}, moved


def _others(protocol: Protocol, counted: Counted) -> Iterator[_Otherwise]:
    scenario = counted.screening.scenario
    for criterion in protocol.criteria:
        now = reading_id(protocol, scenario, criterion.id)
        for reading in criterion.readings if criterion.id not in scenario.off else ():
            if reading.id != now:
                yield _Otherwise(criterion.id, reading.label, None, now, reading.id, with_reading(protocol, scenario, criterion.id, reading.id))
    for name, parameter in protocol.parameters.items():
        owner, was = name.partition(".")[0] if "." in name else None, value_of(protocol, scenario, name)
        values: tuple[Value, ...] = ()
        match parameter:
            case Switch():
                values = (not was,)
            case Choice(options=options):
                values = tuple(option for option in options if option != was)
        for value in values:
            yield _Otherwise(owner, parameter.label, name, was, value, with_value(protocol, scenario, name, value))
