"""Which way the truth of a condition moves as a parameter rises, as far as the form of the rule shows it for every patient."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from feasibility.rules.nodes import (
    All,
    AnyOf,
    At,
    Compare,
    Condition,
    Constant,
    Exposed,
    Label,
    Node,
    Not,
    Occurred,
    Possible,
    Quantity,
    Ref,
    Visit,
    walk,
)


class Polarity(Enum):
    """RISES: as the parameter rises nobody's truth falls, over all values without a limit left out; FALLS: nobody's rises."""

    STAYS = "stays"
    RISES = "rises"
    FALLS = "falls"
    OPEN = "open"  # the form does not show it

    @property
    def mirrored(self) -> Polarity:
        return {Polarity.RISES: Polarity.FALLS, Polarity.FALLS: Polarity.RISES}.get(self, self)


def polarity(condition: Condition, parameter: str) -> Polarity:
    """Which way a condition moves. A window without limit is outside this: it may ask less of the feed of events than a long one."""
    if not uses(condition, parameter):
        return Polarity.STAYS
    match condition:
        case Not(condition=inner):
            return polarity(inner, parameter).mirrored
        case Possible(condition=inner):
            return polarity(inner, parameter)
        case All(conditions=inners) | AnyOf(conditions=inners):
            return joined(polarity(inner, parameter) for inner in inners)
        case Compare(left=left, operator=operator, right=right):
            return _of_comparison(left, operator, right, parameter)
        case Occurred() | Exposed():
            return _of_event(condition, parameter)
        case Visit(condition=inner, window=window) if window is None or not uses(window, parameter):
            return polarity(inner, parameter)
        case _:
            return Polarity.OPEN


def joined(polarities: Iterable[Polarity]) -> Polarity:
    """The polarity of conditions joined by *and*, or by *or*."""
    moving = set(polarities) - {Polarity.STAYS}
    return moving.pop() if len(moving) == 1 else Polarity.OPEN if moving else Polarity.STAYS


def uses(node: Node, parameter: str) -> bool:
    """Whether a parameter stands anywhere in a node."""
    return any(isinstance(inner, Ref) and inner.name == parameter for inner in walk(node))


def _of_comparison(left: Quantity, operator: str, right: Quantity, parameter: str) -> Polarity:
    limit = Constant(Ref(parameter))
    rises = {"<": Polarity.RISES, "<=": Polarity.RISES, ">": Polarity.FALLS, ">=": Polarity.FALLS}.get(operator, Polarity.OPEN)
    if right == limit and not uses(left, parameter) and not isinstance(left, (Constant, Label)):
        return rises
    if left == limit and not uses(right, parameter) and not isinstance(right, (Constant, Label)):
        return rises.mirrored
    return Polarity.OPEN


def _of_event(term: Occurred | Exposed, parameter: str) -> Polarity:
    filters = [polarity(term.where, parameter)] if term.where is not None else []
    filters += [polarity(term.excepting, parameter).mirrored] if term.excepting is not None else []
    moves = [Polarity.RISES] if term.window is not None and uses(term.window, parameter) else []
    if isinstance(term, Occurred):
        # More that counts as an event may also be an earlier one.
        first = term.at is At.FIRST and joined(filters) is not Polarity.STAYS
        return Polarity.OPEN if first else joined([*filters, *moves])
    moves += [Polarity.FALLS] if term.longer_than == Ref(parameter) else []
    moves += [Polarity.RISES] if term.gap == Ref(parameter) else []
    return joined([*filters, *moves])
