"""The ledger on the page: hands the browser one view, takes back proposals, which the scenario accepts or refuses."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from feasibility.ledger.proposals import proposed
from feasibility.ledger.view import NOTHING_ASKED, Asked
from feasibility.ui.session import Session, current

KEY = "ledger"


@cache
def _component() -> Any:
    """The browser's part stands beside this file; src/feasibility/pyproject.toml tells Streamlit where, once it runs."""
    return st.components.v2.component("feasibility.ledger", html='<div class="ledger"></div>', css="ledger.css", js="ledger.js")


def ledger(session: Session) -> None:
    """The ledger of the scenario as it stands, with what the browser last asked to have ready."""
    view = session.ledger.view(session.overview, session.asked, session.opened, session.refused)
    # Two views may be alike but for what they answer: Streamlit hands over only what differs, and the browser waits for its answer.
    _component()(key=KEY, data={**view, "answered": session.answered}, on_asked_change=_asked, on_opened_change=_opened, on_proposed_change=_proposed)
    session.asked = NOTHING_ASKED


def _said(trigger: str) -> dict[str, Any]:
    said = st.session_state[KEY].get(trigger)
    if not isinstance(said, dict):
        return {}
    turn = said.get("turn")
    if isinstance(turn, int):
        current().answered = max(current().answered, turn)
    return said


def _asked() -> None:
    said = _said("asked")
    current().asked = Asked(str(said.get("criterion", "")), str(said.get("name", "")))


def _opened() -> None:
    current().opened = str(_said("opened").get("criterion", ""))


def _proposed() -> None:
    match _said("proposed"):
        case {"kind": "history", "to": "back"}:
            current().undo()
        case {"kind": "history", "to": "forward"}:
            current().redo()
        case said:
            current().propose(proposed, said)
