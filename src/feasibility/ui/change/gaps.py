"""What is missing, and whom measuring it would settle."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from feasibility import wording
from feasibility.figures import gaps as figures
from feasibility.results import rounded
from feasibility.results.gaps import gaps
from feasibility.results.taken_as_absent import taken_as_absent
from feasibility.ui.change.chart import put
from feasibility.ui.frame import palette
from feasibility.ui.session import Session
from feasibility.variables import builtin_catalogue

MOST_BARS = 14


def section(session: Session) -> None:
    """Each gap by what it could add, and how the range of eligible would narrow if it were filled."""
    with st.spinner("Looking at what is missing"):
        exact = session.worked_out("gaps", lambda: gaps(session.workbench.screener, session.overview))
        absent = session.worked_out("absent", lambda: taken_as_absent(session.workbench.screener, session.overview))
    found, taken = rounded.gaps(session.rounding, exact, session.shown.tally), rounded.taken_as_absent(session.rounding, absent, session.shown.tally)
    hanging = wording.taken_as_absent(taken, builtin_catalogue())
    if not found.gaps:
        st.markdown(wording.plain(wording.sentences(wording.NO_GAPS, hanging)))
        return
    head = wording.said_of_gaps(found)
    adding = [each for each in found.gaps if each.gained.high]
    if session.rounding.unit or not adding:  # what is shown as nobody may be a few
        adding = list(found.gaps)
    put(figures.could_add(adding[:MOST_BARS], builtin_catalogue(), palette(), head.words), "gaps", head)
    if not session.rounding.unit and (said := wording.gaps_not_drawn(len(adding[MOST_BARS:]), len(found.gaps) - len(adding))):
        st.caption(said)
    st.dataframe(
        pd.DataFrame([wording.gap_line(found, each, builtin_catalogue()) for each in found.gaps], columns=list(wording.GAP_LINE)),
        hide_index=True,
        key="gaps table",
        column_config={
            **{name: st.column_config.TextColumn(help=said) for name, said in wording.MEASURING_EXPLAINED.items()},
            wording.GAP_LINE[0]: st.column_config.TextColumn(width=260, help=wording.MEASURING_EXPLAINED[wording.GAP_LINE[0]]),
            **{name: st.column_config.NumberColumn(format="localized", help=wording.MEASURING_EXPLAINED[name]) for name in wording.GAP_LINE[1:6]},
        },
    )
    if said := wording.sentences(wording.same_patients(found, builtin_catalogue()), hanging):
        st.caption(wording.plain(said))
