"""A scenario: what the designer changed against the protocol as written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from feasibility.parameters import Number, Parameter, Switch, Value, accept, worded
from feasibility.problems import Problem
from feasibility.protocol import Criterion, Protocol
from feasibility.rules.nodes import variables
from feasibility.variables import MissingPolicy


class Order(StrEnum):
    """The orders a funnel is usually shown in; a list of criteria is one too."""

    PROTOCOL = "protocol"
    STAGE = "stage"
    LARGEST_LOSS = "largest"


ORDERED = {Order.STAGE: "ordered by stage", Order.LARGEST_LOSS: "ordered by largest loss"}


@dataclass(frozen=True)
class Scenario:
    """Changes only: a parameter at its written value, the first reading, the catalogue's missing policy are not in here.

    ``missing`` is keyed ``criterion.variable``. ``rates`` replaces a criterion's assumed pass rates by one. ``order`` is one of the usual ones or a
    list of criterion ids. The plain ``Scenario()`` is the protocol as written.
    """

    parameters: Mapping[str, Value] = field(default_factory=dict)
    readings: Mapping[str, str] = field(default_factory=dict)
    off: frozenset[str] = frozenset()
    missing: Mapping[str, MissingPolicy] = field(default_factory=dict)
    rates: Mapping[str, float] = field(default_factory=dict)
    order: Order | tuple[str, ...] = Order.PROTOCOL


AS_WRITTEN = Scenario()


class Refused(ValueError):
    """A change the protocol does not allow, as a sentence."""


def value_of(protocol: Protocol, scenario: Scenario, parameter: str) -> Value:
    """The value a parameter has under the scenario."""
    return scenario.parameters.get(parameter, protocol.parameters[parameter].value)


def values(protocol: Protocol, scenario: Scenario) -> dict[str, Value]:
    """All parameters' values under the scenario, by full name."""
    return {**protocol.written, **scenario.parameters}


def reading_id(protocol: Protocol, scenario: Scenario, criterion_id: str) -> str | None:
    """The reading in use; None for a criterion that has none."""
    readings = protocol[criterion_id].readings
    return scenario.readings.get(criterion_id, readings[0].id) if readings else None


def with_value(protocol: Protocol, scenario: Scenario, parameter: str, value: Value) -> Scenario:
    """The scenario with one parameter at a value, snapped to its step. Raises ``Refused``."""
    if parameter not in protocol.parameters:
        nearest = get_close_matches(parameter, list(protocol.parameters), 3, 0.0)
        raise Refused(f"{parameter} is not a parameter of this protocol; the nearest are {', '.join(nearest) or 'none'}.")
    definition = protocol.parameters[parameter]
    try:
        accepted = accept(definition, value)
    except ValueError as error:
        raise Refused(f"{parameter}: {error}.") from None
    return replace(scenario, parameters=_changed(scenario.parameters, parameter, accepted, written=definition.value))


def with_reading(protocol: Protocol, scenario: Scenario, criterion_id: str, reading: str) -> Scenario:
    """The scenario with one criterion read another way. Raises ``Refused``."""
    ids = [each.id for each in _criterion(protocol, criterion_id).readings]
    if reading not in ids:
        raise Refused(f"{criterion_id} has no reading {reading!r}; there are {', '.join(ids) or 'none'}.")
    return replace(scenario, readings=_changed(scenario.readings, criterion_id, reading, written=ids[0]))


def with_criterion_off(protocol: Protocol, scenario: Scenario, criterion_id: str) -> Scenario:
    _criterion(protocol, criterion_id)
    return replace(scenario, off=scenario.off | {criterion_id})


def with_criterion_on(protocol: Protocol, scenario: Scenario, criterion_id: str) -> Scenario:
    _criterion(protocol, criterion_id)
    return replace(scenario, off=scenario.off - {criterion_id})


def with_missing_policy(protocol: Protocol, scenario: Scenario, key: str, policy: MissingPolicy | None) -> Scenario:
    """The scenario with the missing policy of ``criterion.variable`` changed; None goes back to the policy as written. Raises ``Refused``."""
    criterion_id, _, variable = key.partition(".")
    criterion = _criterion(protocol, criterion_id)
    rules = [rule for reading in criterion.readings for limb in reading.limbs for rule in (limb.rule, limb.unless) if rule is not None]
    spoken_of = sorted({name for rule in rules for name in variables(rule)})
    if variable not in spoken_of:
        raise Refused(f"{criterion_id} does not speak of {variable!r}; it speaks of {', '.join(spoken_of) or 'no variable'}.")
    missing = {name: each for name, each in scenario.missing.items() if name != key}
    return replace(scenario, missing=missing if policy is None else {**missing, key: policy})


def with_rate(protocol: Protocol, scenario: Scenario, criterion_id: str, rate: float | None) -> Scenario:
    """The scenario with one assumed pass rate for everybody; None goes back to the rates as written. Raises ``Refused``."""
    _criterion(protocol, criterion_id)
    if rate is not None and not 0 <= rate <= 1:
        raise Refused(f"{criterion_id}: an assumed pass rate lies between 0 and 1, not {rate:g}.")
    rates = {name: each for name, each in scenario.rates.items() if name != criterion_id}
    return replace(scenario, rates=rates if rate is None else {**rates, criterion_id: rate})


def with_order(protocol: Protocol, scenario: Scenario, order: Order | Iterable[str]) -> Scenario:
    """The scenario with the funnel in another order; criteria a list leaves out follow in protocol order. Raises ``Refused``."""
    if isinstance(order, Order):
        return replace(scenario, order=order)
    ids = tuple(dict.fromkeys(order))
    for criterion_id in ids:
        _criterion(protocol, criterion_id)
    complete = ids + tuple(each for each in protocol.ids if each not in ids)
    return replace(scenario, order=Order.PROTOCOL if complete == protocol.ids else complete)


def with_preset(protocol: Protocol, scenario: Scenario, preset_id: str) -> Scenario:
    """The scenario with a preset's values. Raises ``Refused``."""
    for preset in protocol.presets:
        if preset.id == preset_id:
            for name, value in preset.values.items():
                scenario = with_value(protocol, scenario, name, value)
            return scenario
    raise Refused(f"{preset_id!r} is not a preset; there are {', '.join(preset.id for preset in protocol.presets) or 'none'}.")


def _criterion(protocol: Protocol, criterion_id: str) -> Criterion:
    if criterion_id not in protocol.ids:
        raise Refused(f"{criterion_id!r} is not a criterion; there are {', '.join(protocol.ids)}.")
    return protocol[criterion_id]


def _changed(changes: Mapping[str, Any], key: str, value: Any, *, written: Any) -> dict[str, Any]:
    rest = {name: each for name, each in changes.items() if name != key}
    return rest if value == written else {**rest, key: value}


# What was changed, for people


@dataclass(frozen=True)
class Change:
    """One change against the protocol as written: what it says on a chip, and the scenario without it."""

    key: str
    text: str
    was: str
    without: Scenario


def changes(protocol: Protocol, scenario: Scenario) -> tuple[Change, ...]:
    """Every change of the scenario, in protocol order within its kind."""
    found: list[Change] = []
    for name, parameter in protocol.parameters.items():
        if name in scenario.parameters:
            rest = replace(scenario, parameters={key: each for key, each in scenario.parameters.items() if key != name})
            now, was = (worded(parameter, value) for value in (scenario.parameters[name], parameter.value))
            owner = name.partition(".")[0] + " " if "." in name else ""
            found.append(Change(name, f"{owner}{parameter.label} {now}", was, rest))
    for criterion in protocol.criteria:
        key = criterion.id
        if key in scenario.readings:
            rest = replace(scenario, readings={name: each for name, each in scenario.readings.items() if name != key})
            found.append(Change(f"{key} reading", f"{key} read as “{criterion.reading(scenario.readings[key]).label}”", criterion.readings[0].label, rest))
        if key in scenario.off:
            found.append(Change(f"{key} off", f"{key} {criterion.label} off", "on", replace(scenario, off=scenario.off - {key})))
        for name, policy in scenario.missing.items():
            if name.startswith(f"{key}."):
                rest = replace(scenario, missing={other: each for other, each in scenario.missing.items() if other != name})
                found.append(Change(f"{name} missing", f"{key} no record of {name.partition('.')[2].replace('_', ' ')}: {policy}", "as catalogued", rest))
        if key in scenario.rates:
            rest = replace(scenario, rates={name: each for name, each in scenario.rates.items() if name != key})
            found.append(Change(f"{key} rate", f"{key} assumed pass rate {100 * scenario.rates[key]:.3g} %", "as written", rest))
    if scenario.order != Order.PROTOCOL:
        text = ORDERED[scenario.order] if isinstance(scenario.order, Order) else "ordered by hand"
        found.append(Change("order", text, "in the protocol's order", replace(scenario, order=Order.PROTOCOL)))
    return tuple(found)


# The link


def to_query(protocol: Protocol, scenario: Scenario) -> dict[str, str]:
    """The scenario as the query part of a link: never a patient in it, short where little was changed, empty as written."""
    query: dict[str, str] = {}
    if scenario.parameters:
        query["set"] = ",".join(f"{name}={_as_text(value)}" for name, value in scenario.parameters.items())
    if scenario.readings:
        query["reading"] = ",".join(f"{name}={reading}" for name, reading in scenario.readings.items())
    if scenario.off:
        query["off"] = ",".join(criterion_id for criterion_id in protocol.ids if criterion_id in scenario.off)
    if scenario.missing:
        query["missing"] = ",".join(f"{name}={policy}" for name, policy in scenario.missing.items())
    if scenario.rates:
        query["rate"] = ",".join(f"{name}={rate!r}" for name, rate in scenario.rates.items())
    if scenario.order != Order.PROTOCOL:
        query["order"] = scenario.order if isinstance(scenario.order, Order) else ",".join(scenario.order)
    return query


def from_query(protocol: Protocol, query: Mapping[str, str]) -> tuple[Scenario, tuple[Problem, ...]]:
    """The scenario of a link, and what in it this protocol does not know (left out, said)."""
    scenario, problems = AS_WRITTEN, []
    for option in ("set", "reading", "off", "missing", "rate", "order"):
        text = query.get(option, "")
        for item in [text] if option == "order" and text else filter(None, text.split(",")):
            try:
                scenario = change(protocol, scenario, option, item)
            except Refused as refused:
                problems.append(Problem("warning", f"link, {option}={item}", str(refused), "This change was left out."))
    return scenario, tuple(problems)


def change(protocol: Protocol, scenario: Scenario, option: str, text: str) -> Scenario:
    """One change written as text, as links and the shell have it: ``set`` ``I5.egfr_min=30``, ``off`` ``E9``. Raises ``Refused``."""
    key, _, value = (part.strip() for part in text.partition("="))
    match option:
        case "set":
            return with_value(protocol, scenario, key, _from_text(protocol.parameters.get(key), key, value))
        case "reading":
            return with_reading(protocol, scenario, key, value)
        case "off":
            return with_criterion_off(protocol, scenario, key)
        case "missing":
            if value not in set(MissingPolicy):
                raise Refused(f"{key}: {value!r} is not a missing policy; there are {', '.join(MissingPolicy)}.")
            return with_missing_policy(protocol, scenario, key, MissingPolicy(value))
        case "rate":
            return with_rate(protocol, scenario, key, _number(key, value))
        case "order":
            if text.strip() in set(Order):
                return with_order(protocol, scenario, Order(text.strip()))
            return with_order(protocol, scenario, [item.strip() for item in text.split(",") if item.strip()])
        case _:
            raise Refused(f"{option} is not a kind of change.")


def _as_text(value: Value) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value) if isinstance(value, str) else f"{value:.12g}"


def _from_text(parameter: Parameter | None, key: str, text: str) -> Value:
    if isinstance(parameter, Switch):
        if text.lower() in ("true", "on", "yes", "1"):
            return True
        if text.lower() in ("false", "off", "no", "0"):
            return False
        raise Refused(f"{key}: {text!r} is neither on nor off.")
    return _number(key, text) if isinstance(parameter, Number) else text


def _number(key: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Refused(f"{key}: {text!r} is not a number.") from None

