"""Widgets that propose changes to the scenario. Each shows the scenario's value on every run, whatever the widget remembered."""

from __future__ import annotations

from typing import Any

import streamlit as st

from feasibility import wording
from feasibility.parameters import Choice, Number, Parameter, Switch, Unbounded, Value, decimals, stops
from feasibility.protocol import Criterion, Protocol
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
from feasibility.ui.session import Session, propose_from


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
        "help": wording.NO_DATES if idle else None,
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


def switch(session: Session, criterion: Criterion) -> None:
    """Whether the criterion counts."""
    key = f"on {criterion.id}"
    st.session_state[key] = criterion.id not in session.scenario.off
    st.toggle(wording.plain(wording.name(criterion)), key=key, on_change=propose_from, args=(key, _switched, criterion.id))


def _switched(protocol: Protocol, scenario: Scenario, criterion_id: str, on: bool) -> Scenario:
    return with_criterion_on(protocol, scenario, criterion_id) if on else with_criterion_off(protocol, scenario, criterion_id)


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
