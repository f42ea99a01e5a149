"""Widgets that propose changes to the scenario. Each shows the scenario's value on every run, whatever the widget remembered."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import streamlit as st

from feasibility import wording
from feasibility.parameters import Choice, Number, Parameter, Switch, Unbounded, Value, decimals, snap
from feasibility.protocol import Criterion, Protocol
from feasibility.rules.nodes import parameters
from feasibility.scenario import (
    Scenario,
    reading_id,
    value_of,
    with_criterion_off,
    with_criterion_on,
    with_rate,
    with_reading,
    with_value,
)
from feasibility.ui.session import Session, current, propose_from

MAIN_SLIDERS = 2
STOPS_OF_A_LOG_SLIDER = 120
NO_DATES = "The cohort has no dates, so a length of time changes nothing. Every value counts as current at the index date."


def parameter(session: Session, name: str) -> None:
    """The control of one parameter; a length of time is disabled where the cohort has no dates."""
    definition, value = session.protocol.parameters[name], value_of(session.protocol, session.scenario, name)
    idle = not session.cohort.dated and name in session.protocol.lengths_of_time
    _parameter(definition, value, f"value {name}", idle)


def _parameter(definition: Parameter, value: Value, key: str, idle: bool) -> None:
    st.session_state[key] = value
    common: dict[str, Any] = {
        "key": key,
        "on_change": propose_from,
        "args": (key, with_value, definition.name),
        "disabled": idle,
        "help": NO_DATES if idle else None,
    }
    label = wording.plain(wording.label_of(definition))
    match definition:
        case Switch():
            st.checkbox(label, **common)
        case Choice(options=options):
            st.selectbox(label, options, format_func=lambda option: wording.option_of(definition, option), **common)
        case Number(scale="log") | Number(unbounded=Unbounded()):
            assert isinstance(value, (int, float))
            st.select_slider(label, stops(definition, value), format_func=lambda stop: wording.value_of(definition, stop), **common)
        case Number():
            assert isinstance(value, (int, float))
            st.session_state[key] = float(value)
            st.slider(label, definition.min, definition.max, step=definition.step, format=f"%.{decimals(definition)}f", **common)


def stops(definition: Number, value: float) -> list[float]:
    """The values a slider with a log scale or without limit stops at; the current and the written value are always among them."""
    if definition.scale == "log":
        spaced = [snap(definition, float(each)) for each in np.geomspace(definition.min, definition.max, STOPS_OF_A_LOG_SLIDER)]
    else:
        spaced = [snap(definition, float(each)) for each in np.arange(definition.min, definition.max + definition.step / 2, definition.step)]
    found = {each for each in (*spaced, value, definition.value) if definition.min <= each <= definition.max}
    ends = {Unbounded.UP: [math.inf], Unbounded.DOWN: [-math.inf], None: []}[definition.unbounded]
    return sorted([*found, *ends])


def group(session: Session) -> str:
    """Which criteria the list shows; kept while other pages are looked at."""
    groups = [*wording.ROLES.values(), wording.NOT_IN_THE_DATA]
    st.session_state["group"] = session.group or groups[0]
    st.segmented_control("Criteria shown", groups, key="group", on_change=_show_group, label_visibility="collapsed")
    return session.group or groups[0]


def _show_group() -> None:
    chosen = st.session_state["group"]
    if chosen is not None:  # pressing the group in view again takes nothing away
        current().group = chosen


def switch(session: Session, criterion: Criterion) -> None:
    """Whether the criterion counts."""
    key = f"on {criterion.id}"
    st.session_state[key] = criterion.id not in session.scenario.off
    st.toggle(wording.plain(wording.name(criterion)), key=key, on_change=propose_from, args=(key, _switched, criterion.id))


def _switched(protocol: Protocol, scenario: Scenario, criterion_id: str, on: bool) -> Scenario:
    return with_criterion_on(protocol, scenario, criterion_id) if on else with_criterion_off(protocol, scenario, criterion_id)


def reading(session: Session, criterion: Criterion) -> None:
    """Which reading of an ambiguous clause is used."""
    if len(criterion.readings) < 2:
        return
    key = f"reading {criterion.id}"
    labels = {each.id: each.label for each in criterion.readings}
    st.session_state[key] = reading_id(session.protocol, session.scenario, criterion.id)
    st.selectbox(
        f"Reading of {criterion.id}",
        list(labels),
        format_func=lambda each: f"read as: {labels[each]}",
        key=key,
        on_change=propose_from,
        args=(key, with_reading, criterion.id),
        label_visibility="collapsed",
    )


def readings(session: Session, criterion: Criterion) -> None:
    """All readings of a clause at once, to choose one."""
    key = f"readings {criterion.id}"
    labels = {each.id: each.label for each in criterion.readings}
    st.session_state[key] = reading_id(session.protocol, session.scenario, criterion.id)
    st.radio(
        "Read as",
        list(labels),
        format_func=lambda each: wording.plain(labels[each]),
        key=key,
        on_change=propose_from,
        args=(key, with_reading, criterion.id),
        horizontal=True,
    )


def pass_rate(session: Session, criterion: Criterion, mean: float) -> None:
    """The assumed pass rate of a criterion that data cannot show, in percent."""
    key = f"rate {criterion.id}"
    st.session_state[key] = round(100 * mean, 1)
    st.slider(
        f"{criterion.id} assumed pass rate",
        0.0,
        100.0,
        step=0.5,
        format="%.1f %%",
        key=key,
        on_change=propose_from,
        args=(key, _rated, criterion.id),
        label_visibility="collapsed",
    )


def _rated(protocol: Protocol, scenario: Scenario, criterion_id: str, rate_percent: float) -> Scenario:
    return with_rate(protocol, scenario, criterion_id, round(rate_percent / 100, 4))


def used_parameters(session: Session, criterion: Criterion) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The criterion's own parameters that its reading uses, in the order of the protocol: those always in view, and the others."""
    chosen = reading_id(session.protocol, session.scenario, criterion.id)
    if chosen is None:
        return (), ()
    used: set[str] = set()
    for limb in criterion.reading(chosen).limbs:
        used.update(parameters(limb.rule), parameters(limb.unless) if limb.unless else ())
    own = [name for name in criterion.parameters if name in used]
    numbers = {name: definition for name in own if isinstance(definition := session.protocol.parameters[name], Number)}
    main = tuple([name for name, definition in numbers.items() if definition.loosens] or numbers)[:MAIN_SLIDERS]
    return main, tuple(name for name in own if name not in main)
