"""The ways back and forward again that stand on a page: Undo and Redo, and their keys."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from feasibility import wording
from feasibility.ui.session import Session


def buttons(session: Session) -> None:
    """Undo, and Redo beside it: they stay together."""
    with st.container(horizontal=True, gap="small", width="content", key="ways back"):
        st.button("Undo", key="undo", on_click=session.undo, disabled=not session.history, help=wording.UNDO_EXPLAINED)
        st.button("Redo", key="redo", on_click=session.redo, disabled=not session.undone, help=wording.REDO_EXPLAINED)


def keys() -> None:
    """The keys of these buttons, on a page without the ledger, which has its own."""
    _component()(key="history keys")


@cache
def _component() -> Any:
    return st.components.v2.component("feasibility.keys", js="keys.js")
