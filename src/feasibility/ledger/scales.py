"""Which of a criterion's parameters stand in its row, and on what they are drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from feasibility.parameters import MOST_STOPS, Direction, Number, Value, stops
from feasibility.protocol import Criterion, Limb, Protocol, Reading
from feasibility.results.distributions import Axis, axis_of
from feasibility.rules.bounds import Bound, bound
from feasibility.rules.nodes import Compare, Condition, Constant, Quantity, Ref, parameters, resolve
from feasibility.scenario import Scenario, reading_id, value_of, values

MOST_SCALES = 2  # beside each other in a row
BINS, BINS_OF_TWO = 60, 30
BEYOND = 0.04  # of the axis: how far past its end "no limit" stands


@dataclass(frozen=True)
class Handle:
    """A number that can be moved: the values it stops at, rising, and where they lie on its axis, 0 to 1."""

    parameter: Number
    operator: str
    values: tuple[float, ...]
    places: tuple[float, ...]

    @property
    def passes(self) -> str:
        """On which side of the line patients pass."""
        return {Direction.DOWN: "above", Direction.UP: "below", None: ""}[self.parameter.loosens]


@dataclass(frozen=True)
class Scale:
    """One axis with the handles on it; ``quantity``, resolved, is what is spread along it, None for a plain track."""

    quantity: Quantity | None
    axis: Axis
    handles: tuple[Handle, ...]


@dataclass(frozen=True)
class Line:
    """A line of a row; ``limb`` is named where each limb has a line of its own."""

    limb: str
    scales: tuple[Scale, ...]


def lines(protocol: Protocol, scenario: Scenario, criterion: Criterion) -> tuple[Line, ...]:
    """The lines of a criterion's row: one for each limb where every limb has a threshold of its own, else one."""
    reading = reading_in_use(protocol, scenario, criterion)
    if reading is None:
        return (Line("", ()),)
    rules = {limb.label: open_rule(protocol, scenario, limb) for limb in reading.limbs}
    own = numbers(protocol, criterion)
    movable = [name for name in own if _number(protocol, name).loosens] or own  # those that only ask for care stand in the detail
    bounds = {label: {name: found for name in movable if (found := bound(rule, name))} for label, rule in rules.items()}
    thresholds = {label: {name for name, found in of_limb.items() if found.quantity} for label, of_limb in bounds.items()}
    apart = sum(len(names) for names in thresholds.values()) == len(set().union(*thresholds.values()))
    if len(rules) > 1 and all(thresholds.values()) and apart:
        return tuple(Line(label, _scales(protocol, scenario, of_limb)) for label, of_limb in bounds.items())
    first: dict[str, Bound] = {}
    for of_limb in bounds.values():
        for name, found in of_limb.items():
            first.setdefault(name, found)
    return (Line("", _scales(protocol, scenario, first)),)


def operator_of(protocol: Protocol, scenario: Scenario, name: str) -> str:
    """The comparison that stands beside a parameter's handle in its row; empty where there is none."""
    criterion_id = name.partition(".")[0]
    drawn = lines(protocol, scenario, protocol[criterion_id]) if criterion_id in protocol.ids else ()
    handles = (handle for line in drawn for scale in line.scales for handle in scale.handles)
    return next((handle.operator for handle in handles if handle.parameter.name == name), "")


def reading_in_use(protocol: Protocol, scenario: Scenario, criterion: Criterion) -> Reading | None:
    chosen = reading_id(protocol, scenario, criterion.id)
    return None if chosen is None else criterion.reading(chosen)


def numbers(protocol: Protocol, criterion: Criterion) -> tuple[str, ...]:
    """The criterion's own numbers, by full name, in the order of the protocol."""
    return tuple(name for name in criterion.parameters if isinstance(protocol.parameters[name], Number))


def open_rule(protocol: Protocol, scenario: Scenario, limb: Limb) -> Condition:
    """A limb's rule, resolved but for the criterion's own numbers: they stay open."""
    given: Mapping[str, Value] = values(protocol, scenario)
    left_open = {name: Ref(name) if isinstance(protocol.parameters[name], Number) and "." in name else value for name, value in given.items()}
    return resolve(limb.rule, left_open)


def used(protocol: Protocol, scenario: Scenario, criterion: Criterion) -> tuple[str, ...]:
    """The criterion's own parameters that its reading uses, in the order of the protocol."""
    reading = reading_in_use(protocol, scenario, criterion)
    found: set[str] = set()
    for limb in reading.limbs if reading else ():
        found.update(parameters(limb.rule), parameters(limb.unless) if limb.unless else ())
    return tuple(name for name in criterion.parameters if name in found)


def single(protocol: Protocol, scenario: Scenario, name: str, operator: str = "", most: int = MOST_STOPS) -> Scale:
    """A plain track for one number."""
    parameter = _number(protocol, name)
    axis = axis_of(parameter.min, parameter.max, parameter.step, parameter.scale == "log", BINS)
    return Scale(None, axis, (_handle(protocol, scenario, name, operator, axis, most),))


def _scales(protocol: Protocol, scenario: Scenario, bounds: Mapping[str, Bound]) -> tuple[Scale, ...]:
    """Parameters that bound the same quantity share an axis; thresholds come before lengths of time."""
    together: dict[object, list[str]] = {}
    for name, found in sorted(bounds.items(), key=lambda each: each[1].quantity is None):
        together.setdefault(found.quantity or name, []).append(name)
    groups = list(together.values())[:MOST_SCALES]
    bins = BINS if len(groups) == 1 else BINS_OF_TWO
    return tuple(_scale(protocol, scenario, {name: bounds[name] for name in group}, bins) for group in groups)


def _scale(protocol: Protocol, scenario: Scenario, bounds: Mapping[str, Bound], bins: int) -> Scale:
    definitions = [_number(protocol, name) for name in bounds]
    low, high = min(each.min for each in definitions), max(each.max for each in definitions)
    axis = axis_of(low, high, definitions[0].step, all(each.scale == "log" for each in definitions), bins)
    quantity = next(iter(bounds.values())).quantity
    handles = tuple(_handle(protocol, scenario, name, found.operator, axis) for name, found in bounds.items())
    return Scale(None if quantity is None else _resolved(quantity, values(protocol, scenario)), axis, handles)


def _handle(protocol: Protocol, scenario: Scenario, name: str, operator: str, axis: Axis, most: int = MOST_STOPS) -> Handle:
    value = value_of(protocol, scenario, name)
    assert isinstance(value, (int, float))
    return _stopping_at(_number(protocol, name), float(value), operator, axis, most)


@lru_cache(1024)  # asked for at every view
def _stopping_at(parameter: Number, value: float, operator: str, axis: Axis, most: int) -> Handle:
    found = stops(parameter, value, most)
    return Handle(parameter, operator, found, places(found, axis))


def places(found: Sequence[float], axis: Axis) -> tuple[float, ...]:
    """Where values lie on an axis; without a limit a little past its end."""
    past = {math.inf: 1 + BEYOND, -math.inf: -BEYOND}
    return tuple(past.get(value) or round(axis.place(value), 5) for value in found)


def _resolved(quantity: Quantity, given: Mapping[str, Value]) -> Quantity:
    compared = resolve(Compare(quantity, ">=", Constant(0.0)), given)
    assert isinstance(compared, Compare)
    return compared.left


def _number(protocol: Protocol, name: str) -> Number:
    parameter = protocol.parameters[name]
    assert isinstance(parameter, Number)
    return parameter
