"""What each threshold would change: all of them small on one screen, one of them large, with its noise."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from feasibility import wording
from feasibility.figures import thresholds as figures
from feasibility.parameters import Number
from feasibility.results import rounded
from feasibility.results.curves import Curve, curve, movable
from feasibility.results.noise import noise, noisy
from feasibility.scenario import with_value
from feasibility.ui.change.chart import draw, draw_titled, head
from feasibility.ui.frame import palette
from feasibility.ui.session import MOST_AT_ONCE, Session, propose

CHOSEN, STOP, STOOD = "change threshold", "change stop", "change stood at"
FEW_ROUNDED = 3  # units to which counts are rounded: of fewer eligible a rounded part says nothing
ALL_TAKEN, ONE_TAKEN = 206, 348  # pixels of the page beside the pictures; of all of them without what is said above and beneath
LINE_PIXELS, ABOVE_CHARACTERS, WHOLE_CHARACTERS = 21, 155, 195  # of what is said: a line beside the choice, and one as wide as the page of 1280 pixels


def thresholds(session: Session) -> None:
    """All thresholds, or the one chosen."""
    names = numbers(session)
    if not names:
        st.info(wording.NO_NUMBER_COUNTS if session.overview.order else wording.NOTHING_COUNTS)
        return
    if st.session_state.get(CHOSEN) not in names:
        st.session_state[CHOSEN] = None
    of = {name: wording.of_number(number(session, name)) for name in names}
    chosen: str | None = st.session_state[CHOSEN]
    words, choice = st.columns([7, 2] if chosen is None else [1, 6], vertical_alignment="center")
    with words:
        if chosen is None:
            head(wording.said_of_curves(session.shown, session.rounding.unit))
        else:
            st.button(wording.BACK_TO_ALL, key="change all", on_click=_choose, args=(None,), width="stretch")
    with choice:
        st.selectbox(
            "Threshold", list(names), key=CHOSEN, format_func=of.__getitem__, placeholder=wording.CHOOSE_LARGE, label_visibility="collapsed",
            persist_state="session",
        )  # fmt: skip
    if chosen is None:
        _all(session, names)
    else:
        _large(session, chosen)


def numbers(session: Session) -> dict[str, tuple[str, ...]]:
    """The numbers that move a criterion that counts, and which; those that move several last, as they take longest."""
    found = movable(session.workbench, session.workbench.counted(session.scenario))
    return dict(sorted(found.items(), key=lambda each: len(each[1]) > 1))


def exact(session: Session, name: str) -> Curve:
    return session.worked_out(("curve", name), lambda: curve(session.workbench, session.scenario, name))


def counted(session: Session, name: str) -> Curve:
    """A curve as it may be shown."""
    return rounded.curve(session.rounding, exact(session, name))


def all_counted(session: Session, names: Iterable[str], one: Callable[[Session, str], Curve] = counted) -> tuple[Curve, ...]:
    """The curves of some numbers, the most to gain first; one after the other, so that whoever turns away meanwhile is not kept."""
    place, found, names = st.empty(), [], list(names)
    slow = session.cohort.patients > MOST_AT_ONCE and not all(session.is_worked_out(("curve", name)) for name in names)
    for at, name in enumerate(names):
        if slow:
            place.progress(at / len(names), wording.plain(wording.counting(wording.of_number(number(session, name)), at, len(names))))
        found.append(one(session, name))
    place.empty()
    return tuple(sorted(found, key=lambda each: -each.most_to_gain))


def _all(session: Session, names: dict[str, tuple[str, ...]]) -> None:
    """All tiles; of many patients first those that are soon counted, then with those that several criteria share."""
    place = st.empty()
    soon = [name for name, criteria in names.items() if len(criteria) == 1]
    if session.cohort.patients > MOST_AT_ONCE and not all(session.is_worked_out(("curve", name)) for name in names):
        found = all_counted(session, soon)
        with place.container():
            _tiles(session, found, "thresholds so far")
            all_counted(session, [name for name in names if name not in soon])
    found = all_counted(session, names)
    with place.container():
        _tiles(session, found, "thresholds")


def _tiles(session: Session, curves: Sequence[Curve], key: str) -> None:
    moving = [each for each in curves if not _level(each.eligible)]
    nobody = not moving and not any(each.eligible.any() for each in curves)
    if nobody:
        moving = sorted((each for each in curves if not _level(each.possible)), key=lambda each: -each.most_possible_to_gain)
    names, fewest = [each.name for each in curves], max(1, FEW_ROUNDED * session.rounding.unit)
    with_noise = session.worked_out(("noisy", fewest, *names), lambda: noisy(session.workbench, session.scenario, names, fewest))
    marked = wording.noisy_thresholds([number(session, name) for name in with_noise])
    level = wording.level([each for each in curves if each not in moving], session.rounding.unit)
    if nobody and moving:
        st.caption(wording.NOBODY_AT_ANY_VALUE)
    if moving:
        of_all = wording.said_of_curves(session.shown, session.rounding.unit)
        whole_lines = (level, wording.NOBODY_AT_ANY_VALUE if nobody else "")
        beside = _lines(of_all.sentence, ABOVE_CHARACTERS) + sum(_lines(each, WHOLE_CHARACTERS) for each in whole_lines)
        said = wording.sentences(of_all.whole, marked)
        draw(figures.multiples(moving, palette(), with_noise), key, said, ALL_TAKEN + LINE_PIXELS * beside, _choose)
    if level:
        st.caption(wording.plain(level))


def _lines(said: str, characters: int) -> int:
    return len(textwrap.wrap(said, characters))


def _level(counts: NDArray[np.int64]) -> bool:
    return len(np.unique(counts)) == 1


def number(session: Session, name: str) -> Number:
    found = session.protocol.parameters[name]
    assert isinstance(found, Number)
    return found


def _choose(name: str | None) -> None:
    st.session_state[CHOSEN] = name


def _large(session: Session, name: str) -> None:
    with st.spinner(wording.counting(wording.of_number(number(session, name)), 0, 1), show_time=False):
        found = counted(session, name)
    # What was looked at stays while all else changes; where this number itself has moved, or it is another, its new value is looked at.
    stands = name, found.scenario
    if st.session_state.get(STOOD) != stands or st.session_state.get(STOP) not in found.stops:
        st.session_state[STOOD], st.session_state[STOP] = stands, found.scenario
    looked_at = st.session_state[STOP]
    said = wording.said_of_curve(session.shown, found, session.rounding.unit)
    figure = figures.large(found, looked_at, *said.words, palette())
    draw_titled(figure, "threshold", said, ONE_TAKEN, lambda place: _look_at(found.stops[int(place)]))
    slider, button = st.columns([3, 2], gap="medium", vertical_alignment="bottom")
    with slider:
        st.select_slider(
            wording.STOP_SHOWN, found.stops, key=STOP, format_func=lambda value: wording.value_of(found.parameter, value), label_visibility="collapsed",
            persist_state="session",
        )  # fmt: skip
    with button:
        place = found.place(looked_at)
        here = looked_at == found.scenario
        label = wording.ARE_HERE_ALREADY if here else wording.take_stop(found, place)
        st.button(wording.plain(label), key="take stop", on_click=propose, args=(with_value, name, looked_at), disabled=here, type="primary", width="stretch")
    _noise(session, name)


def _noise(session: Session, name: str) -> None:
    """How sure the eligible about this threshold are, where the catalogue knows how its quantity varies in a person."""
    found = session.worked_out(("noise", name), lambda: noise(session.workbench, session.scenario, name))
    if found is None:
        return
    if found.beyond < FEW_ROUNDED * session.rounding.unit or not found.beyond:
        st.caption(wording.NOISE_OF_TOO_FEW if session.rounding.unit else wording.NOISE_OF_NOBODY)
        return
    shown = rounded.noise(session.rounding, found)
    number, words = st.columns([1, 5], vertical_alignment="center")
    with number:
        st.metric("near the threshold", wording.noise_number(shown), help=wording.NOISE_EXPLAINED)
    with words:
        st.markdown(wording.plain(wording.noise(shown, session.quality.catalogue)))


def _look_at(stop: float) -> None:
    st.session_state[STOP] = stop
