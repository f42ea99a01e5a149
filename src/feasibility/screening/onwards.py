"""What is found of every patient in something that is asked, counted on from what was found when one of its numbers was another.

A rule compares its numbers with what is known of a patient. Of whom nothing known lies between the old number and the new one, the same is found, whatever
else is left open in what is asked; so that after a move the others alone are looked at.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Hashable, Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import Truth
from feasibility.protocol import Role
from feasibility.rules.nodes import Compare, Condition, Constant, Count, Egfr, Exposed, Node, Occurred, Pick, Quantity, Ref, Visit, Window, children, walk
from feasibility.rules.numbers import left_open
from feasibility.screening.asked import Asked, ResolvedLimb, asked_alone
from feasibility.screening.changing import Turning
from feasibility.screening.memory import Held
from feasibility.screening.screen import Screener

Rows = NDArray[np.intp]
Found = TypeVar("Found", bound=Held)

LIMIT = Ref("limit")
MOVED = "moved "  # what a number that is another is called
ASKING = (Compare, Pick, Count, Egfr, Occurred, Exposed, Visit)  # whose numbers ``Turning`` compares with what is known of patients
MOST = 0.5  # of all patients, beyond which all are looked at


def found_onwards(
    screener: Screener,
    asked: Asked,
    what: tuple[Hashable, ...],
    find: Callable[[Screener], Found],
    changed: Callable[[Found, Rows, Found], Found],
    limits: bool = True,
) -> Found:
    """What ``find`` finds of all patients of a screener in what is asked; remembered, ``what`` telling apart what may be found in the same.

    ``changed`` is what was found before, with what is found now of some patients, by row. Without ``limits`` all are looked at where nothing but limits that
    something is compared with have moved: what that is is known, and comparing it anew takes no longer.
    """

    def found() -> Found:
        for before in sorted(screener.ask(what, asked), key=lambda each: _apart(asked, each)):
            # Another thread may be asked to go on from what is not yet found here: then it looks at all.
            known: Found | None = screener.memory.known((before.key, *what))
            if known is None:
                continue
            patients = _between(screener, asked, before, limits)
            if patients is None:  # of what is further apart it would be told no better
                return find(screener)
            return changed(known, patients, find(screener.of(patients))) if len(patients) else known
        return find(screener)

    return screener.memory.recall((asked.key, *what), found)


def outcome_onwards(screener: Screener, asked: Asked) -> Truth:
    """The outcome of every patient on what is asked, of which something is assessable and nothing left open; remembered."""

    def found(some: Screener) -> Truth:
        return some.outcome_remembered(asked)

    def changed(before: Truth, patients: Rows, now: Truth) -> Truth:
        outcome = before.copy()
        outcome[patients] = now
        return outcome

    return found_onwards(screener, asked, (), found, changed, limits=False)


def value_asked(quantity: Quantity) -> Asked:
    """What is asked where nothing but a resolved quantity is looked at: whether it reaches a limit that is left open."""
    limit = Compare(quantity, ">=", Constant(LIMIT))
    return asked_alone(Role.INCLUSION, ResolvedLimb("", limit, limit, {}))


def _apart(one: Asked, other: Asked) -> tuple[int, float]:
    """In how many numbers two things of one form differ, and how far these are apart for their size."""
    pairs = _differing(one, other)
    return len(pairs), sum(abs(now - then) / (abs(now) + abs(then)) if math.isfinite(now - then) else math.inf for now, then in pairs)


def _differing(one: Asked, other: Asked) -> set[tuple[float, float]]:
    both = (zip(*numbers, strict=True) for numbers in zip(one.numbers, other.numbers, strict=True))
    return {pair for pairs in both for pair in pairs if pair[0] != pair[1]}


def _between(screener: Screener, asked: Asked, before: Asked, limits: bool) -> Rows | None:
    """Of whom something known lies between a number now and that before; None where these are many, or who they are cannot be told."""
    pairs = _differing(asked, before)
    if not np.isfinite([end for pair in pairs for end in pair]).all():  # without a limit another feed is asked for, of everybody
        return None
    names = {pair: f"{MOVED}{place}" for place, pair in enumerate(sorted(pairs))}
    opened = [(left_open(limb.stands, then, names), limb.policies) for limb, then in zip(asked.limbs, before.numbers, strict=True)]
    if not limits and not any(name in names.values() for condition, _ in opened for name in _inside_terms(condition)):
        return None
    told = tuple((node, *sorted(policies.items())) for condition, policies in opened for node in _with_own(names.values(), condition))
    if not all(isinstance(node, ASKING) for node, *_ in told):
        return None
    key = "between", tuple((min(pair), max(pair)) for pair in names), told  # a step back tells the same patients apart
    rows: Rows | None = screener.memory.known(key, by_patient=False)
    if rows is not None:
        return rows
    patients = np.zeros(screener.cohort.patients, bool)
    for pair, name in names.items():
        turning = Turning(screener.evaluator, name, sorted(pair))
        for condition, policies in opened:
            turning.look_at(condition, policies)
        if turning.anybody:
            return None
        turning.mark(patients)
    rows = np.flatnonzero(patients)
    return screener.memory.recall(key, lambda: rows, by_patient=False) if len(rows) <= MOST * len(patients) else None


def _with_own(names: Collection[str], condition: Condition) -> Iterator[Node]:
    """What in a condition asks of patients by one of some parameters left open: in other conditions it tells the same patients apart."""
    for node in walk(condition):
        if isinstance(node, (Constant, Window)):
            continue
        own = [part for child in children(node) for part in (children(child) if isinstance(child, (Constant, Window)) else [child])]
        if any(isinstance(part, Ref) and part.name in names for part in own):
            yield node


def _inside_terms(condition: Condition) -> Iterator[str]:
    """The parameters left open in what takes long to look up of patients, who may have many values; not those that it is compared with."""
    for node in walk(condition):
        if isinstance(node, (Pick, Count, Egfr, Visit, Exposed)):
            yield from (inner.name for inner in walk(node) if isinstance(inner, Ref))
