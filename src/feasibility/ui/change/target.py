"""Reach a target: which criteria to drop, or how far to relax thresholds, for so many eligible."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from feasibility import wording
from feasibility.figures import target as figures
from feasibility.protocol import Protocol
from feasibility.results import dropping, rounded
from feasibility.results.dropping import Aim, Dropping, reaching
from feasibility.results.target import usual_target
from feasibility.results.tornado import readings
from feasibility.scenario import Scenario, with_criterion_off
from feasibility.ui.change import relaxing
from feasibility.ui.change.chart import put
from feasibility.ui.frame import palette
from feasibility.ui.session import Session

FEWEST_ROWS, ROWS_BEYOND = 8, 3  # of the best sets shown unasked: at least so many, and so many beyond the one that reaches the target
TARGET, WISHED, HOW, AIM, ALL, OTHER = "target", "target wished for", "how to reach", "target counts", "all sets", "other set"
DROP, RELAX = "Drop criteria", "Relax thresholds"


def section(session: Session) -> None:
    """The target, then one of the two ways to it."""
    if not session.cohort.patients:
        st.info(wording.NOBODY_LOADED)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="target line"):
        st.markdown("**Target**", width="content")
        target = _target(session)
        beside = wording.target_beside(session.shown, session.protocol.target_enrolment, session.overview.enrolling, session.rounding.unit)
        st.caption(beside, help=wording.enrolling_explained(session.shown) if session.protocol.target_enrolment else None, width="stretch")
        how = st.segmented_control("How", [DROP, RELAX], default=DROP, key=HOW, required=True, label_visibility="collapsed", persist_state="session")
    if how == RELAX:
        _readings(session, target)
        relaxing.section(session, target)
    else:
        _drop(session, target)


def _readings(session: Session, target: int) -> None:
    """Whether another reading alone reaches the target, where it is not reached as it stands."""
    if target <= session.shown.tally.eligible:
        return
    found = rounded.tornado(session.rounding, session.worked_out("readings", lambda: readings(session.workbench, session.scenario)))
    if said := wording.read_another_way(session.protocol, found, target):
        st.caption(wording.plain(said))


def _target(session: Session) -> int:
    """The target wished for, or the usual one; it stays while the scenario changes."""
    cohort, protocol = session.cohort, session.protocol
    whose = cohort.digest, protocol.text
    if st.session_state.get(WISHED, (None, 0))[0] != whose:
        usual = usual_target(protocol.target_enrolment, session.overview.enrolling, session.shown.tally.eligible, cohort.patients)
        st.session_state[WISHED] = whose, min(session.rounding.count(usual), cohort.patients)
    wished: int = st.session_state[WISHED][1]
    st.session_state[TARGET] = wished
    st.number_input(
        "Target: eligible patients",
        min_value=1,
        step=session.rounding.unit or 1,
        key=TARGET,
        width=130,
        label_visibility="collapsed",
        on_change=lambda: st.session_state.update({WISHED: (whose, st.session_state[TARGET])}),
    )
    return wished


def _drop(session: Session, target: int) -> None:
    exact = session.overview
    with st.spinner("Trying all sets of criteria …"):
        found = session.worked_out("dropping", lambda: dropping.dropping(exact.patterns, exact.order))
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        sentence, others = st.container(width="stretch"), st.container(width="content")
        aim = st.segmented_control(
            "Counts towards it", list(Aim), default=Aim.ELIGIBLE, format_func=wording.AIMS.__getitem__, key=AIM, required=True,
            label_visibility="collapsed", help=wording.AIM_EXPLAINED, persist_state="session",
        )  # fmt: skip
    shown = rounded.dropping(session.rounding, found[Aim(aim or Aim.ELIGIBLE)])
    if len(shown.sets) == 1:
        st.info(wording.NOTHING_STOPS)
        return
    if shown.aim is Aim.ELIGIBLE:
        _readings(session, target)
    fewest = shown.fewest_to_reach(target)
    sentence.markdown(wording.fewest(session.protocol, fewest, shown, target))
    if fewest and fewest.best.dropped and shown.all_counted and not session.small_hidden:
        with others:
            _others(session, shown.aim, len(fewest.best.dropped), target)
    rows = max(FEWEST_ROWS, len(fewest.best.dropped) + ROWS_BEYOND if fewest else len(shown.sets)) + 1
    if rows < len(shown.sets) and st.session_state.get(ALL):
        rows = len(shown.sets)
    _sets(session, shown, rows, target)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.caption(wording.not_nested(shown), width="stretch")
        st.toggle(f"All {len(shown.sets) - 1}", key=ALL, persist_state="session")


def _others(session: Session, aim: Aim, number: int, target: int) -> None:
    """All sets of as many criteria that reach the target: which of them hurts least the data cannot say."""
    popover = st.popover(wording.all_sets(number), key="other sets", on_change="rerun")
    if not popover.open:
        return
    exact = session.overview
    found = session.worked_out(("reaching", aim, number, target), lambda: reaching(exact.patterns, exact.order, aim, number, target))
    options = {wording.plain(wording.dropped_option(session.protocol, each)): each for each in found.sets}
    with popover:
        st.caption(wording.reaching_sets(found, aim, target))
        if found.total == 1:
            return
        chosen = st.selectbox("Set", list(options), index=None, key=OTHER, placeholder=wording.CHOOSE_SET, label_visibility="collapsed", width=460)
        taken = options[chosen].dropped if chosen in options else ()
        st.button(wording.TAKE, key="drop other", on_click=session.propose, args=(_with_off, taken), disabled=not taken)


def _sets(session: Session, shown: Dropping, rows: int, target: int) -> None:
    """The picture, and beside each row the button that takes its set."""
    said = wording.said_of_dropping(session.shown, shown)
    with st.container(key="sets"):
        left, right = st.columns([12, 1], gap="small")
    with left:
        put(figures.dropping(shown, rows, target, session.protocol, palette(), said.words), "best sets", said)
    with right, st.container(key="takes", gap=None):
        above = figures.top(said.words, palette()) + figures.ROW_PIXELS
        st.html(f"<div class='above-takes' style='height: {above}px'>{wording.TAKEN_INTO}</div>")
        for best in shown.sets[1:rows]:
            st.button(
                wording.TAKE,
                key=f"drop {len(best.dropped)}",
                on_click=session.propose,
                args=(_with_off, best.dropped),
                help=wording.plain(wording.dropped_set(session.protocol, best)),
                width="stretch",
            )


def _with_off(protocol: Protocol, scenario: Scenario, criteria: Sequence[str]) -> Scenario:
    """The scenario with several criteria off: one change, one step back."""
    for each in criteria:
        scenario = with_criterion_off(protocol, scenario, each)
    return scenario
