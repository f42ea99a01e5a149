"""What must pass for a criterion to pass, taken apart: parts that different parameters move can be counted apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from feasibility.logic import Truth, and_
from feasibility.parameters import Value
from feasibility.protocol import Role
from feasibility.rules.nodes import All, AnyOf, Condition, Not, Ref, resolve
from feasibility.scenario import AS_WRITTEN, Scenario
from feasibility.screening.asked import MOST_LIMBS, Asked, ResolvedLimb, necessary
from feasibility.screening.onwards import outcome_onwards
from feasibility.screening.screen import Screener, Screening
from feasibility.variables import MissingPolicy


def parts(screener: Screener, screening: Screening, criterion_id: str, *moving: str) -> tuple[Asked, ...]:
    """The parts of an assessed criterion with some parameters left open: its outcome is the lowest of theirs, UNKNOWN above FAIL."""
    return taken_apart(screener.asked(screening.protocol, screening.scenario, criterion_id, *moving))


def parts_of(screener: Screener, screening: Screening, criteria: Iterable[str], *moving: str) -> list[Asked]:
    """The parts of some criteria: first of those as written, for what these are together stays, and is remembered, while others are changed."""

    def of(each: str, scenario: Scenario) -> Asked:
        return screener.asked(screening.protocol, scenario, each, *moving)

    ordered = list(criteria)
    if len(ordered) > 1:  # of one there is nothing to put in order, and to ask it twice takes longer
        ordered.sort(key=lambda each: of(each, screening.scenario).key != of(each, AS_WRITTEN).key)
    return [part for each in ordered for part in parts(screener, screening, each, *moving)]


def taken_apart(asked: Asked) -> tuple[Asked, ...]:
    """The parts of what is asked, of which something is assessable."""
    if len(asked.limbs) > 1 and not necessary(asked.role, asked.join):
        return (asked,)
    if asked.open:
        return (asked,)
    return tuple(replace(asked, limbs=(part,)) for limb in asked.limbs for part in _of_limb(asked.role, limb))


def moved_in(part: Asked) -> frozenset[str]:
    """The parameters left open in a part."""
    return frozenset(name for limb in part.limbs for name in limb.moved)


def at_values(part: Asked, values: Mapping[str, Value | Ref]) -> Asked:
    """The part at values of the parameters left open; one whose value is its own ``Ref`` stays so."""
    return replace(part, limbs=tuple(replace(limb, stands=resolve(limb.stands, values)) for limb in part.limbs))


def outcome_at(screener: Screener, part: Asked, values: Mapping[str, Value]) -> Truth:
    """The outcome of every patient on a part, at values of all the parameters left open in it."""
    found = screener.outcome_of(at_values(part, values))
    assert found is not None
    return found


def outcome_by_parts(screener: Screener, asked: Asked) -> Truth:
    """The outcome of every patient on what is asked; remembered, and that of its parts too, so that only one that has changed is found anew."""
    found = taken_apart(asked)
    if len(found) == 1:
        return outcome_onwards(screener, asked)
    return screener.memory.recall((asked.key,), lambda: and_(*(outcome_onwards(screener, part) for part in found)))


@lru_cache(maxsize=MOST_LIMBS)
def _of_limb(role: Role, limb: ResolvedLimb) -> tuple[ResolvedLimb, ...]:
    """The same parts each time, for what was found of them is kept with them."""
    if MissingPolicy.FAIL in limb.policies.values():  # a lack then counts against the whole limb
        return (limb,)
    return tuple(replace(limb, stands=condition) for condition in (_all_of if role is Role.INCLUSION else _none_of)(limb.stands))


def _all_of(condition: Condition) -> Iterator[Condition]:
    """Conditions that must all hold for this one to hold."""
    match condition:
        case All(conditions=inners):
            for inner in inners:
                yield from _all_of(inner)
        case Not(condition=inner):
            yield from (Not(each) for each in _none_of(inner))
        case _:
            yield condition


def _none_of(condition: Condition) -> Iterator[Condition]:
    """Conditions none of which may hold for this one not to hold."""
    match condition:
        case AnyOf(conditions=inners):
            for inner in inners:
                yield from _none_of(inner)
        case Not(condition=inner):
            yield from (Not(each) for each in _all_of(inner))
        case _:
            yield condition
