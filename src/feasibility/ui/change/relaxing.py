"""Relaxing thresholds to a target: what may move, the least costly moves step by step, and what more patients would cost."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from feasibility import figures_of_target, wording
from feasibility.parameters import Direction, Number, accept, loosest, no_looser, typed
from feasibility.protocol import Protocol
from feasibility.results import relaxing, rounded
from feasibility.results.relaxing import Allowance, Move, Reached
from feasibility.results.requirements import Requirements, requirements
from feasibility.scenario import Refused, Scenario, value_of, with_value
from feasibility.ui.change.chart import put
from feasibility.ui.frame import palette
from feasibility.ui.session import Session

EDITOR_PIXELS = 320
WISHES, SHOWN = "relaxing wishes", "relaxing shown"
SHAPE = [0.5, 4.3, 0.8, 1.2, 0.7, 1.4]


@dataclass(frozen=True)
class Wish:
    """What the designer said of a parameter."""

    may: bool
    allowance: Allowance


def section(session: Session, target: int) -> None:
    """The answer first, then what may move; the answer follows from that."""
    with st.spinner(wording.ASKING_NEEDS):
        everything = session.worked_out("requirements", lambda: requirements(session.workbench, session.scenario))
    offered = _offered(session, everything)
    if not offered:
        st.info(wording.plain(wording.nothing_to_relax(session.protocol, everything)))
        return
    answer = st.container()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{wording.ALLOWED_TITLE}**", width="stretch")
        st.button(wording.LET_NONE_MOVE, key="none may move", on_click=_let_none_move, args=(offered,))
        st.button(wording.LET_MOVE_AS_USUAL, key="move as usual", on_click=_as_usual, help=wording.AS_USUAL_EXPLAINED)
    wishes = _wishes(session, offered)
    allowed = {name: wish.allowance for name, wish in wishes.items() if wish.may}
    needed, ticked = everything, tuple(allowed)
    if ticked != everything.names:
        with st.spinner(wording.ASKING_NEEDS):
            needed = session.worked_out(("requirements", ticked), lambda: requirements(session.workbench, session.scenario, ticked))
    if held := wording.held_parameters(session.protocol, needed):
        st.caption(wording.plain(held))
    with answer:
        _answer(session, needed, {name: allowed[name] for name in needed.names}, target)


@dataclass(frozen=True)
class Offered:
    """A parameter that may be relaxed: from ``now`` to its ``end``. ``usual``: unless two others are, with which it is judged together."""

    parameter: Number
    now: float
    end: float
    usual: bool


def _offered(session: Session, needed: Requirements) -> tuple[Offered, ...]:
    """Those that move something, and those that could in the place of another; in the order of the protocol."""
    found = {each.name: Offered(each, levels[0], levels[-1], True) for each, levels in zip(needed.parameters, needed.levels, strict=True)}
    for name in (held for held, others in needed.held.items() if others):
        parameter, now = session.protocol.parameters[name], value_of(session.protocol, session.scenario, name)
        assert isinstance(parameter, Number)
        assert isinstance(now, (int, float))
        found[name] = Offered(parameter, float(now), loosest(parameter), False)
    return tuple(found[name] for name in session.protocol.parameters if name in found)


def _answer(session: Session, needed: Requirements, allowed: Mapping[str, Allowance], target: int) -> None:
    if not allowed:
        st.info(wording.NOTHING_ALLOWED)
        return
    exact, which = rounded.least(session.rounding, target), tuple(sorted(allowed.items()))
    try:
        with st.spinner("Looking for the least costly moves …"):
            found = session.worked_out(("reach", exact, which), lambda: relaxing.reach(needed, exact, allowed))
    except Refused as refused:
        st.warning(wording.plain(refused))
        return
    shown = rounded.reached(session.rounding, found, target)
    st.markdown(wording.target_reached(shown))
    left, right = st.columns([7, 5], gap="medium")
    parameters = {each.name: each for each in needed.parameters}
    with left:
        _path(session, shown, parameters)
        st.caption(wording.plain(wording.relaxing_sentence(session.shown, len(allowed))))
    with right:
        with st.spinner("Weighing concessions against patients …"):
            points = session.worked_out(("front", which), lambda: relaxing.front(needed, allowed))
        said = (wording.FRONT_TITLE, wording.front_sentence(session.shown))
        points = rounded.front(session.rounding, points)
        put(figures_of_target.front(points, shown if shown.within_reach else None, target, parameters, palette(), said), "front", said)


def _path(session: Session, found: Reached, parameters: Mapping[str, Number]) -> None:
    """The moves as a table, each with the button that takes the values up to it."""
    if not found.moves:
        return
    with st.container(key="path", gap=None):
        for column, head in zip(st.columns(SHAPE, gap="small"), wording.STEP_HEADS, strict=True):
            column.markdown(f":gray[{head}]")
        for number, move in enumerate(found.moves, start=1):
            *cells, last = st.columns(SHAPE, gap="small", vertical_alignment="center")
            for column, text in zip(cells, wording.relaxing_step(parameters[move.parameter], move, number), strict=True):
                column.markdown(wording.plain(text))
            last.button(
                wording.TAKE,
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


def _wishes(session: Session, offered: Sequence[Offered]) -> dict[str, Wish]:
    """What may move, as edited. What differs from the usual is kept by parameter, so that it outlives a change of the scenario and a turn to another page.

    What is said of a limit that cannot be taken as it was typed stands above the table, and the table shows what holds.
    """
    kept: dict[str, Wish] = st.session_state.setdefault(WISHES, {})
    usual = {each.parameter.name: Wish(each.usual, Allowance(each.end)) for each in offered}
    about = session.protocol.text, tuple((each.parameter.name, each.now, each.end, each.usual) for each in offered)
    shown: Shown | None = st.session_state.get(SHOWN)
    if shown is None or shown.about != about or shown.key not in st.session_state:
        notes = shown.notes if shown is not None and shown.about is None else ()
        shown = Shown(about, table(offered, {**usual, **kept}), notes, 0 if shown is None else shown.revision + 1)
        st.session_state[SHOWN] = shown
    said = st.container()
    edited = st.data_editor(
        shown.table,
        hide_index=True,
        height=EDITOR_PIXELS,
        key=shown.key,
        disabled=["Parameter", "Now", "Its end", "Unit"],
        column_config={
            **{name: st.column_config.TextColumn(help=said, width=90) for name, said in wording.ALLOWED_EXPLAINED.items()},
            "May move": st.column_config.CheckboxColumn(help=wording.ALLOWED_EXPLAINED["May move"], width=80),
            "Parameter": st.column_config.TextColumn(width=330),
            "Hurts": st.column_config.NumberColumn(help=wording.ALLOWED_EXPLAINED["Hurts"], step=0.01, format="%.4g", width=90),
        },
    )
    wishes: dict[str, Wish] = {}
    untaken: list[str] = []
    rows = zip(offered, edited["May move"], edited["As far as"], shown.table["As far as"], edited["Hurts"], strict=True)
    for each, may, text, before, typed_hurts in rows:
        parameter, held = each.parameter, kept.get(each.parameter.name, usual[each.parameter.name]).allowance
        limit, hurts = held.limit, float(typed_hurts)
        if not hurts > 0:  # or nothing was typed
            untaken.append(wording.not_what_it_hurts(parameter, hurts, held.cost))
            hurts = held.cost
        if text != before:
            try:
                limit = limit_as_typed(parameter, each.now, str(text or ""))
            except ValueError as error:
                untaken.append(wording.not_a_limit(parameter, str(error)))
            else:
                untaken += wording.limit_taken_as(parameter, str(text), limit)
        wish = Wish(bool(may), Allowance(limit, hurts))
        kept.pop(parameter.name, None)
        if wish != usual[parameter.name]:
            kept[parameter.name] = wish
        wishes[parameter.name] = replace(wish, allowance=replace(wish.allowance, limit=_beyond(parameter, each.now, limit)))
    if untaken:
        _show_anew(tuple(untaken))
        st.rerun()
    if edited.equals(shown.table):
        for note in shown.notes:
            said.warning(wording.plain(note))
    return wishes


def _let_none_move(offered: Sequence[Offered]) -> None:
    """No parameter has a tick; how far each may go and what it hurts stays as it was said."""
    kept: dict[str, Wish] = st.session_state.setdefault(WISHES, {})
    for each in offered:
        wish = kept.pop(each.parameter.name, Wish(each.usual, Allowance(each.end)))
        if each.usual or wish.allowance != Allowance(each.end):
            kept[each.parameter.name] = replace(wish, may=False)
    _show_anew()


def _as_usual() -> None:
    st.session_state[WISHES] = {}
    _show_anew()


def _show_anew(notes: tuple[str, ...] = ()) -> None:
    st.session_state[SHOWN] = replace(st.session_state[SHOWN], about=None, notes=notes)


@dataclass(frozen=True, eq=False)
class Shown:
    """The table as it was made, and what was ``about``: None where it is to be made anew.

    ``notes``: what could not be taken as it was typed, said until something else is.
    """

    about: Hashable | None
    table: pd.DataFrame
    notes: tuple[str, ...]
    revision: int

    @property
    def key(self) -> str:
        return f"may move {self.revision}"


def table(offered: Sequence[Offered], wishes: Mapping[str, Wish]) -> pd.DataFrame:
    """Every parameter that can be relaxed, as wished."""
    rows = []
    for parameter, each in ((each.parameter, each) for each in offered):
        wish = wishes[parameter.name]
        limit = _beyond(parameter, each.now, wish.allowance.limit)
        now, far, end = (wording.value_of(parameter, value) for value in (each.now, limit, each.end))
        rows.append((wish.may, wording.parameter_name(parameter), now, far, end, parameter.unit, wish.allowance.cost))
    return pd.DataFrame(rows, columns=list(wording.ALLOWED_ROW))


def limit_as_typed(parameter: Number, now: float, text: str) -> float:
    """The limit as typed, on a step no looser than that. Raises ``ValueError`` with a sentence for what is out of range or stricter than it is ``now``."""
    limit = typed(text, parameter.unit)
    limit = -limit if math.isinf(limit) and parameter.loosens is Direction.DOWN else limit
    accept(parameter, limit)
    if _beyond(parameter, now, limit) != limit:
        raise ValueError(wording.stricter(parameter, limit, now))
    return _beyond(parameter, now, no_looser(parameter, limit))


def _beyond(parameter: Number, now: float, limit: float) -> float:
    """A limit that the scenario's value has passed is where it stands."""
    return min(limit, now) if parameter.loosens is Direction.DOWN else max(limit, now)
