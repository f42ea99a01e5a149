"""The frame of the page: what stands now, the ways back, and which question is asked."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from feasibility import wording
from feasibility.ui import saving, ways_back
from feasibility.ui.change import gaps, misses, overlap, stages, target, treat
from feasibility.ui.change.pairs import two_at_once
from feasibility.ui.change.thresholds import thresholds
from feasibility.ui.change.tornado import tornado
from feasibility.ui.session import Session
from feasibility.ui.workbench import chips

SECTIONS: dict[str, Callable[[Session], None]] = {
    "Thresholds": thresholds,
    "Two at once": two_at_once,
    "Tornado": tornado,
    "Overlap": overlap.section,
    "Reach a target": target.section,
    "Screening order": stages.section,
    "Missing data": gaps.section,
    "Treat and rescreen": treat.treat,
    "Near misses": misses.section,
}
"""The questions, in the order in which they stand."""


def head(session: Session) -> None:
    """Who is eligible now, under what changes; each with its way back."""
    overview = session.shown
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="toolbar"):
        stands = f"**{wording.plain(wording.eligible_line(overview))}** &ensp; :gray[{wording.plain(wording.cohort_line(session.cohort))}]"
        with st.container(key="stands"):
            st.markdown(f"{stands}{saving.state(session)}")
        ways_back.buttons(session)
        ways_back.keys()
    chips(session)


def section() -> Callable[[Session], None]:
    """The question asked; only that is reckoned."""
    first, *_ = SECTIONS
    chosen = st.segmented_control(
        "Ask", list(SECTIONS), default=first, key="change section", label_visibility="collapsed", required=True, persist_state="session"
    )
    return SECTIONS[chosen or first]
