"""Which column of a long table says who, what, how much and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from feasibility import wording
from feasibility.intake import LongUse
from feasibility.intake.tables import MEASUREMENTS
from feasibility.ui.draft import Draft

NEEDED = {"measurements": ("patient", "name", "value"), "events": ("patient", "name")}


def long_tables(draft: Draft) -> None:
    """The columns of each long table, in view while one that is needed is not told."""
    there = {role: (long, table) for role in NEEDED if (long := draft.long(role)) is not None and (table := getattr(draft.tables, role)) is not None}
    told = {role: all(getattr(long, what) for what in NEEDED[role]) for role, (long, _) in there.items()}
    with st.container(horizontal=True, gap="small"):
        for role, (long, table) in there.items():
            if told[role]:
                with st.popover(f"Columns of {wording.plain(table.name)}"):
                    _columns(draft, role, long, list(table.columns))
    for role, (long, table) in there.items():
        if not told[role]:
            st.markdown(f"**{wording.plain(table.name)}**: say which columns hold")
            with st.container(horizontal=True, gap="small"):
                _columns(draft, role, long, list(table.columns))


def _columns(draft: Draft, role: str, long: LongUse, every: Sequence[str]) -> None:
    labels = wording.OF_MEASUREMENTS if role == MEASUREMENTS else wording.OF_EVENTS
    said = {what: getattr(long, what) or None for what in labels}
    chosen = {}
    for what, now in said.items():
        index = every.index(now) if now in every else None
        chosen[what] = st.selectbox(labels[what], every, index=index, key=f"{role} {what} {draft.revision}", placeholder="none", width=200)
    if chosen != said:
        filled: dict[str, Any] = {what: column or ("" if what in ("patient", "name") else None) for what, column in chosen.items()}
        draft.set_columns(role, replace(long, **filled))
        st.rerun()
