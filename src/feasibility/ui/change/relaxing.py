"""Relaxing thresholds to a target: what may move, the least costly moves step by step, and what more patients would cost."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from feasibility import wording
from feasibility.figures import target as figures
from feasibility.parameters import Number, loosest
from feasibility.protocol import Protocol
from feasibility.results import relaxing, rounded
from feasibility.results.relaxing import AT_ONCE, Allowance, Least, Move, Point, Reached
from feasibility.results.requirements import Requirements, requirements
from feasibility.scenario import Refused, Scenario, value_of, with_value
from feasibility.ui.change.chart import head, put
from feasibility.ui.change.lifted import let_in_without_limit
from feasibility.ui.change.thresholds import number, numbers
from feasibility.ui.change.wishes import WISHES, Wish, may_move, what_may_move
from feasibility.ui.frame import palette
from feasibility.ui.session import Session

LEAST = "least of"
SHAPE = [0.55, 4.0, 0.8, 1.15, 0.75, 1.8]
PATH_PIXELS = 300  # whatever number of moves: what stands beneath stays where it is while the answer follows it


def section(session: Session, target: int) -> None:
    """The answer first, then what may move; the answer follows from that."""
    with st.spinner(wording.ASKING_NEEDS):
        everything = session.worked_out("requirements", lambda: requirements(session.workbench, session.scenario))
    offered = what_may_move(session, everything)
    at_end = wording.at_their_end({number(session, name): value for name, value in _at_their_end(session).items()})
    if not offered:
        st.info(wording.plain(wording.sentences(wording.nothing_to_relax(session.protocol, everything), at_end)))
        return
    answer = st.container()
    wishes = may_move(session, offered)
    allowed = {name: wish.allowance for name, wish in wishes.items() if wish.may}
    needed, ticked = everything, tuple(allowed)
    if ticked != everything.names:
        with st.spinner(wording.ASKING_NEEDS):
            needed = session.worked_out(("requirements", ticked), lambda: requirements(session.workbench, session.scenario, ticked))
    if held := wording.sentences(wording.held_parameters(session.protocol, needed), at_end):
        st.caption(wording.plain(held))
    with answer:
        _answer(session, needed, {name: allowed[name] for name in needed.names}, target)


def _at_their_end(session: Session) -> dict[str, float]:
    """The values of those that can be relaxed no further."""
    now = {name: value_of(session.protocol, session.scenario, name) for name in numbers(session) if number(session, name).loosens is not None}
    return {name: float(value) for name, value in now.items() if isinstance(value, (int, float)) and value == loosest(number(session, name))}


def _answer(session: Session, needed: Requirements, allowed: Mapping[str, Allowance], target: int) -> None:
    if not allowed:
        st.info(wording.NOTHING_ALLOWED)
        return
    exact = rounded.least(session.rounding, target)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        sentence = st.container(width="stretch")
        chosen = st.segmented_control(
            "Of all ways to the target", list(Least), default=Least.CONCESSION, format_func=wording.LEAST.__getitem__, key=LEAST, required=True,
            label_visibility="collapsed", help=wording.LEAST_EXPLAINED, persist_state="session",
        )  # fmt: skip
    least = Least(chosen or Least.CONCESSION)
    try:
        with st.spinner("Looking for the least costly moves …"):
            points, found, look_further = _found(session, needed, allowed, exact, least)
    except Refused as refused:
        st.warning(wording.plain(refused))
        return
    shown = rounded.reached(session.rounding, found, target)
    sentence.markdown(wording.target_reached(shown, session.rounding.unit, look_further is not None))
    left, right = st.columns([7, 5], gap="medium")
    parameters = {each.name: each for each in needed.parameters}
    with left:
        if shown.moves:
            head(wording.said_of_path(session.shown, len(allowed)))
            _path(session, shown, parameters)
        later = wording.order_of_steps(found, session.rounding.unit)
        values = {move.parameter: move.to for move in found.moves}
        unknown = let_in_without_limit(session, {name: values for name, value in values.items() if math.isinf(value)})
        st.caption(wording.plain(wording.sentences(wording.conceded_already(_conceded(session)), later, unknown)))
    with right:
        drawn = relaxing.with_answer(rounded.front(session.rounding, points), shown)
        said = wording.said_of_front(drawn)
        if len(drawn) > 1:  # else no moves bring anybody
            put(figures.front(drawn, shown if shown.within_reach else None, target, parameters, palette(), said.words), "front", said)
    if look_further is not None:
        look_further()
        st.rerun()


def _found(
    session: Session, needed: Requirements, allowed: Mapping[str, Allowance], target: int, least: Least
) -> tuple[tuple[Point, ...], Reached, Callable[[], Reached] | None]:
    """The front, the best way to a target found so far, and how to look further: None where that has been done, or would find nothing else."""
    which = tuple(sorted(allowed.items()))
    points = session.worked_out(("front", which), lambda: relaxing.front(needed, allowed))
    search, what = partial(relaxing.reach, needed, target, allowed, least), (target, which, least)
    at_once = session.worked_out(("reach at once", *what), lambda: search(effort=AT_ONCE, known=points))
    if at_once.ended or not at_once.within_reach:
        return points, at_once, None
    further = partial(session.worked_out, ("reach", *what), partial(search, known=relaxing.with_answer(points, at_once)))
    return (points, further(), None) if session.is_worked_out(("reach", *what)) else (points, at_once, further)


def _conceded(session: Session) -> float:
    """What the scenario concedes, each parameter at what it is said to hurt."""
    kept: dict[str, Wish] = st.session_state.get(WISHES, {})
    hurts = {name: kept[name].allowance.cost if name in kept else 1.0 for name in numbers(session)}
    values = {name: value_of(session.protocol, session.scenario, name) for name in numbers(session) if number(session, name).loosens is not None}
    return sum(relaxing.conceded(number(session, name), float(now), hurts[name]) for name, now in values.items() if isinstance(now, (int, float)))


def _path(session: Session, found: Reached, parameters: Mapping[str, Number]) -> None:
    """The moves as a table, each with the button that takes the values up to it."""
    with st.container(key="path", gap=None, height=PATH_PIXELS, border=False):
        for column, head in zip(st.columns(SHAPE, gap="small"), wording.STEP_HEADS, strict=True):
            column.markdown(f":gray[{head}]")
        for number, move in enumerate(found.moves, start=1):
            *cells, last = st.columns(SHAPE, gap="small", vertical_alignment="center")
            for column, text in zip(cells, wording.relaxing_step(parameters[move.parameter], move, number), strict=True):
                column.markdown(wording.plain(text))
            last.button(
                wording.take_up_to(number),
                key=f"take step {number}",
                on_click=session.propose,
                args=(_with_values, found.moves[:number]),
                help=wording.plain(wording.take_steps(parameters, found.moves[:number])),
                width="stretch",
            )


def _with_values(protocol: Protocol, scenario: Scenario, moves: Sequence[Move]) -> Scenario:
    """The scenario with the values of some moves: one change, one step back."""
    for move in moves:
        scenario = with_value(protocol, scenario, move.parameter, move.to)
    return scenario
