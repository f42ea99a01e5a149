"""What the browser proposes, as changes of the scenario."""

from __future__ import annotations

import math
from typing import Any

from feasibility import wording
from feasibility.ledger.rows import AS_WRITTEN_RATE, LIFTED
from feasibility.ledger.scales import operator_of
from feasibility.parameters import Number, Unbounded, steps_beside, typed
from feasibility.protocol import Protocol
from feasibility.scenario import (
    Order,
    Refused,
    Scenario,
    changes,
    with_criterion_off,
    with_criterion_on,
    with_order,
    with_rate,
    with_reading,
    with_value,
)


def proposed(protocol: Protocol, scenario: Scenario, said: dict[str, Any]) -> Scenario:
    """The scenario with what the browser proposed. Raises ``Refused``, also for what this protocol no longer has."""
    match said:
        case {"kind": "value", "name": str(name), "value": value} if name.startswith("rate "):
            return with_rate(protocol, scenario, name.partition(" ")[2], None if value == AS_WRITTEN_RATE else _number(name, value))
        case {"kind": "value", "name": str(name), "value": value}:
            return with_value(protocol, scenario, name, _number(name, value))
        case {"kind": "typed", "name": str(name), "text": str(text)}:
            return _typed(protocol, scenario, name, text)
        case {"kind": "switch", "criterion": str(criterion), "on": bool(on)}:
            return with_criterion_on(protocol, scenario, criterion) if on else with_criterion_off(protocol, scenario, criterion)
        case {"kind": "reading", "criterion": str(criterion), "reading": str(reading)}:
            return with_reading(protocol, scenario, criterion, reading)
        case {"kind": "order", "order": str(order)} if order in set(Order):
            return with_order(protocol, scenario, Order(order))
        case {"kind": "order", "ids": [*ids]}:
            return with_order(protocol, scenario, [str(each) for each in ids])
        case {"kind": "toggle", "name": str(name), "on": bool(on)}:
            return with_value(protocol, scenario, name, on)
        case {"kind": "choice", "name": str(name), "value": str(value)}:
            return with_value(protocol, scenario, name, value)
        case {"kind": "undo", "chip": str(chip)}:
            return next((change.without for change in changes(protocol, scenario) if change.key == chip), scenario)
        case _:
            raise Refused("The page asked for something this version does not know: reload it in the browser.")


def _number(name: str, value: object) -> float:
    """A value as the browser hands it back: a number, or ``inf`` and ``-inf`` as text."""
    if value in LIFTED.values():
        return float(str(value))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Refused(f"{name}: {value!r} is not a number.")
    return float(value)


def _typed(protocol: Protocol, scenario: Scenario, name: str, text: str) -> Scenario:
    try:
        if name.startswith("rate "):
            return with_rate(protocol, scenario, name.partition(" ")[2], round(typed(text, "%") / 100, 4))
        parameter = protocol.parameters.get(name)
        if not isinstance(parameter, Number):
            return with_value(protocol, scenario, name, text)
        value = typed(text, parameter.unit, operator_of(protocol, scenario, name))
        if (steps := steps_beside(parameter, value)) is not None:
            low, high = (wording.value_of(parameter, step) for step in steps)
            raise ValueError(f"“{text.strip()}” lies between two of its steps: type {low} or {high}")
        return with_value(protocol, scenario, name, -value if math.isinf(value) and parameter.unbounded is Unbounded.DOWN else value)
    except ValueError as error:
        named = protocol.parameters[name].label if name in protocol.parameters else "assumed pass rate"
        said = str(error).removeprefix(f"{name}: ").rstrip(".")
        raise Refused(f"{name.partition('.')[0] if '.' in name else ''} {named}: {said}.".strip()) from None
