"""The expressions a rule is made of. Frozen and comparable, so that an expression can be the key under which its result is remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any

from feasibility.kidney import EQUATIONS
from feasibility.parameters import Value


class Statistic(StrEnum):
    """Which of a variable's values in the window a term speaks of."""

    LATEST = "latest"
    EARLIEST = "earliest"
    LOWEST = "lowest"
    HIGHEST = "highest"
    MEAN = "mean"
    MEDIAN = "median"
    GEOMETRIC_MEAN = "geometric_mean"


class At(StrEnum):
    """Which date of an event counts."""

    START = "start"
    END = "end"  # its last day, no later than the window's; at any time from its start on where none is recorded
    LATER = "later"  # the last day if one is recorded, else the start
    FIRST = "first"  # the start, and only of the patient's first


class Counting(StrEnum):
    """Which days of an exposure count towards its length."""

    COURSE = "course"
    WINDOW = "window"


class Which(StrEnum):
    """Which visit a condition must hold at."""

    LATEST = "latest"
    ANY = "any"


@dataclass(frozen=True)
class Ref:
    """A parameter, by its full name (``I5.egfr_min`` or ``lab_window``)."""

    name: str


@dataclass(frozen=True)
class Window:
    """From ``length`` units before the index date up to it; the index date itself is inside where ``closed``. Length inf: no limit."""

    length: float | Ref
    unit: str
    closed: bool = True


# Quantities


@dataclass(frozen=True)
class Constant:
    value: float | Ref


@dataclass(frozen=True)
class Label:
    """A named value of a category, with the interval of whole numbers it stands for."""

    text: str
    lo: float
    hi: float


@dataclass(frozen=True)
class Field:
    """The value a record itself holds, inside ``where``, ``excepting`` and visit conditions."""

    variable: str


@dataclass(frozen=True)
class Pick:
    """A statistic of a variable's values in a window.

    With ``last``, of the last n, each at least ``apart`` days from the next and none more than ``span`` days from the latest; ``rank`` counts from
    the extreme.
    """

    statistic: Statistic
    variable: str
    window: Window | None = None
    last: float | Ref | None = None
    apart: float | Ref | None = None
    span: float | Ref | None = None
    rank: float | Ref = 1


@dataclass(frozen=True)
class Count:
    """How many records of a variable lie in the window (and meet ``where``)."""

    variable: str
    window: Window | None = None
    where: Condition | None = None


@dataclass(frozen=True)
class Egfr:
    """The CKD-EPI estimate from the latest sample in the window."""

    equation: str | Ref
    window: Window | None = None


Quantity = Constant | Label | Field | Pick | Count | Egfr


# Conditions


@dataclass(frozen=True)
class Decided:
    """A condition settled by a switch, without looking at the patient."""

    holds: bool


@dataclass(frozen=True)
class Switched:
    """A condition that is a switch parameter."""

    switch: Ref


@dataclass(frozen=True)
class Compare:
    left: Quantity
    operator: str
    right: Quantity


@dataclass(frozen=True)
class Not:
    condition: Condition


@dataclass(frozen=True)
class All:
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class AnyOf:
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Possible:
    """Evidence that leaves the matter open: TRUE becomes UNKNOWN, FALSE stays."""

    condition: Condition


@dataclass(frozen=True)
class Occurred:
    """An event in the window, of those meeting ``where`` and not ``excepting``."""

    event: str
    window: Window | None = None
    where: Condition | None = None
    excepting: Condition | None = None
    at: At = At.START


@dataclass(frozen=True)
class Exposed:
    """An exposure overlapping the window, of more than ``longer_than`` days; courses with at most ``gap`` days between them are one."""

    event: str
    window: Window | None = None
    longer_than: float | Ref | None = None
    gap: float | Ref = 0
    counting: Counting = Counting.COURSE
    where: Condition | None = None
    excepting: Condition | None = None


@dataclass(frozen=True)
class Visit:
    """A condition on the values of one and the same visit."""

    which: Which
    record: str
    condition: Condition
    window: Window | None = None


Condition = Decided | Switched | Compare | Not | All | AnyOf | Possible | Occurred | Exposed | Visit
Node = Condition | Quantity | Window | Ref


def children(node: Node) -> Iterator[Node]:
    """The nodes directly inside a node."""
    for name in node.__dataclass_fields__:
        value = getattr(node, name)
        for inner in value if isinstance(value, tuple) else (value,):
            if hasattr(inner, "__dataclass_fields__"):
                yield inner


def walk(node: Node) -> Iterator[Node]:
    """A node and all nodes inside it."""
    yield node
    for child in children(node):
        yield from walk(child)


def rebuild(node: Any, change: Callable[[Any], Any]) -> Any:
    """The node with ``change`` applied to every node inside it, innermost first."""
    if not hasattr(node, "__dataclass_fields__"):
        return node
    values = {}
    for name in node.__dataclass_fields__:
        value = getattr(node, name)
        new = tuple(rebuild(inner, change) for inner in value) if isinstance(value, tuple) else rebuild(value, change)
        if new is not value and new != value:
            values[name] = new
    return change(replace(node, **values) if values else node)


def resolve(condition: Condition, values: Mapping[str, Value | Ref]) -> Condition:
    """The condition with every parameter replaced by its value and what the switches decide taken out; one whose value is its own ``Ref`` stays."""

    def settle(node: Any) -> Any:
        match node:
            case Ref(name=name):
                return values[name]
            case Switched(switch=bool() as holds):
                return Decided(holds)
            case Not(condition=Decided(holds=holds)):
                return Decided(not holds)
            case Possible(condition=Decided(holds=False)):
                return Decided(False)
            case All(conditions=conditions):
                return _settle_join(conditions, Decided(False), Decided(True), All)
            case AnyOf(conditions=conditions):
                return _settle_join(conditions, Decided(True), Decided(False), AnyOf)
            case Occurred() | Exposed() | Count():
                # A filter that always holds is no filter; one that never holds for `excepting` excepts nothing.
                if node.where == Decided(True):
                    node = replace(node, where=None)
                if getattr(node, "excepting", None) == Decided(False):
                    node = replace(node, excepting=None)
                return node
            case _:
                return node

    settled: Condition = rebuild(condition, settle)
    return settled


def _settle_join(conditions: tuple[Condition, ...], absorbing: Decided, neutral: Decided, join: type[All] | type[AnyOf]) -> Condition:
    if absorbing in conditions:
        return absorbing
    open_ones = tuple(condition for condition in conditions if condition != neutral)
    if not open_ones:
        return neutral
    return open_ones[0] if len(open_ones) == 1 else join(open_ones)


def without_exceptions(condition: Condition) -> Condition:
    """The condition as if no event or exposure were excepted."""

    def strip(node: Any) -> Any:
        return replace(node, excepting=None) if isinstance(node, (Occurred, Exposed)) and node.excepting is not None else node

    stripped: Condition = rebuild(condition, strip)
    return stripped


def certain(condition: Condition) -> Condition:
    """The condition with what is only possible taken for certain."""

    def change(node: Any) -> Any:
        return node.condition if isinstance(node, Possible) else node

    made: Condition = rebuild(condition, change)
    return made


def follows(condition: Condition, other: Condition) -> bool:
    """Whether a condition holds wherever another does, since it asks for the same event without asking of which kind."""
    return isinstance(other, Occurred) and condition != other and condition == replace(other, where=None, excepting=None)


@lru_cache(maxsize=4096)
def variables(condition: Condition) -> tuple[str, ...]:
    """The variables a resolved condition speaks of, in order of appearance; the inputs of eGFR among them."""
    found: dict[str, None] = {}
    for node in walk(condition):
        match node:
            case Pick(variable=name) | Count(variable=name) | Field(variable=name) | Occurred(event=name) | Exposed(event=name):
                found[name] = None
            case Egfr(equation=equation):
                either = EQUATIONS[equation] if isinstance(equation, str) else None
                needs = {
                    "creatinine": either is None or either.needs_creatinine,
                    "cystatin_c": either is not None and either.needs_cystatin,
                    "age_exact": True,
                    "sex": True,
                }
                found.update(dict.fromkeys(name for name, needed in needs.items() if needed))
    return tuple(found)


def parameters(condition: Condition) -> tuple[str, ...]:
    """The full names of the parameters a condition uses, in order of appearance."""
    return tuple(dict.fromkeys(node.name for node in walk(condition) if isinstance(node, Ref)))
