"""What a parameter bounds in a rule: the quantity it is compared with, on whose distribution its control is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from feasibility.rules.nodes import (
    All,
    AnyOf,
    Compare,
    Condition,
    Constant,
    Exposed,
    Field,
    Node,
    Not,
    Pick,
    Quantity,
    Ref,
    Statistic,
    Visit,
    Which,
    Window,
    children,
)
from feasibility.rules.sentence import INVERSE, MIRRORED


@dataclass(frozen=True)
class Bound:
    """``quantity operator parameter``; a length of time, a count inside a term, bounds no quantity of the patient's."""

    operator: str
    quantity: Quantity | None = None


def bound(condition: Condition, parameter: str) -> Bound | None:
    """The first bound the parameter sets in a condition; None where the condition does not use it so."""
    return next(bounds_of(condition, parameter), None)


def bounds_of(condition: Condition, parameter: str) -> Iterator[Bound]:
    """All the bounds the parameter sets in a condition."""
    return _bounds(condition, Constant(Ref(parameter)), None)


def _bounds(node: Node, limit: Constant, visit: Visit | None) -> Iterator[Bound]:
    match node:
        case Not(condition=Compare(left=left, operator=operator, right=right)) if limit in (left, right):
            yield from _bounds(Compare(left, INVERSE[operator], right), limit, visit)
        case Not(condition=All(conditions=inners) | AnyOf(conditions=inners)):
            for inner in inners:
                yield from _bounds(Not(inner), limit, visit)
        case Not(condition=Not(condition=inner)):
            yield from _bounds(inner, limit, visit)
        case Compare(left=left, operator=operator, right=right) if right == limit:
            yield Bound(operator, _of_patient(left, operator, visit))
        case Compare(left=left, operator=operator, right=right) if left == limit:
            yield Bound(MIRRORED[operator], _of_patient(right, MIRRORED[operator], visit))
        case Window(length=length) if length == limit.value:
            yield Bound("<=")
        case Exposed(longer_than=longer) if longer == limit.value:
            yield Bound(">")
        case _:
            for child in children(node):
                yield from _bounds(child, limit, node if isinstance(node, Visit) else visit)


def _of_patient(quantity: Quantity, operator: str, visit: Visit | None) -> Quantity | None:
    """The patient's value behind a comparison: for a field of a visit its value at the latest one, or at the one nearest to meeting the limit."""
    if not isinstance(quantity, Field):
        return quantity
    if visit is None:
        return None
    nearest = Statistic.LOWEST if operator in ("<=", "<") else Statistic.HIGHEST
    return Pick(Statistic.LATEST if visit.which is Which.LATEST else nearest, quantity.variable, visit.window)
