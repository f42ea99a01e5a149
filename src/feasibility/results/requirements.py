"""What each patient who is not eligible would need: how far each parameter would have to be relaxed."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from feasibility.logic import Bools
from feasibility.parameters import MOST_STEPS, Direction, Number, every_step, stops
from feasibility.protocol import Protocol
from feasibility.results.concessions import Levels, Needs
from feasibility.results.cores import counted_at_once
from feasibility.results.curves import movable
from feasibility.results.kinds import CLEAR
from feasibility.results.overview import Counted, Workbench
from feasibility.results.ways import Demand, WeakWays, ways_of
from feasibility.scenario import Refused, Scenario, value_of
from feasibility.screening.asked import Asked
from feasibility.screening.parts import moved_in, parts
from feasibility.screening.screen import Screener


@dataclass(frozen=True, eq=False)
class Requirements:
    """The patients whom relaxing parameters alone makes eligible, as kinds with their ``needs``, and how many patients are of each.

    ``levels`` are values of each of the ``parameters`` in the order in which it loosens: level 0 is the scenario's value, no limit may be the last. A
    patient is eligible where every parameter is at the level needed or beyond. Who has several ways, since two parameters move the same part of a rule
    (systolic and diastolic of one visit), is counted by inclusion and exclusion: once for each way, and less one where two ways next to each other are both
    open. So a count may be negative; what counts is the sum over the kinds whose needs are met, ``eligible_at``.

    Who FAILS something that no level makes PASS is of no kind, and so is who is UNKNOWN on it. ``patients`` is the denominator. ``held`` are parameters
    that stay as they are: because two others, those given, move the same part of a rule already; or, where none are given, because a looser value
    fails somebody whom a tighter one passes. Levels are all steps that somebody needs, and the ends; of parameters ``thinned``, which have more than 2,000
    steps, of evenly spaced ones.
    """

    parameters: tuple[Number, ...]
    levels: tuple[tuple[float, ...], ...]
    needs: Needs
    patients: int
    held: Mapping[str, tuple[str, ...]]
    thinned: tuple[str, ...] = ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.parameters)

    @cached_property
    def eligible(self) -> int:
        """Those who need nothing: eligible under the scenario."""
        return self.eligible_at(np.zeros(len(self.parameters), np.int64))

    def eligible_at(self, levels: Levels) -> int:
        """How many are eligible with each parameter at one of its levels, given by their places in ``levels``."""
        return self.needs.count(levels)


def requirements(workbench: Workbench, scenario: Scenario, names: Iterable[str] | None = None) -> Requirements:
    """What patients would need of some parameters, of all that have a direction and move what counts if none are named.

    Of three that move the same part of a rule the two named first are taken. Raises ``Refused`` for a name that is no number with a direction.
    """
    counted, protocol = workbench.counted(scenario), workbench.protocol
    moving = movable(workbench, counted)
    ranges = {name: _Range(number, float(value_of(protocol, scenario, name))) for name, number in _numbers(protocol, moving, names).items()}
    ranges = {name: each for name, each in ranges.items() if len(each.levels) > 1}
    criteria = [each for each in protocol.ids if each in counted.order and any(each in moving[name] for name in ranges)]
    demanded = [part for each in criteria for part in parts(workbench.screener, counted.screening, each, *ranges)]
    together = _judged_together([moved_in(part) for part in demanded], ranges)
    others = replace(scenario, parameters={name: value for name, value in scenario.parameters.items() if name not in ranges})

    def remembered(starts: Mapping[str, _Range]) -> _FromStarts:
        memory, what = workbench.screener.memory, ("needs", *((name, each.value) for name, each in starts.items()))

        def found() -> _FromStarts:
            return _from_starts(workbench.screener, counted, criteria, demanded, starts, memory.known(what, by_patient=False))

        known: _FromStarts = memory.recall((*what, _setting(others)), found, by_patient=False)
        return memory.keep(what, known)

    # From tighter values on it is found once and for all: who needs nothing further than the scenario's needs nothing more.
    found = remembered({name: each if name in together else each.start for name, each in ranges.items()})
    if found.held.keys() - together.keys():  # at the scenario's own values there may be nothing in their way
        found = remembered(ranges)
    return _from_values(found, ranges, workbench.cohort.patients)


def _setting(scenario: Scenario) -> Hashable:
    """All of a scenario that a patient's outcomes depend on."""
    return scenario.off, *(tuple(sorted(each.items())) for each in (scenario.parameters, scenario.readings, scenario.missing))


@dataclass(frozen=True)
class _Range:
    """A number with a direction, at a value of it."""

    number: Number
    value: float

    @cached_property
    def tried(self) -> tuple[float, ...]:
        """All its steps; of very many some."""
        return tuple(every_step(self.number) or stops(self.number, self.number.value, MOST_STEPS))

    @cached_property
    def levels(self) -> tuple[float, ...]:
        """The value and what is looser, as it loosens."""
        found = sorted({*self.tried, self.value})
        place = found.index(self.value)
        return tuple(found[place:] if self.number.loosens is Direction.UP else found[place::-1])

    @property
    def start(self) -> _Range:
        """At a value from which this one is on the way: as written, since scenarios are mostly looser, and fewer kinds of patients need something from
        there than from the tightest; else the tightest, since steps back and forth are mostly taken there; this one, where it is on neither way.
        """
        tightest = self.tried[0] if self.number.loosens is Direction.UP else self.tried[-1]
        tighter = (_Range(self.number, value) for value in (self.number.value, tightest))
        return next((each for each in tighter if self.value in each.levels), self)


def _numbers(protocol: Protocol, moving: Collection[str], names: Iterable[str] | None) -> dict[str, Number]:
    """The numbers with a direction that move something, of those named."""
    found: dict[str, Number] = {}
    for name in moving if names is None else names:
        parameter = protocol.parameters.get(name)
        if isinstance(parameter, Number) and parameter.loosens is not None:
            found[name] = parameter
        elif names is not None:
            raise Refused(f"{name} is not a number that loosens in one direction.")
    return {name: number for name, number in found.items() if name in moving}


def _judged_together(moved: Sequence[frozenset[str]], names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The parameters that move a part that two named before them move too, with these; ``moved``: what moves each part."""
    held: dict[str, tuple[str, ...]] = {}
    taken: list[str] = []
    for name in names:
        before = ([other for other in taken if other in each] for each in moved if name in each)
        if full := next((others for others in before if len(others) > 1), None):
            held[name] = tuple(full)
        else:
            taken.append(name)
    return held


@dataclass(frozen=True, eq=False)
class _FromStarts:
    """What patients need of parameters ``names`` from some values on, the first of their ``levels``; ``held`` as in ``Requirements``.

    ``clear`` and ``ways`` are what is demanded of them.
    """

    names: tuple[str, ...]
    levels: tuple[tuple[float, ...], ...]
    needs: Needs
    held: Mapping[str, tuple[str, ...]]
    clear: Bools
    ways: tuple[WeakWays, ...]

    @property
    def nbytes(self) -> int:
        return self.needs.nbytes + self.clear.nbytes + sum(each.nbytes for each in self.ways)

    @property
    def demand(self) -> Demand | None:
        """None where it is no longer known of every patient."""
        ways = tuple(found for each in self.ways if (found := each.found) is not None)
        return Demand(self.names, ways, self.clear) if len(ways) == len(self.ways) else None

    def needs_of(self, demand: Demand, levels: Sequence[Sequence[float]]) -> Needs:
        """What is needed where something else is demanded: counted on from here where it is of the same levels."""
        onwards = demand.needs_onwards(self.demand, self.needs) if (self.names, self.levels) == (demand.names, levels) else None
        return demand.needs if onwards is None else onwards


def _from_starts(
    screener: Screener, counted: Counted, criteria: Sequence[str], demanded: Sequence[Asked], starts: Mapping[str, _Range], before: _FromStarts | None
) -> _FromStarts:
    """From what is demanded by some criteria, its numbers left open, and where these start; ``before``: in the scenario before."""
    tried, levels = ({name: getattr(each, what) for name, each in starts.items()} for what in ("tried", "levels"))
    held: dict[str, tuple[str, ...]] = {}
    while True:
        together = _judged_together([moved_in(part) for part in demanded], [name for name in levels if name not in held])
        taken = [name for name in levels if name not in held and name not in together]
        asked = [(part, [name for name in taken if name in moved_in(part)]) for part in demanded]
        ways = counted_at_once(lambda each: ways_of(screener, *each, tried, levels), asked)
        torn = {each.torn for each in ways if each.torn is not None}
        if not torn:
            break
        for name in torn:
            if math.isinf(levels[name][-1]) and len(levels[name]) > 2:
                # A window without limit may ask for what a long one does not: then it is no further level.
                levels[name] = levels[name][:-1]
            else:
                held[name] = ()  # what was held for the sake of it may move after all
    clear = (counted.standing.by_pattern(criteria) == CLEAR)[counted.patterns.pattern_of]
    demand, of_each = Demand(tuple(taken), tuple(ways), clear), tuple(levels[name] for name in taken)
    needs = demand.needs if before is None else before.needs_of(demand, of_each)
    return _FromStarts(demand.names, of_each, needs, {**held, **together}, clear, tuple(each.weak for each in ways))


def _from_values(found: _FromStarts, ranges: Mapping[str, _Range], patients: int) -> Requirements:
    """From the values of the ranges on: what is needed up to there is needed no more."""
    passed = np.array([levels.index(ranges[name].value) for name, levels in zip(found.names, found.levels, strict=True)], np.int64)
    left = [levels[place:] for levels, place in zip(found.levels, passed.tolist(), strict=True)]
    taken = [place for place, levels in enumerate(left) if len(levels) > 1]
    needs = found.needs.from_levels(passed) if passed.any() else found.needs
    parameter, level = needs.parameter, needs.level
    of_use = np.zeros((len(left), max(map(len, left), default=1)), bool)
    of_use[parameter, level] = True
    for row, levels in zip(of_use, left, strict=True):
        row[[0, max(place for place, value in enumerate(levels) if math.isfinite(value)), len(levels) - 1]] = True
    place = np.zeros(len(left), np.intp)
    place[taken] = np.arange(len(taken))
    needs = Needs(needs.of_need, place[parameter], (of_use.cumsum(axis=1) - 1)[parameter, level], needs.counts)
    of_each = tuple(tuple(levels[each] for each in np.flatnonzero(of_use[row]).tolist()) for row, levels in enumerate(left) if row in taken)
    held = {**found.held, **{name: () for name, levels in zip(found.names, left, strict=True) if len(levels) == 1}}
    numbers = tuple(ranges[found.names[each]].number for each in taken)
    return Requirements(numbers, of_each, needs, patients, held, tuple(each.name for each in numbers if every_step(each) is None))
