"""What may be relaxed, as the designer says: which parameters may move, how far, and what it hurts."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from feasibility import wording
from feasibility.parameters import Direction, Number, accept, loosest, no_looser, typed
from feasibility.results.relaxing import Allowance, of_one_step
from feasibility.results.requirements import Requirements
from feasibility.scenario import value_of
from feasibility.ui.change.chart import head
from feasibility.ui.session import Session

MOST_EDITOR_PIXELS, EDITOR_ROW = 700, 31
WISHES, SHOWN = "relaxing wishes", "relaxing shown"
MAY, FAR, HURTS, STEP = wording.ALLOWED_ROW[0], wording.ALLOWED_ROW[3], *wording.ALLOWED_ROW[6:]


@dataclass(frozen=True)
class Wish:
    """What the designer said of a parameter."""

    may: bool
    allowance: Allowance


@dataclass(frozen=True)
class Offered:
    """A parameter that may be relaxed: from ``now`` to its ``end``. ``usual``: whether it has a tick unless told otherwise."""

    parameter: Number
    now: float
    end: float
    usual: bool

    @property
    def wish(self) -> Wish:
        """What holds of it unless something was said."""
        return Wish(self.usual, Allowance(self.end))


def what_may_move(session: Session, needed: Requirements) -> tuple[Offered, ...]:
    """Those that move something, and those that could in the place of another; in the order of the protocol."""
    found = {each.name: Offered(each, levels[0], levels[-1], True) for each, levels in zip(needed.parameters, needed.levels, strict=True)}
    for name in (held for held, others in needed.held.items() if others):
        parameter, now = session.protocol.parameters[name], value_of(session.protocol, session.scenario, name)
        assert isinstance(parameter, Number)
        assert isinstance(now, (int, float))
        found[name] = Offered(parameter, float(now), loosest(parameter), False)
    return tuple(found[name] for name in session.protocol.parameters if name in found)


def may_move(session: Session, offered: Sequence[Offered]) -> dict[str, Wish]:
    """What may move, as the designer says, and where it is said."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        head(wording.ALLOWED_SAID)
        st.button(wording.LET_NONE_MOVE, key="none may move", on_click=_let_none_move, args=(offered,))
        st.button(wording.LET_MOVE_AS_USUAL, key="move as usual", on_click=_as_usual, help=wording.AS_USUAL_EXPLAINED)
    return _wishes(session, offered)


def _wishes(session: Session, offered: Sequence[Offered]) -> dict[str, Wish]:
    """What may move, as edited. What differs from the usual is kept by parameter, so that it outlives a change of the scenario and a turn to another page.

    What is said of something that cannot be taken as it was typed stands above the table, and the table shows what holds.
    """
    kept: dict[str, Wish] = st.session_state.setdefault(WISHES, {})
    wishes = {each.parameter.name: kept.get(each.parameter.name, each.wish) for each in offered}
    about = session.protocol.text, tuple((each.parameter.name, each.now, each.end, each.usual) for each in offered)
    shown: Shown | None = st.session_state.get(SHOWN)
    if shown is None or shown.about != about or shown.key not in st.session_state:
        notes = shown.notes if shown is not None and shown.about is None else ()
        shown = Shown(about, table(offered, wishes), notes, 0 if shown is None else shown.revision + 1)
        st.session_state[SHOWN] = shown
    for note in shown.notes:
        st.warning(wording.plain(note))
    st.data_editor(
        shown.table,
        hide_index=True,
        height=min(EDITOR_ROW * (len(shown.table) + 1) + 4, MOST_EDITOR_PIXELS),
        key=shown.key,
        on_change=_edited,
        args=(offered, shown.key),
        disabled=["Parameter", "Now", "Its end", "Unit", STEP],
        column_config={
            **{name: st.column_config.TextColumn(help=said, width=90) for name, said in wording.ALLOWED_EXPLAINED.items()},
            MAY: st.column_config.CheckboxColumn(help=wording.ALLOWED_EXPLAINED[MAY], width=80),
            "Parameter": st.column_config.TextColumn(width=330),
            STEP: st.column_config.TextColumn(help=wording.ALLOWED_EXPLAINED[STEP], width=130),
            HURTS: st.column_config.NumberColumn(help=wording.ALLOWED_EXPLAINED[HURTS], step=0.01, format="%.4g", width=90),
        },
    )
    limits = {each.parameter.name: _beyond(each.parameter, each.now, wishes[each.parameter.name].allowance.limit) for each in offered}
    return {name: replace(wish, allowance=replace(wish.allowance, limit=limits[name])) for name, wish in wishes.items()}


def _edited(offered: Sequence[Offered], key: str) -> None:
    take_edited(offered, st.session_state[key]["edited_rows"])


def take_edited(offered: Sequence[Offered], edited: Mapping[int, Mapping[str, Any]]) -> None:
    """Takes in what was typed; where something could not be taken so, the table is shown anew, with what holds."""
    notes = take_typed(st.session_state[WISHES], offered, edited)
    st.session_state[SHOWN] = replace(st.session_state[SHOWN], notes=())
    if notes:
        _show_anew(tuple(notes))


def take_typed(kept: dict[str, Wish], offered: Sequence[Offered], edited: Mapping[int, Mapping[str, Any]]) -> list[str]:
    """Takes in what was typed, by row, among what is ``kept``; what could not be taken so, in words."""
    notes: list[str] = []
    for row, changed in edited.items():
        each = offered[row]
        parameter, wish = each.parameter, kept.get(each.parameter.name, each.wish)
        limit, hurts = wish.allowance.limit, wish.allowance.cost
        if FAR in changed:
            try:
                limit = limit_as_typed(parameter, each.now, str(changed[FAR] or ""))
            except ValueError as error:
                notes.append(wording.not_a_limit(parameter, str(error)))
            else:
                notes += wording.limit_taken_as(parameter, str(changed[FAR]), limit)
        if HURTS in changed:
            if changed[HURTS] is not None and changed[HURTS] > 0:
                hurts = float(changed[HURTS])
            else:
                notes.append(wording.not_what_it_hurts(parameter, changed[HURTS], hurts))
        kept.pop(parameter.name, None)
        if (now := Wish(bool(changed.get(MAY, wish.may)), Allowance(limit, hurts))) != each.wish:
            kept[parameter.name] = now
    return notes


def _let_none_move(offered: Sequence[Offered]) -> None:
    """No parameter has a tick; how far each may go and what it hurts stays as it was said."""
    kept: dict[str, Wish] = st.session_state.setdefault(WISHES, {})
    for each in offered:
        wish = replace(kept.pop(each.parameter.name, each.wish), may=False)
        if wish != each.wish:
            kept[each.parameter.name] = wish
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
        step = wording.step_hurts(parameter, of_one_step(parameter, each.now, wish.allowance.cost))
        rows.append((wish.may, wording.of_number(parameter), now, far, end, parameter.unit, wish.allowance.cost, step))
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
