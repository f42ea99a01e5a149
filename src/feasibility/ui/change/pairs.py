"""What two numbers moved together would change: a heat map of any pair."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from feasibility import wording
from feasibility.figures import pairs as figures
from feasibility.parameters import loosest
from feasibility.protocol import Protocol
from feasibility.results import rounded
from feasibility.results.curves import Curve
from feasibility.results.pairs import Grid, grid
from feasibility.scenario import Scenario, with_value
from feasibility.ui.change.chart import draw_titled
from feasibility.ui.change.lifted import let_in_without_limit
from feasibility.ui.change.thresholds import all_counted, number, numbers
from feasibility.ui.frame import palette
from feasibility.ui.session import Session

NAMES, VALUES = ("change first", "change second"), ("change first value", "change second value")
TAKEN = 190  # pixels of the page beside the picture


def two_at_once(session: Session) -> None:
    """Any two numbers; at first the two with the most to gain that are not of the same criterion."""
    names = numbers(session)
    if len(names) < 2:
        st.info(wording.NOTHING_COUNTS if not session.overview.order else wording.ONE_NUMBER_ONLY if names else wording.NO_NUMBER_COUNTS)
        return
    given = [st.session_state.get(key) for key in NAMES]
    if any(each not in names for each in given) or given[0] == given[1]:
        curves = all_counted(session, {name: criteria for name, criteria in names.items() if len(criteria) == 1 or len(names) < 3})
        for key, name in zip(NAMES, most_to_gain(curves), strict=True):
            st.session_state[key] = name
    picture, choice = st.columns([3, 1], gap="medium")
    with choice:
        first, second = (_choice(session, list(names), key, label) for key, label in zip(NAMES, (wording.ALONG, wording.UP), strict=True))
        with st.spinner(wording.COUNTING_PAIR, show_time=False):
            found = _counted(session, first, second)
        looked_at = _values(found)
    with picture:
        said = wording.said_of_pair(session.shown, found, session.rounding.unit)
        figure = figures.heat_map(found, looked_at, *said.words, palette())
        draw_titled(figure, "two at once", said, TAKEN, lambda place: _look_at(found, place))
    with choice:
        here = looked_at == found.scenario
        label = wording.TAKEN_ALREADY if here else wording.take_pair(found, found.place(looked_at))
        change = (_with_both, (first, second), looked_at)
        if lets_in := _lets_in_unknown(session, found):
            st.caption(wording.plain(lets_in))
        st.button(wording.plain(label), key="take pair", on_click=session.propose, args=change, disabled=here, type="primary", width="stretch")


def most_to_gain(curves: Sequence[Curve]) -> tuple[str, str]:
    """The names of the first curve and the next one that moves none of its criteria; the next one of all, where each shares one."""
    first, *others = curves
    apart = [each for each in others if not set(each.criteria) & set(first.criteria)]
    return first.name, (apart or others)[0].name


def _choice(session: Session, names: list[str], key: str, label: str) -> str:
    other = st.session_state[NAMES[1 - NAMES.index(key)]]
    offered = [name for name in names if name != other]
    chosen: str = st.selectbox(label, offered, key=key, format_func=lambda name: wording.of_number(number(session, name)), persist_state="session")
    return chosen


def _counted(session: Session, first: str, second: str) -> Grid:
    """A grid as it may be shown."""
    found = session.worked_out(("pair", first, second), lambda: grid(session.workbench, session.scenario, first, second))
    return rounded.grid(session.rounding, found)


def _values(found: Grid) -> tuple[float, float]:
    """The pair looked at: the scenario's, until another is pressed or chosen."""
    chosen = []
    for key, parameter, stops, value in zip(VALUES, found.parameters, found.stops, found.scenario, strict=True):
        if st.session_state.get(key) not in stops:
            st.session_state[key] = value
        chosen.append(st.select_slider(wording.label_of(parameter), stops, key=key, format_func=partial(wording.value_of, parameter), persist_state="session"))
    return chosen[0], chosen[1]


def _lets_in_unknown(session: Session, found: Grid) -> str:
    """Which of the two lets in, once lifted, whoever has no value, with the other as loose as it can be."""
    loose = {each.name: loosest(each) for each in found.parameters if each.loosens is not None}
    beside = {each.name: {name: value for name, value in loose.items() if name != each.name} for each in found.parameters}
    return let_in_without_limit(session, beside, wording.WITH_THE_OTHER)


def _look_at(found: Grid, place: Any) -> None:
    for key, stops, at in zip(VALUES, found.stops, place, strict=True):
        st.session_state[key] = stops[int(at)]


def _with_both(protocol: Protocol, scenario: Scenario, names: tuple[str, str], values: tuple[float, float]) -> Scenario:
    for name, value in zip(names, values, strict=True):
        scenario = with_value(protocol, scenario, name, value)
    return scenario
