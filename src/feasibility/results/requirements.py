"""What each patient who is not eligible would need: how far each parameter would have to be relaxed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feasibility.parameters import MOST_STEPS, Direction, Number, Value, every_step, stops
from feasibility.results.candidates import Rows
from feasibility.results.curves import movable
from feasibility.results.overview import Workbench
from feasibility.rules.nodes import Ref
from feasibility.scenario import Refused, Scenario, value_of
from feasibility.screening.parts import at_values, moved_in, parts
from feasibility.screening.profiles import Profiles, profiles
from feasibility.screening.screen import PASS, Asked

Levels = NDArray[np.int16]
Counts = NDArray[np.int64]

LARGEST_KEY = 2**62


@dataclass(frozen=True, eq=False)
class Requirements:
    """The patients whom relaxing parameters alone makes eligible, as kinds: ``needs`` is kinds × parameters, ``counts`` how many patients of each.

    ``levels`` are values of each of the ``parameters`` in the order in which it loosens: level 0 is the scenario's value, no limit may be the last. A
    patient is eligible where every parameter is at the level needed or beyond. Who FAILS something that no level makes PASS is of no kind, and so is
    who is UNKNOWN on it. ``patients`` is the denominator. ``held`` are parameters that stay as they are: because another, the one given, moves the
    same part of a rule, and both would have to be judged together (systolic and diastolic of one visit); or, where none is given, because a looser value
    fails somebody whom a tighter one passes. Levels are all steps that somebody needs, and the ends; of parameters ``thinned``, which have more than 2,000
    steps, of evenly spaced ones.
    """

    parameters: tuple[Number, ...]
    levels: tuple[tuple[float, ...], ...]
    needs: Levels
    counts: Counts
    patients: int
    held: Mapping[str, str]
    thinned: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.parameters)

    @property
    def eligible(self) -> int:
        """Those who need nothing: eligible under the scenario."""
        return int(self.counts[(self.needs == 0).all(axis=1)].sum())


def requirements(workbench: Workbench, scenario: Scenario, names: Iterable[str] | None = None) -> Requirements:
    """What patients would need of some parameters, of all that have a direction and move what counts if none are named.

    Of two that move the same part of a rule the one named first is taken. Raises ``Refused`` for a name that is no number with a direction.
    """
    counted, protocol = workbench.counted(scenario), workbench.protocol
    moving = movable(workbench, counted)
    numbers: dict[str, Number] = {}
    for name in moving if names is None else names:
        parameter = protocol.parameters.get(name)
        if isinstance(parameter, Number) and parameter.loosens is not None:
            numbers[name] = parameter
        elif names is not None:
            raise Refused(f"{name} is not a number that loosens in one direction.")
    tried = {name: every_step(number) or stops(number, number.value, MOST_STEPS) for name, number in numbers.items() if name in moving}
    levels = {name: _levels(numbers[name], float(value_of(protocol, scenario, name)), each) for name, each in tried.items()}
    levels = {name: each for name, each in levels.items() if len(each) > 1}
    criteria = tuple(each for each in counted.order if any(each in moving[name] for name in levels))
    screener = workbench.screener
    demanded = [(part, moved_in(part)) for each in criteria for part in parts(screener, counted.screening, each, *levels)]
    held: dict[str, str] = {}
    found: dict[str, _Needed] = {}
    taken = list(levels)
    while taken:
        together = _moved_together([moved for _, moved in demanded], taken)
        torn: set[str] = set()
        for name in taken:
            if name in together or name in found:
                continue
            own = [_alone(part, moved, name, levels) for part, moved in demanded if name in moved]
            along = [profiles(screener, part, name, tried[name], levels[name][0]) for part in own]
            needed = _needed([_at_levels(each, tried[name], levels[name]) for each in along], levels[name])
            if needed is None:
                torn.add(name)
            else:
                found[name] = needed
        if not torn:
            held |= together
            break
        # What was held for the sake of these may move after all.
        held |= dict.fromkeys(torn, "")
        taken = [name for name in taken if name not in torn]
    found = {name: found[name] for name in levels if name in found and name not in held}
    about = counted.standing.candidates(criteria)
    able = about.patients[: about.clear]
    for part, moved in demanded:
        if not moved & found.keys():
            settled = at_values(part, {name: levels[name][0] for name in moved})
            able = able[screener.outcome_remembered(settled)[able] == PASS]
    needs, counts = _kinds(list(found.values()), able)
    kept = [_of_use(each.levels, needs[:, column]) for column, each in enumerate(found.values())]
    needs = np.stack([np.searchsorted(places, needs[:, column]) for column, places in enumerate(kept)], axis=1).astype(np.int16) if kept else needs
    of_use = tuple(tuple(each.levels[place] for place in places) for each, places in zip(found.values(), kept, strict=True))
    thinned = tuple(name for name in found if every_step(numbers[name]) is None)
    return Requirements(tuple(numbers[name] for name in found), of_use, needs, counts, workbench.cohort.patients, held, thinned)


def _levels(parameter: Number, value: float, tried: Sequence[float]) -> tuple[float, ...]:
    """The scenario's value and what is looser, as it loosens."""
    found = sorted({*tried, value})
    place = found.index(value)
    return tuple(found[place:] if parameter.loosens is Direction.UP else found[place::-1])


def _at_levels(found: Profiles, tried: Sequence[float], levels: Sequence[float]) -> Profiles:
    """The profiles along the levels, in their order, of which the first may stand beside what was tried."""
    along = sorted({*tried, levels[0]})
    return found.at([along.index(level) for level in levels])


def _of_use(levels: Sequence[float], needed: Levels) -> list[int]:
    """The places of the levels that somebody needs, of the first, and of the end of the range and beyond."""
    last_finite = max(place for place, level in enumerate(levels) if math.isfinite(level))
    return sorted({0, last_finite, len(levels) - 1, *np.unique(needed).tolist()})


def _moved_together(moved: Sequence[frozenset[str]], names: Iterable[str]) -> dict[str, str]:
    """The parameters that move a part that one named before them moves too, with that one; ``moved``: what moves each part."""
    held: dict[str, str] = {}
    taken: list[str] = []
    for name in names:
        others = frozenset[str]().union(*(each for each in moved if name in each))
        if (first := next((other for other in taken if other in others), None)) is None:
            taken.append(name)
        else:
            held[name] = first
    return held


def _alone(part: Asked, moved: frozenset[str], name: str, levels: Mapping[str, tuple[float, ...]]) -> Asked:
    """The part with only one parameter left open, the others that move it as in the scenario."""
    values: dict[str, Value | Ref] = {other: levels[other][0] for other in moved}
    return at_values(part, {**values, name: Ref(name)})


@dataclass(frozen=True, eq=False)
class _Needed:
    """Of one parameter: its ``levels``, and for each of its parts which level each patient needs, by profile; as many as there are if none is enough."""

    levels: tuple[float, ...]
    parts: tuple[tuple[NDArray[Any], Levels], ...]

    def enough(self, patients: Rows) -> Rows:
        """Those of some patients for whom some level is enough."""
        for of_patient, need in self.parts:
            patients = patients[(need < len(self.levels))[of_patient[patients]]]
        return patients

    def of(self, patients: Rows) -> Levels:
        needed = (need[of_patient[patients]] for of_patient, need in self.parts)
        return reduce(np.maximum, needed, np.zeros(len(patients), np.int16))


def _needed(own: Sequence[Profiles], levels: tuple[float, ...]) -> _Needed | None:
    """What one parameter's parts need, from their profiles along its levels; None where a looser level fails somebody whom a tighter one passes."""
    passes = [each.outcomes == PASS for each in own]
    if math.isinf(levels[-1]) and not all((each[:, -1] >= each[:, -2]).all() for each in passes):
        # A window without limit may ask for what a long one does not: then it is no further level.
        levels, passes = levels[:-1], [each[:, :-1] for each in passes]
    if not all((each[:, 1:] >= each[:, :-1]).all() for each in passes):
        return None
    needs = ((~each).sum(axis=1).astype(np.int16) for each in passes)
    return _Needed(levels, tuple((each.of_patient, need) for each, need in zip(own, needs, strict=True)))


def _kinds(found: Sequence[_Needed], able: Rows) -> tuple[Levels, Counts]:
    """The distinct needs of those for whom some level of each parameter is enough, and how many patients have them."""
    for each in found:
        able = each.enough(able)
    needs = [each.of(able) for each in found]
    keys, width = np.zeros(len(able), np.int64), 1
    for each, need in zip(found, needs, strict=True):
        if width * len(each.levels) > LARGEST_KEY:
            keys, distinct = pd.factorize(keys)
            width = len(distinct)
        keys, width = keys * len(each.levels) + need, width * len(each.levels)
    codes, distinct = pd.factorize(keys)
    of_kind = np.zeros(len(distinct), np.intp)
    of_kind[codes] = np.arange(len(codes))
    table = np.stack([need[of_kind] for need in needs], axis=1) if needs else np.zeros((len(distinct), 0), np.int16)
    return table, np.bincount(codes, minlength=len(distinct)).astype(np.int64)
