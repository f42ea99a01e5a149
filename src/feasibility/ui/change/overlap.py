"""Overlap: what each criterion costs, which are failed together, which say much the same."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from feasibility import wording
from feasibility.figures import overlap as figures
from feasibility.results import overlap, rounded
from feasibility.results.overlap import Association
from feasibility.ui.change.chart import head, put
from feasibility.ui.frame import palette
from feasibility.ui.session import Session

MOST_SETS = 20


def section(session: Session) -> None:
    """The three answers, one beneath another."""
    overview = session.shown
    if not overview.order:
        st.info(wording.NO_CRITERION)
        return
    if not session.overview.tally.ineligible:
        st.info(wording.NOTHING_FAILED)
        return
    losses = sorted(overview.losses, key=lambda each: -each.share)
    said = wording.said_of_attribution(overview, losses, session.rounding.unit)
    put(figures.attribution(losses, overview.tally, session.protocol, palette(), said.words), "what each costs", said)
    _together(session, [each.id for each in losses])
    _redundancy(session)


def _together(session: Session, ids: Sequence[str]) -> None:
    exact = session.overview
    found = session.worked_out("failed together", lambda: overlap.failed_together(exact.patterns, exact.order, MOST_SETS))
    shown = rounded.failed_together(session.rounding, found, session.shown.tally)
    named = {each for one in shown.sets for each in one.criteria}
    rows = [each for each in ids if each in named]
    said = wording.said_of_together(session.shown, shown, len(ids) - len(rows))
    put(figures.together(shown, rows, session.protocol, palette(), said.words), "failed together", said, *wording.further_sets(shown))


def _redundancy(session: Session) -> None:
    exact, protocol, unit = session.overview, session.protocol, session.rounding.unit
    found = session.worked_out("redundancy", lambda: overlap.redundancy(exact.patterns, exact.losses))
    shown = rounded.redundancy(session.rounding, found)
    head(wording.said_of_redundancy(session.shown, shown))
    alone = [wording.seldom_alone(protocol, each, unit) for each in shown.seldom_alone] or [wording.no_seldom_alone()]
    costless = ((wording.without_gain, shown.without_gain), (wording.never_failed, shown.never_failed))
    without_gain = [said(protocol, ids) for said, ids in costless if ids]
    implied = [wording.implication(protocol, each, unit) for each in shown.implications] or [wording.no_implication()]
    first, second, third = st.columns(3, gap="medium")
    with first:
        _list("alone", wording.ALONE_HEAD, alone)
        if without_gain:
            _list("without gain", wording.NO_GAIN_HEAD, without_gain)
    with second:
        _list("implied", wording.IMPLIED_HEAD, implied)
    with third:
        for kind, some in ((Association.TOGETHER, shown.together), (Association.APART, shown.apart)):
            pairs = [wording.associated(protocol, each, kind, unit) for each in some] or [wording.none_associated(kind)]
            _list(kind, wording.ASSOCIATED_HEADS[kind], pairs)


def _list(kind: str, headed: tuple[str, str], lines: Sequence[str]) -> None:
    named, explained = headed
    with st.container(key=f"redundancy {kind}"):
        st.markdown(f"**{named}**", help=wording.plain(explained))
        st.markdown("\n".join(f"- {each}" for each in lines))
