"""The parts of the data page: what is loaded, files to load and what comes of them, generated cohorts."""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from feasibility import wording
from feasibility.cohort import Cohort, Report
from feasibility.intake import Table, Tables, read_tables
from feasibility.problems import Problem, Unusable
from feasibility.ui import cohorts
from feasibility.ui.draft import DATA, EVENTS, MEASUREMENTS, Draft, draft_of
from feasibility.ui.mapping import TABLE_ROWS_PIXELS, refused
from feasibility.ui.session import Session

KINDS_READ = ["csv", "tsv", "txt", "xlsx", "xls", "parquet", "xpt"]
HEADED_ROW_PIXELS = 32
CHOSEN, READ, FORGOTTEN, UNREADABLE, DRAFT = "files chosen", "files read", "files forgotten", "files unreadable", "draft"
ROLES = (DATA, MEASUREMENTS, EVENTS)


def problems(found: Sequence[Problem], key: str) -> None:
    """Problems with their places and remedies, filtered by severity."""
    kinds = [kind for kind in wording.SEVERITIES if any(problem.severity == kind for problem in found)]
    if not kinds:
        st.caption("No problems.")
        return
    shown = st.pills(
        "Show",
        kinds,
        selection_mode="multi",
        default=kinds,
        format_func=lambda kind: wording.severity(kind, found),
        key=f"{key} kinds",
        label_visibility="collapsed",
    )
    table = pd.DataFrame(
        [(each.severity, each.where, each.message, each.remedy) for kind in kinds for each in found if each.severity == kind and kind in shown],
        columns=["Severity", "Where", "What was found", "Remedy"],
    )
    st.dataframe(
        table,
        hide_index=True,
        height=min(TABLE_ROWS_PIXELS, HEADED_ROW_PIXELS * (len(table) + 1)),
        key=f"{key} table",
        column_config={"Severity": st.column_config.TextColumn(width="small"), "Where": st.column_config.TextColumn(width="medium")},
    )


def report(said: Report, key: str) -> None:
    """Every row and every column accounted for."""
    what, columns = st.tabs([wording.problem_count(said.problems), wording.several(len(said.columns), "column")])
    with what:
        problems(said.problems, key)
    with columns:
        table = pd.DataFrame([wording.column_row(each) for each in said.columns], columns=list(wording.COLUMN_ROW))
        st.dataframe(table, hide_index=True, height=TABLE_ROWS_PIXELS, key=f"{key} columns")


def loaded(session: Session) -> None:
    """What is loaded now."""
    st.subheader(f"Loaded: {wording.plain(wording.cohort_line(session.cohort))}", anchor=False)
    st.markdown(wording.assessable(session.overview.screening))
    said = session.cohort.report
    st.page_link("pages/quality.py", label="Data quality: gaps, ranges, sites, contradictions and every problem with its cells")
    if session.small_hidden:
        st.caption(wording.rows_accounted(said, session.cohort, session.rounding))
        return
    details = st.expander(f"{wording.rows_line(said)} · {wording.problem_count(said.problems)}", on_change="rerun", key="loaded")
    if details.open:
        with details:
            report(said, "loaded")


def synthetic(session: Session) -> None:
    """Generated cohorts of several sizes."""
    st.caption("Invented patients, drawn from published and remembered figures: to try the workbench, no evidence about any real clinic.")
    with st.container(horizontal=True, gap="small"):
        for size in cohorts.SIZES:
            if st.button(wording.patients(size), key=f"synthetic {size}"):
                bar = st.progress(0.0, "Drawing patients")
                cohort = cohorts.sample() if size == cohorts.SIZES[0] else cohorts.generated(size, _shown_on(bar))
                bar.empty()
                _use(session, cohort)


def files() -> Draft | None:
    """The files in hand, each read once; None while there are none. One that cannot be read costs a message, never what stands already."""
    given = {}
    data, measured, happened = st.columns(3, gap="small")
    with data:
        given[DATA] = st.file_uploader("One row a patient", KINDS_READ, key="upload data")
    with measured:
        given[MEASUREMENTS] = st.file_uploader("Measurements, one a row (optional)", KINDS_READ, key="upload measurements")
    with happened:
        given[EVENTS] = st.file_uploader("Events, one a row (optional)", KINDS_READ, key="upload events")
    chosen = {role: each for role, each in given.items() if each is not None}
    ids = {role: each.file_id for role, each in chosen.items()}
    if ids != st.session_state.get(CHOSEN, {}):
        # Read once: a filled uploader hands over its file on every run, and an empty one after another page was looked at.
        st.session_state[CHOSEN] = ids
        _take(chosen, ids)
    if (error := st.session_state.get(UNREADABLE)) is not None:
        refused(error)
    draft: Draft | None = st.session_state.get(DRAFT)
    if draft is None:
        return None
    read: dict[str, str] = st.session_state[READ]
    held = [role for role in read if ids.get(role) != read[role]]
    if held:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"In hand: **{wording.plain(wording.listed(_tables(draft)[role].name for role in held))}**", width="content")
            st.button("Put it away" if len(held) == len(read) else "Put everything away", key="put away", on_click=_put_away)
    return draft


def _take(chosen: Map[str, UploadedFile], ids: dict[str, str]) -> None:
    """Go on with the files chosen, beside those in hand that the uploaders forgot; the tables read before are not read again."""
    draft, read = st.session_state.get(DRAFT), st.session_state.get(READ, {})
    st.session_state[UNREADABLE] = None
    if not chosen:
        st.session_state[FORGOTTEN] = set(read)
        return
    forgotten: set[str] = st.session_state.get(FORGOTTEN, set()) - set(chosen)
    kept = {role: read[role] for role in read if ids.get(role) == read[role] or role in forgotten}
    if draft is not None and {**kept, **ids} == read:
        return
    try:
        with st.spinner("Reading the files"):
            files = {role: (each.name, each.getvalue()) if role not in kept else None for role, each in chosen.items()}
            new = Tables() if not any(files.values()) else read_tables(*(files.get(role) for role in ROLES))
            old = _tables(draft) if draft is not None else {}
            tables = {role: table for role in ROLES if (table := old[role] if role in kept else getattr(new, role)) is not None}
            st.session_state[DRAFT] = draft_of(tables, draft)
    except Unusable as error:
        st.session_state[UNREADABLE] = error
        return
    st.session_state[READ], st.session_state[FORGOTTEN] = {**kept, **ids}, forgotten


def _tables(draft: Draft) -> dict[str, Table]:
    return {role: table for role in ROLES if (table := getattr(draft.tables, role)) is not None}


def _put_away() -> None:
    for key in (DRAFT, CHOSEN, READ, FORGOTTEN, UNREADABLE):
        st.session_state.pop(key, None)


def outcome(session: Session, draft: Draft) -> None:
    """Read the files with this mapping, see what comes of it, and use it."""
    if st.button("Read with this mapping", key="read draft", type="primary" if draft.cohort is None else "secondary"):
        bar = st.progress(0.0, "Reading")
        try:
            draft.read(session.protocol, _shown_on(bar))
        except Unusable as error:
            refused(error)
        bar.empty()
    if draft.cohort is None or draft.screening is None:
        return
    st.markdown(f"**{wording.plain(wording.cohort_line(draft.cohort))}**: {wording.rows_line(draft.cohort.report)}  \n{wording.assessable(draft.screening)}")
    if st.button("Use this cohort", key="use draft", type="primary"):
        _use(session, draft.cohort)
    report(draft.cohort.report, "draft")


def _shown_on(bar: DeltaGenerator) -> cohorts.Progress:
    def progress(share: float, what: str) -> None:
        bar.progress(min(share, 1.0), what.capitalize())

    return progress


def _use(session: Session, cohort: Cohort) -> None:
    dropped = session.use(cohort, session.protocol)
    st.toast(f"Loaded: {wording.plain(wording.cohort_line(cohort))}")
    session.link_problems = dropped
    st.rerun()
