"""What moves the number eligible: every change alone, the largest first."""

from __future__ import annotations

import math

import streamlit as st

from feasibility import wording
from feasibility.figures import tornado as figures
from feasibility.results import rounded
from feasibility.results import tornado as core
from feasibility.ui.change.chart import draw_titled, head
from feasibility.ui.change.lifted import let_in_without_limit
from feasibility.ui.change.thresholds import all_counted, exact, numbers
from feasibility.ui.frame import palette
from feasibility.ui.session import Session

TAKEN = 219  # pixels of the page beside the picture, with a headline of two lines
AT_FIRST = 6  # bars of a group
PRESSED = "bar pressed"


def tornado(session: Session) -> None:
    """Three groups about one line; the largest of each, or all that move anybody."""
    found = counted(session)
    moving = [bar for bar in found.bars if bar.moves_somebody]
    if not found.bars:
        st.info(wording.NOTHING_COUNTS)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="bars"):
        everything = st.toggle(wording.ALL_BARS, key="change all bars", width="content", persist_state="session")
        by_gain = st.toggle(wording.MOST_GAINED_FIRST, key="change most gained", width="content", persist_state="session")
        if by_gain:
            moving.sort(key=lambda bar: -bar.high.eligible)
        shown = [bar for group in core.Group for bar in [each for each in moving if each.group is group][: None if everything else AT_FIRST]]
        lifted: dict[str, dict[str, float]] = {bar.parameter: {} for bar in shown if bar.parameter is not None and any(_is_no_limit(end) for end in bar.ends)}
        left_out = wording.fewer_bars(found, shown, len(found.bars) - len(moving), session.rounding.unit, by_gain)
        st.caption(wording.plain(wording.sentences(left_out, let_in_without_limit(session, lifted))), width="stretch")
        pressed = next((bar for bar in shown if bar.key == st.session_state.get(PRESSED)), None)
        if pressed is not None:
            _take(session, pressed)
    said = wording.said_of_tornado(session.shown, session.rounding.unit, figures.scale(found, shown).reach is not None, found.nobody)
    if not shown:
        head(said)
        return
    picture = figures.bars(found, shown, session.protocol, *said.words, palette(), pressed)
    draw_titled(picture, "tornado", said, TAKEN, lambda place: st.session_state.update({PRESSED: found.bars[place].key}))


def _take(session: Session, bar: core.Bar) -> None:
    """The buttons that take what a bar changes into the scenario, one for each of its ends."""
    st.markdown(wording.plain(wording.what_of(bar, session.protocol)), width="content")
    for place, end in enumerate(bar.ends):
        st.button(
            wording.plain(wording.take_end(bar, end)),
            key=f"take end {place}",
            on_click=session.propose,
            args=(core.taken, bar, end),
            help=wording.plain(wording.taken_end(bar, end, session.protocol)),
            width="content",
        )


def _is_no_limit(end: core.End) -> bool:
    return isinstance(end.value, float) and math.isinf(end.value)


def counted(session: Session) -> core.Tornado:
    """The tornado as it may be shown."""
    curves = all_counted(session, numbers(session), exact)
    with st.spinner(wording.COUNTING_BARS, show_time=False):
        found = session.worked_out("tornado", lambda: core.tornado(session.workbench, session.scenario, curves))
    return rounded.tornado(session.rounding, found)
