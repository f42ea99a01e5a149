"""What surrounds every page: the set-up, the guard, the line that says what is loaded."""

from __future__ import annotations

import streamlit as st

from feasibility import wording
from feasibility.figures import DARK, LIGHT, Palette
from feasibility.ui.session import Session

STYLE = """
<style>
[data-testid="stMainBlockContainer"] { padding-left: 1.5rem; padding-right: 1.5rem; max-width: 2200px; }
[data-testid="stMetric"] [data-testid="stMetricValue"] { line-height: 1.15; }
.st-key-criteria { height: max(22rem, calc(100vh - 17.4rem)) !important; }
</style>
"""


def set_up() -> None:
    """Run by app.py before any page."""
    st.set_page_config(page_title="Protocol feasibility", page_icon="⚖", layout="wide", menu_items={})
    st.session_state["app"] = True
    st.html(STYLE)


def guard() -> None:
    """Run by every page first: a page opened directly on a cold server runs without app.py, and goes there."""
    if "app" not in st.session_state:
        st.switch_page("app.py")


def palette() -> Palette:
    return DARK if st.context.theme.type == "dark" else LIGHT


def said_of(session: Session) -> None:
    """What is loaded, and what was refused or could not be read of a link."""
    st.markdown(f"**{wording.plain(wording.title(session.protocol))}** &nbsp; :gray[{wording.plain(wording.cohort_line(session.cohort))}]")


def messages(session: Session) -> None:
    """A refused change and a link's problems: said once."""
    if session.refused:
        st.warning(wording.plain(session.refused))
        session.refused = ""
    for problem in session.link_problems:
        st.warning(wording.plain(problem))
    session.link_problems = ()
