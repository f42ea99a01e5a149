"""Near misses: how many fail one criterion only; who they are and why, when it is asked."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from feasibility import wording
from feasibility.export import csv_text, workbook_bytes
from feasibility.results import rounded
from feasibility.results.near import MOST_SHOWN, NOT_LISTED, Elsewhere, NearMisses, explain, near_counts, near_misses
from feasibility.screening.explain import CriterionFound, explained
from feasibility.ui.session import Session
from feasibility.variables import builtin_catalogue

LIST_PIXELS, VERDICT_PIXELS, COUNTS_PIXELS = 300, 300, 420
WIDTHS = {"Patient": 80, "Criterion": 150, "Values": 330}
NARROW = {label: st.column_config.NumberColumn(width=width) for label, width in zip(wording.NEAR_LINE[1:], (60, 75), strict=True)}
CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def section(session: Session) -> None:
    """The counts by criterion; single patients only when asked for."""
    overview = session.overview
    exact = near_counts(overview.losses, session.cohort.patients, overview.tally.ineligible)
    counts = rounded.near_counts(session.rounding, exact, session.shown.tally)
    st.markdown(f"**{wording.near_said(counts)}**, of {wording.patients(counts.patients)}. {wording.NEAR_EXPLAINED}")
    counted, listed = st.columns([2, 5], gap="medium")
    with counted:
        rows = [wording.near_line(each, session.protocol) for each in counts.criteria if each.passed or each.unknown]
        st.dataframe(pd.DataFrame(rows, columns=list(wording.NEAR_LINE)), hide_index=True, height=COUNTS_PIXELS, key="near counts", column_config=NARROW)
    with listed:
        if session.rounding.unit:
            st.info(NOT_LISTED)
        elif st.toggle("List single patients", key="near listed", help=wording.NEAR_ASKED_FOR):
            _patients(session)


def _patients(session: Session) -> None:
    """The nearest of those asked for, with what their criterion found; one of them at length."""
    overview = session.overview
    one, other = st.columns([1, 1], gap="small")
    with one:
        kind = st.selectbox("Those who fail one criterion and", list(Elsewhere), format_func=wording.ELSEWHERE.__getitem__, key="near elsewhere")
        elsewhere = kind or Elsewhere.PASSED
    with other:
        names = {each: wording.name(session.protocol[each]) for each in overview.order}
        chosen = st.multiselect("Criteria", overview.order, key="near criteria", placeholder="all", format_func=names.__getitem__)
    criteria = tuple(chosen or overview.order)
    found, why = session.worked_out(("near", elsewhere, criteria), lambda: _found(session, elsewhere, criteria))
    if not found.shown:
        st.caption(wording.NOBODY_NEAR)
        return
    index = wording.index_day(session.cohort)
    rows = wording.near_rows(session.protocol, builtin_catalogue(), index, found.shown, why, wording.NEAR_ROW)
    picked = st.dataframe(
        pd.DataFrame(rows, columns=list(wording.NEAR_ROW)),
        hide_index=True,
        height=LIST_PIXELS,
        key=f"near list {elsewhere} {criteria}",
        on_select="rerun",
        selection_mode="single-row",
        column_config={label: st.column_config.TextColumn(width=width) for label, width in WIDTHS.items()},
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(wording.near_listed(found, MOST_SHOWN), width="stretch")
        about, kept = wording.near_about(session.protocol, session.cohort, session.scenario), not session.may_save
        book = "near-misses.xlsx"
        st.download_button("CSV", lambda: csv_text(wording.NEAR_ROW, rows), "near-misses.csv", CSV, on_click="ignore", key="near csv", disabled=kept)
        st.download_button("XLSX", lambda: workbook_bytes(about, wording.NEAR_ROW, rows), book, XLSX, on_click="ignore", key="near xlsx", disabled=kept)
    place = next(iter(picked["selection"]["rows"]), None)
    if place is None:
        st.caption("Choose a row to see that patient's whole verdict, clause by clause.")
    elif place < len(found.shown):
        _verdict(session, found.shown[place].patient, found.shown[place].identifier)


def _found(session: Session, elsewhere: Elsewhere, criteria: tuple[str, ...]) -> tuple[NearMisses, tuple[CriterionFound, ...]]:
    screener, overview = session.workbench.screener, session.overview
    found = near_misses(screener, overview, elsewhere, criteria, session.rounding)
    return found, explain(screener, overview.screening, found.shown)


def _verdict(session: Session, patient: int, identifier: str) -> None:
    """Everything that was found of one patient."""
    overview = session.overview
    (verdict,) = explained(session.workbench.screener, overview.screening, [patient], overview.order)
    index = wording.index_day(session.cohort)
    rows = [line for each in verdict for line in wording.verdict_lines(each, session.protocol, builtin_catalogue(), index)]
    st.markdown(f"**{wording.plain(identifier)}**")
    st.dataframe(
        pd.DataFrame(rows, columns=list(wording.VERDICT_LINE)),
        hide_index=True,
        height=VERDICT_PIXELS,
        key="near verdict",
        column_config={"Found": st.column_config.TextColumn(width=420)},
    )
