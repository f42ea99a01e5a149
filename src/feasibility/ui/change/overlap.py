"""Overlap: what each criterion costs, which are failed together, which say much the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from feasibility import wording
from feasibility.figures import overlap as figures
from feasibility.results import overlap, rounded
from feasibility.results.overlap import Association
from feasibility.ui.change.chart import head, put
from feasibility.ui.frame import palette
from feasibility.ui.session import Session

MOST_SETS = 20
MOST_PAIRS, PAIRS_PIXELS = 8, 320  # lines that stand at once, and as many pixels


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
    first, second = st.columns(2, gap="medium")
    with first:
        _list("alone", wording.ALONE_HEAD, alone)
    with second:
        if without_gain:
            _list("without gain", wording.NO_GAIN_HEAD, without_gain)
    implied = [wording.implied_row(protocol, each, unit) for each in shown.implications]
    _pairs("implied", wording.IMPLIED_HEAD, wording.IMPLIED_ROW, implied, wording.no_implication())
    for kind, some in ((Association.TOGETHER, shown.together), (Association.APART, shown.apart)):
        rows = [wording.pair_row(protocol, each, unit) for each in some]
        _pairs(kind, wording.ASSOCIATED_HEADS[kind], wording.PAIR_ROW, rows, wording.none_associated(kind))


def _list(kind: str, headed: tuple[str, str], lines: Sequence[str]) -> None:
    with st.container(key=f"redundancy {kind}", gap=None):
        _heading(headed)
        st.markdown("\n".join(f"- {each}" for each in lines))


def _heading(headed: tuple[str, str]) -> None:
    named, explained = headed
    st.markdown(f"**{named}**", help=wording.plain(explained))


def _pairs(kind: str, headed: tuple[str, str], columns: Mapping[str, str], rows: Sequence[Sequence[str | int | float]], none: str) -> None:
    """Pairs of criteria, a line each; of hidden counts fewer ``columns``, for percentages would be of their rounding."""
    if not rows:
        _list(kind, headed, [none])
        return
    _heading(headed)
    named = list(columns)[: len(rows[0])]
    height: Literal["content"] | int = "content" if len(rows) <= MOST_PAIRS else PAIRS_PIXELS
    st.dataframe(
        pd.DataFrame(rows, columns=named),
        hide_index=True,
        height=height,
        key=f"redundancy {kind}",
        column_config={each: _column(each, columns[each], rows[0][place]) for place, each in enumerate(named)},
    )


def _column(named: str, explained: str, value: str | int | float) -> ColumnConfig:
    if isinstance(value, str):
        return st.column_config.TextColumn(named, help=explained)
    return st.column_config.NumberColumn(named, help=explained, format="localized")
