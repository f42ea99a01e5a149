"""What of the screen may be saved: of patients from a file nothing with small counts in it, unless that is asked for.

Pictures are saved by their own menus as they are shown. So these menus are not there until small counts are hidden on the screen, or the designer has said
that exact ones may be saved; on the screen itself nothing is kept from who may see the data. No table has a menu that saves it (``client.disableDataExport``).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from feasibility import wording
from feasibility.results.disclosure import SMALL
from feasibility.ui.session import Session, current

SAVED_PIXELS = 1200  # across: a picture is saved alike from any window


def menu_of_picture(name: str, tall: int) -> dict[str, Any]:
    """The menu of a picture, for Plotly: it only saves it, under this name."""
    if not current().may_save:
        return {"displayModeBar": False}
    saved = {"filename": name, "scale": 2, "width": SAVED_PIXELS, "height": tall}
    return {"displaylogo": False, "modeBarButtons": [["toImage"]], "toImageButtonOptions": saved}


def state(session: Session) -> str:
    """Beside who is counted: whether small counts are hidden, or what that means for saving; nothing of exact counts of nobody."""
    said = wording.as_shown(session.rounding.unit, may_save=session.may_save)
    return f" &ensp; :gray[{said}]" if said else ""


def switches(session: Session) -> None:
    """Whether small counts are hidden, and whether exact ones may be saved."""
    st.session_state["small hidden"] = session.small_hidden
    st.toggle("Hide small counts in the results", key="small hidden", on_change=_hide, help=wording.rounded_to(SMALL))
    if not session.cohort.synthetic:
        exact_counts(session)


def exact_counts(session: Session) -> None:
    """Whether exact counts of patients from a file may be saved, and lists of single ones."""
    st.session_state["exact saved"] = session.exact_saved
    st.toggle(wording.SAVE_EXACT, key="exact saved", on_change=_save, disabled=session.small_hidden, help=wording.SAVING_EXPLAINED)


def _hide() -> None:
    current().small_hidden = st.session_state["small hidden"]


def _save() -> None:
    current().exact_saved = st.session_state["exact saved"]
