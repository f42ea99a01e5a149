"""The parts of the data page: what is loaded, files to load and what comes of them, generated cohorts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain, count

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from feasibility import wording
from feasibility.cohort import Cohort, Report
from feasibility.intake import Table, read_files
from feasibility.problems import Problem, Unusable
from feasibility.ui import cohorts, saving
from feasibility.ui.draft import Draft, draft_of
from feasibility.ui.mapping import TABLE_ROWS_PIXELS, mapping_file
from feasibility.ui.session import Session
from feasibility.ui.uploads import refused

KINDS_READ = ["csv", "tsv", "txt", "xlsx", "xls", "parquet", "xpt", "sas7bdat", "sav", "zsav", "por", "dta", "ods", "xlsb", "zip", "gz", "bz2", "xz"]
HEADED_ROW_PIXELS = 32
CHOSEN, READ, FORGOTTEN, UNREADABLE, DRAFT = "files chosen", "files read", "files forgotten", "files unreadable", "draft"


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
    st.markdown(f"{wording.assessable(session.overview.screening)}{saving.state(session)}")
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
    chosen = st.file_uploader("All files of one cohort", KINDS_READ, accept_multiple_files=True, key="upload files", help=wording.FILES_EXPLAINED)
    ids = tuple(each.file_id for each in chosen)
    if ids != st.session_state.get(CHOSEN, ()):
        # Read once: a filled uploader hands over its files on every run, and an empty one after another page was looked at.
        st.session_state[CHOSEN] = ids
        _take(chosen)
    if (error := st.session_state.get(UNREADABLE)) is not None:
        refused(error)
    draft: Draft | None = st.session_state.get(DRAFT)
    if draft is None:
        st.caption("Read in this session on this machine: nothing is sent out and nothing is kept. Reloading the page in the browser lets it go.")
        return None
    read: dict[str, tuple[Table, ...]] = st.session_state[READ]
    if held := [table.name for each, tables in read.items() if each not in ids for table in tables]:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"In hand: **{wording.plain(wording.listed(held))}**", width="content")
            st.button("Put it away" if len(held) == len(draft.found) == 1 else "Put everything away", key="put away", on_click=_put_away)
    if len(draft.found) > 1:
        _roles(draft)
    return draft


def _take(chosen: Sequence[UploadedFile]) -> None:
    """Go on with the files chosen, beside those in hand that the uploader forgot; those read before are not read again."""
    draft, read = st.session_state.get(DRAFT), st.session_state.get(READ, {})
    st.session_state[UNREADABLE] = None
    if not chosen:
        st.session_state[FORGOTTEN] = set(read)
        return
    again = {table.name for each in chosen if each.file_id not in read for table in read.get(each.file_id, ())} | {each.name for each in chosen}
    forgotten: set[str] = st.session_state.get(FORGOTTEN, set())
    ids = {each.file_id for each in chosen}
    kept = {each: tables for each, tables in read.items() if each in ids or (each in forgotten and tables[0].name not in again)}
    if draft is not None and ids <= set(read) and kept == read:
        return
    try:
        with st.spinner("Reading the files"):
            new = read_files([(each.name, each.getvalue()) for each in chosen if each.file_id not in kept])
            now = _named_apart(kept | dict(zip((each.file_id for each in chosen if each.file_id not in kept), new, strict=True)))
            st.session_state[DRAFT] = draft_of([table for tables in now.values() for table in tables], draft.roles if draft else None, draft)
    except Unusable as error:
        st.session_state[UNREADABLE] = error
        return
    st.session_state[READ], st.session_state[FORGOTTEN] = now, forgotten - ids


def _named_apart(read: Mapping[str, tuple[Table, ...]]) -> dict[str, tuple[Table, ...]]:
    """The tables of each file; of those with one name, as of a file chosen twice, the second as ``labs.csv (2)``."""
    names: set[str] = set()

    def apart(table: Table) -> Table:
        further = (f"{table.name} ({number})" for number in count(2))
        name = next(each for each in chain([table.name], further) if each not in names)
        names.add(name)
        return table if name == table.name else replace(table, name=name)

    return {file: tuple(map(apart, tables)) for file, tables in read.items()}


def _roles(draft: Draft) -> None:
    """What each of several tables is, to be changed."""
    options = list(wording.TABLE_ROLES)
    with st.container(horizontal=True, gap="small"):
        for table in draft.found:
            now = draft.role(table)
            label, key = wording.plain(f"{table.name}, {wording.several(table.rows, 'row')}"), f"role {table.name} {draft.revision}"
            role = st.selectbox(label, options, index=options.index(now), format_func=wording.TABLE_ROLES.__getitem__, key=key)
            if role != now:
                try:
                    st.session_state[DRAFT] = draft_of(draft.found, {**draft.roles, table.name: role}, draft)
                    st.session_state[UNREADABLE] = None
                except Unusable as error:
                    st.session_state[UNREADABLE] = error
                    draft.revision += 1  # the control shows again what the table is used as
                st.rerun()


def _put_away() -> None:
    for key in (DRAFT, CHOSEN, READ, FORGOTTEN, UNREADABLE):
        st.session_state.pop(key, None)


def outcome(session: Session, draft: Draft) -> None:
    """What to do with the draft: use it, see first what reading it says, keep its mapping."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        use = st.button("Use this cohort", key="use draft", type="primary", help="Read the files with this mapping and screen their patients.")
        look = draft.cohort is None and st.button("Only read", key="read draft", help="See first how many patients and which problems reading finds.")
        mapping_file(draft)
        if draft.loaded is session.cohort and draft.loaded is not draft.cohort:
            st.caption(wording.LOADED_BEFORE, width="content")
    if draft.cohort is None and (use or look):
        _read(session, draft)
    if use and draft.cohort is not None:
        draft.loaded = draft.cohort
        _use(session, draft.cohort)
    if look and draft.cohort is not None:
        st.rerun()  # what was read stands below


def _read(session: Session, draft: Draft) -> None:
    """Read the files, with what is done and a way to stop it: pressing it runs the page again, and the reading ends at its next word."""
    bar, stop = st.columns([6, 1], vertical_alignment="center")
    with stop:
        st.button("Stop", key="stop reading", help="Nothing is lost: files and mapping stay in hand.")
    with bar:
        shown = st.progress(0.0, "Reading")
    try:
        draft.read(session.protocol, _shown_on(shown))
    except Unusable as error:
        refused(error)


def read_report(draft: Draft) -> None:
    """What came of reading the files, where that was asked for."""
    if draft.cohort is None or draft.screening is None:
        return
    st.markdown(f"**{wording.plain(wording.cohort_line(draft.cohort))}**: {wording.rows_line(draft.cohort.report)}  \n{wording.assessable(draft.screening)}")
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
