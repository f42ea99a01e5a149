"""What each patient who is not eligible would need: how far each parameter would have to be relaxed."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import Bools
from feasibility.parameters import MOST_STEPS, Direction, Number, Value, every_step, stops
from feasibility.protocol import Protocol
from feasibility.results.candidates import CLEAR
from feasibility.results.concessions import each_need
from feasibility.results.cores import counted_at_once
from feasibility.results.curves import movable
from feasibility.results.overview import Workbench
from feasibility.rules.nodes import Ref
from feasibility.scenario import AS_WRITTEN, Refused, Scenario, value_of
from feasibility.screening.changing import compared_with_moving
from feasibility.screening.distinct import distinct_rows
from feasibility.screening.memory import Memory
from feasibility.screening.parts import at_values, moved_in, parts, taken_apart
from feasibility.screening.profiles import Profiles, needs_of_pair, profiles
from feasibility.screening.screen import PASS, Asked, Screener

Levels = NDArray[np.int16]
Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Requirements:
    """The patients whom relaxing parameters alone makes eligible, as kinds: ``needs`` is kinds × parameters, ``counts`` how many patients of each.

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
    needs: Levels
    counts: Counts
    patients: int
    held: Mapping[str, tuple[str, ...]]
    thinned: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.parameters)

    @cached_property
    def each_need(self) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.int64]]:
        """The needs above level 0, by kind and then parameter: whose it is, of which parameter, and the level."""
        return each_need(self.needs)

    @cached_property
    def eligible(self) -> int:
        """Those who need nothing: eligible under the scenario."""
        return self.eligible_at(np.zeros(len(self.parameters), np.int64))

    def eligible_at(self, levels: NDArray[np.int64]) -> int:
        """How many are eligible with each parameter at one of its levels, given by their places in ``levels``."""
        return int(self.counts[(self.needs <= levels).all(axis=1)].sum())


def requirements(workbench: Workbench, scenario: Scenario, names: Iterable[str] | None = None) -> Requirements:
    """What patients would need of some parameters, of all that have a direction and move what counts if none are named.

    Of three that move the same part of a rule the two named first are taken. Raises ``Refused`` for a name that is no number with a direction.
    """
    counted, protocol, screener = workbench.counted(scenario), workbench.protocol, workbench.screener
    moving = movable(workbench, counted)
    numbers = _numbers(protocol, moving, names)
    tried = {name: every_step(number) or stops(number, number.value, MOST_STEPS) for name, number in numbers.items()}
    levels = {name: _levels(numbers[name], float(value_of(protocol, scenario, name)), each) for name, each in tried.items()}
    levels = {name: each for name, each in levels.items() if len(each) > 1}
    criteria = tuple(each for each in counted.order if any(each in moving[name] for name in levels))
    demanded = [part for each in criteria for part in parts(screener, counted.screening, each, *levels)]
    held: dict[str, tuple[str, ...]] = {}
    while True:
        together = _judged_together([moved_in(part) for part in demanded], [name for name in levels if name not in held and len(levels[name]) > 1])
        taken = [name for name in levels if name not in held and name not in together and len(levels[name]) > 1]
        asked = [(part, [name for name in taken if name in moved_in(part)]) for part in demanded]
        ways = counted_at_once(lambda each: _ways(screener, *each, tried, levels), asked)
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
    able = reduce(np.logical_and, counted_at_once(lambda each: each.enough(screener.memory), ways), clear)
    written = {part.key for each in criteria for part in taken_apart(screener.asked(protocol, AS_WRITTEN, each, *levels))}
    stays = [part.key in written and moved_in(part).isdisjoint(scenario.parameters) for part in demanded]
    needs, counts = _kinds(screener.memory, taken, ways, stays, able)
    of_use = []
    for name, own in zip(taken, needs, strict=True):
        kept = _of_use(levels[name], own)
        of_use.append(tuple(levels[name][place] for place in np.flatnonzero(kept).tolist()))
        own[:] = (np.cumsum(kept, dtype=np.int16) - 1).take(own)
    thinned = tuple(name for name in taken if every_step(numbers[name]) is None)
    return Requirements(tuple(numbers[name] for name in taken), tuple(of_use), needs.T, counts, workbench.cohort.patients, {**held, **together}, thinned)


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


def _levels(parameter: Number, value: float, tried: Sequence[float]) -> tuple[float, ...]:
    """The scenario's value and what is looser, as it loosens."""
    found = sorted({*tried, value})
    place = found.index(value)
    return tuple(found[place:] if parameter.loosens is Direction.UP else found[place::-1])


def _of_use(levels: Sequence[float], needed: Levels) -> Bools:
    """Which of the levels somebody needs; and the first, the end of the range and what is beyond it."""
    of_use = np.zeros(len(levels), bool)
    of_use[np.bincount(needed).nonzero()] = True
    of_use[[0, max(place for place, level in enumerate(levels) if math.isfinite(level)), -1]] = True
    return of_use


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
class _Ways:
    """What a part needs of the parameters ``names``, none, one or two, to PASS: ``needed`` by profile, of each patient in ``of_patient``.

    Of one it is the level needed; of two the level of the second, by level of the first. UNKNOWN is not enough. ``none``: as many as
    there are levels, where none is enough.
    ``torn``: a parameter that fails somebody at a looser level whom it passes at a tighter one. ``open``: the part with the parameters left open,
    ``loosest``: at the last of their ``levels``.
    """

    open: Asked
    loosest: Asked
    names: tuple[str, ...]
    levels: tuple[tuple[float, ...], ...]
    of_patient: NDArray[Any]
    needed: Levels
    none: int
    torn: str | None = None

    def enough(self, memory: Memory) -> Bools:
        """For whom some levels are enough; remembered, for most of it stays from scenario to scenario."""
        return memory.recall(("enough", self.loosest.key), lambda: (self.needed[:, -1] < self.none)[self.of_patient])

    @property
    def row(self) -> NDArray[Any]:
        """By profile the level needed of one parameter; of two which of the distinct rows."""
        return self.needed[:, 0] if len(self.names) == 1 else self.distinct[1].astype(np.int32)

    @cached_property
    def distinct(self) -> tuple[Levels, NDArray[np.intp]]:
        """The distinct rows of what is needed, and which of them each profile has."""
        rows, of_profile = np.unique(self.needed, axis=0, return_inverse=True)
        return rows, of_profile.ravel()

    def terms_of(self, kinds: NDArray[np.intp]) -> tuple[NDArray[np.intp], Levels, Counts]:
        """The terms of some kinds of patients, given which distinct row each has: of each term which of them it is of, its levels and its sign."""
        row, levels, signs = self._terms
        begins = np.searchsorted(row, np.arange(len(self.distinct[0]) + 1))
        number = np.diff(begins)[kinds]
        whose = np.repeat(np.arange(len(kinds)), number)
        place = np.repeat(begins[kinds] - np.cumsum(number) + number, number) + np.arange(len(whose))
        return whose, levels[place], signs[place]

    @property
    def _terms(self) -> tuple[NDArray[np.intp], Levels, Counts]:
        """By distinct row, rising, the levels of the two that are a way, with 1; and those at which two ways next to each other are both open, with −1."""
        needed, _ = self.distinct
        row, first = np.nonzero(needed < np.column_stack([np.full(len(needed), self.none), needed[:, :-1]]))
        second = needed[row, first]
        again = row[1:] == row[:-1]
        rows = np.concatenate([row, row[1:][again]])
        levels = np.column_stack([np.concatenate([first, first[1:][again]]), np.concatenate([second, second[:-1][again]])]).astype(np.int16)
        signs = np.concatenate([np.ones(len(row), np.int64), np.full(np.count_nonzero(again), -1)])
        order = np.argsort(rows, kind="stable")
        return rows[order], levels[order], signs[order]


def _ways(screener: Screener, part: Asked, names: Sequence[str], tried: Mapping[str, Sequence[float]], levels: Mapping[str, Sequence[float]]) -> _Ways:
    """What a part needs of one or two of the parameters left open in it; the others are as in the scenario."""
    now: dict[str, Value | Ref] = {name: levels[name][0] for name in moved_in(part)}
    own = at_values(part, {**now, **{name: Ref(name) for name in names}})
    loosest = at_values(part, {**now, **{name: levels[name][-1] for name in names}})
    if not names:
        return _Ways(own, loosest, (), (), screener.outcome_remembered(own), np.array([[1], [1], [0]], np.int16), 1)
    if len(names) == 1:
        (name,) = names
        along = sorted({*tried[name], levels[name][0]})
        found = profiles(screener, own, name, tried[name], levels[name][0]).at([along.index(level) for level in levels[name]])
        passes = found.outcomes == PASS
        torn = name if (passes[:, 1:] < passes[:, :-1]).any() else None
        return _Ways(own, loosest, (name,), (tuple(levels[name]),), found.of_patient, (~passes).sum(axis=1).astype(np.int16)[:, None], len(levels[name]), torn)
    # Along the one that is not compared with what the other moves.
    one, other = sorted(names, key=lambda name: any(compared_with_moving(limb.stands, name) for limb in own.limbs))
    along = sorted(levels[one])
    found = needs_of_pair(screener, own, (one, along), (other, levels[other])).at([along.index(level) for level in levels[one]])
    none, needed = len(levels[other]), found.outcomes.astype(np.int16)
    torn = other if (needed > none).any() else one if (needed[:, 1:] > needed[:, :-1]).any() else None
    return _Ways(own, loosest, (one, other), (tuple(levels[one]), tuple(levels[other])), found.of_patient, needed, none, torn)


def _kinds(memory: Memory, names: Sequence[str], ways: Sequence[_Ways], stays: Sequence[bool], able: Bools) -> tuple[Levels, Counts]:
    """The distinct needs of those for whom some levels are enough, parameters × kinds, and how many patients have them, by inclusion and exclusion.

    Of the parts that stay as they are written it is remembered who needs the same, so that after a move little is put together anew.
    """
    patients = np.flatnonzero(able)
    asking = [(each, stay) for each, stay in zip(ways, stays, strict=True) if each.names]
    staying, moved = ([each for each, stay in asking if stay is whether] for whether in (True, False))
    key = "needs", np.packbits(able).tobytes(), *((each.open.key, each.names, each.levels) for each in staying)
    same = memory.recall(key, lambda: _same_needs(staying, able))
    ids, more = same.of_patient[patients], _needed(moved, patients)
    codes, of_kind = distinct_rows([ids, *more], len(patients))
    counts = np.bincount(codes, minlength=len(of_kind)).astype(np.int64)
    of_staying = np.ascontiguousarray(same.outcomes[ids[of_kind]].T)
    needed = dict(zip([*staying, *moved], [*of_staying, *(each[of_kind] for each in more)], strict=True))
    # Each kind of patients by its terms: those of the one pair, for each of them those of the next.
    of_term, terms = np.arange(len(of_kind)), dict[_Ways, Levels]()
    for each in (each for each in ways if len(each.names) == 2):
        whose, levels, signs = each.terms_of(needed[each][of_term])
        of_term, counts = of_term[whose], counts[whose] * signs
        terms = {**{way: found[whose] for way, found in terms.items()}, each: levels}
    needs = np.zeros((len(names), len(of_term)), np.int16)
    for each, row in needed.items():
        for name, found in zip(each.names, terms[each].T if each in terms else [row[of_term]], strict=True):
            own = needs[names.index(name)]
            np.maximum(own, found, out=own, casting="unsafe")
    codes, of_kind = distinct_rows(list(needs), len(counts))
    counts = np.bincount(codes, counts, len(of_kind)).astype(np.int64)
    return needs[:, of_kind[counts != 0]], counts[counts != 0]


def _needed(ways: Sequence[_Ways], patients: NDArray[np.intp]) -> list[NDArray[Any]]:
    """By way what each of some patients needs: the level, or of two parameters which of the distinct rows."""
    return counted_at_once(lambda each: each.row.take(each.of_patient.take(patients)), ways)


def _same_needs(ways: Sequence[_Ways], able: Bools) -> Profiles:
    """Who of those who are able needs the same: each patient's kind, and of each kind what it needs, by way."""
    patients = np.flatnonzero(able)
    needed = _needed(ways, patients)
    codes, of_kind = distinct_rows(needed, len(patients))
    kinds = np.zeros(len(able), np.int32)
    kinds[patients] = codes
    return Profiles(kinds, np.stack([each[of_kind] for each in needed], axis=1) if needed else np.zeros((len(of_kind), 0), np.int16))
