"""Whom treating would bring back: the ineligible who fail nothing but what can be treated."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from feasibility import wording
from feasibility.figures import treatment as figures
from feasibility.results import rounded
from feasibility.results.treatable import treatable
from feasibility.ui.change.chart import head, put
from feasibility.ui.frame import palette
from feasibility.ui.session import Session


def treat(session: Session) -> None:
    """The ineligible apart: those who fail what is not called treatable, and those who could be treated and screened again, by what they fail."""
    overview = session.overview
    exact = session.worked_out("treatable", lambda: treatable(overview.patterns, overview.order, session.protocol))
    found = rounded.treatable(session.rounding, exact, session.shown.tally)
    said = wording.said_of_treat(found)
    if not found.treatable:
        head(said)
        return
    put(figures.treated(found, palette(), said.words), "treated", said)
    st.dataframe(
        pd.DataFrame([wording.set_row(each, session.protocol) for each in found.sets], columns=list(wording.SET_ROW)),
        hide_index=True,
        key="treatable sets",
        column_config={
            wording.SET_ROW[0]: st.column_config.TextColumn(width="large"),
            **{name: st.column_config.NumberColumn(format="localized") for name in wording.SET_ROW[1:]},
        },
    )
