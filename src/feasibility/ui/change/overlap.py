"""Overlap: what each criterion costs, which are failed together, which say much the same."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from feasibility import wording
from feasibility.figures import overlap as figures
from feasibility.results import overlap, rounded
from feasibility.ui.change.chart import put
from feasibility.ui.frame import palette
from feasibility.ui.session import Session

MOST_SETS = 20
COLUMNS = (("alone",), ("implied",), ("together", "apart"))  # of the lists


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
    said = (wording.ATTRIBUTION_TITLE, wording.attribution_sentence(overview, losses, session.rounding.unit))
    put(figures.attribution(losses, overview.tally, session.protocol, palette(), said), "what each costs", said)
    _together(session, [each.id for each in losses])
    _redundancy(session)


def _together(session: Session, ids: Sequence[str]) -> None:
    exact = session.overview
    found = session.worked_out("failed together", lambda: overlap.failed_together(exact.patterns, exact.order, MOST_SETS))
    shown = rounded.failed_together(session.rounding, found, session.shown.tally)
    named = {each for one in shown.sets for each in one.criteria}
    rows = [each for each in ids if each in named]
    said = (wording.TOGETHER_TITLE, wording.together_sentence(session.shown, shown, len(ids) - len(rows)))
    put(figures.together(shown, rows, session.protocol, palette(), said), "failed together", (*said, *wording.further_sets(shown)))


def _redundancy(session: Session) -> None:
    exact, protocol, unit = session.overview, session.protocol, session.rounding.unit
    found = session.worked_out("redundancy", lambda: overlap.redundancy(exact.patterns, exact.losses))
    shown = rounded.redundancy(session.rounding, found)
    st.markdown(f"**{wording.REDUNDANCY_TITLE}**")
    st.caption(wording.plain(wording.redundancy_sentence(session.shown, shown)))
    alone = [wording.seldom_alone(protocol, each, unit) for each in shown.seldom_alone] or [wording.no_seldom_alone()]
    if shown.without_gain:
        alone.append(wording.without_gain(protocol, shown.without_gain))
    pairs = {
        kind: [wording.associated(protocol, each, kind, unit) for each in some] or [wording.none_associated(kind)]
        for kind, some in (("together", shown.together), ("apart", shown.apart))
    }
    lists = {"alone": alone, "implied": [wording.implication(protocol, each, unit) for each in shown.implications] or [wording.no_implication()], **pairs}
    for column, kinds in zip(st.columns(len(COLUMNS), gap="medium"), COLUMNS, strict=True):
        with column:
            for kind in kinds:
                head, explained = wording.REDUNDANCY_HEADS[kind]
                with st.container(key=f"redundancy {kind}"):
                    st.markdown(f"**{head}**  \n:gray[{explained}]")
                    st.markdown("\n".join(f"- {each}" for each in lists[kind]))
