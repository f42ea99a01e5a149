"""The parts of the data page: what is loaded, files to load, what their columns mean, what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from feasibility import wording
from feasibility.cohort import Cohort, Report, Undated
from feasibility.intake import BlankEnd, ColumnUse, DateOrder, Part, Question, Weight, meanings, write_mapping
from feasibility.intake.mapping import UNUSED
from feasibility.problems import Problem, Unusable
from feasibility.ui import cohorts
from feasibility.ui.draft import Draft, Keep, draft_of
from feasibility.ui.session import Session
from feasibility.variables import Kind

KINDS_READ = ["csv", "tsv", "txt", "xlsx", "xls", "parquet", "xpt"]
TABLE_ROWS_PIXELS = 280
HEADED_ROW_PIXELS = 32
QUESTIONS_IN_VIEW = 5
CHOSEN, DRAFT = "files chosen", "draft"
WEIGHTS = {Weight.MUST: ":orange-badge[must be answered]", Weight.SETTLED: ":gray-badge[taken so]", Weight.OFFERED: ":gray-badge[offered]"}


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


def refused(error: Unusable) -> None:
    """Why files could not be used; what was loaded before stays."""
    for problem in error.problems:
        st.error(wording.plain(problem))


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
    """The files chosen, read once; None while there are none, or they cannot be read."""
    roles = {}
    data, measured, happened = st.columns(3, gap="small")
    with data:
        roles["data"] = st.file_uploader("One row a patient", KINDS_READ, key="upload data")
    with measured:
        roles["measurements"] = st.file_uploader("Measurements, one a row (optional)", KINDS_READ, key="upload measurements")
    with happened:
        roles["events"] = st.file_uploader("Events, one a row (optional)", KINDS_READ, key="upload events")
    chosen = {role: (each.file_id, each.name) for role, each in roles.items() if each is not None}
    if chosen and chosen != st.session_state.get(CHOSEN):
        # Read once: a filled uploader hands over its file on every run, and an empty one after another page was looked at.
        st.session_state[CHOSEN] = chosen
        contents = {role: None if each is None else (each.name, each.getvalue()) for role, each in roles.items()}
        try:
            with st.spinner("Reading the files"):
                st.session_state[DRAFT] = draft_of(contents["data"], contents["measurements"], contents["events"])
        except Unusable as error:
            st.session_state[DRAFT] = error
    draft = st.session_state.get(DRAFT)
    if isinstance(draft, Unusable):
        refused(draft)
        return None
    if draft is not None and not chosen:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"In hand: **{wording.plain(draft.name)}**", width="content")
            st.button("Put it away", key="put away", on_click=_put_away)
    return draft


def _put_away() -> None:
    st.session_state.pop(DRAFT, None)
    st.session_state.pop(CHOSEN, None)


def who_and_when(draft: Draft) -> None:
    """Which column says who, which date is the index date, which rows are used."""
    if draft.tables.data is None:
        _index_date(draft, [])
        return
    every = list(draft.tables.data.columns)
    who, when, rows = st.columns(3, gap="medium")
    with who:
        patient = draft.mapping.patient
        chosen = st.selectbox(
            "Patient identifier", every, index=every.index(patient) if patient in every else None, key="patient column", placeholder="Choose a column"
        )
        if chosen != patient:
            draft.set_patient(chosen)
    with when:
        _index_date(draft, every)
    with rows:
        column = st.selectbox("Use only rows where (optional)", every, index=None, key="keep column", placeholder="all rows are used")
        values = st.multiselect("is one of", draft.distinct(column)[:500], key=f"keep values {column}") if column else []
        keep = Keep(column, tuple(values)) if column and values else None
        if keep != draft.keep:
            draft.set_keep(keep)


def _index_date(draft: Draft, every: list[str]) -> None:
    kinds = (["a column"] if every else []) + ["one date for all", "none"]
    now = draft.mapping.index_date
    kind = "a column" if isinstance(now, str) and every else "one date for all" if isinstance(now, date) else "none"
    chosen_kind = st.radio(
        "Index date",
        kinds,
        index=kinds.index(kind),
        horizontal=True,
        key="index kind",
        help="The date at which each patient is screened: windows end there, ages are of that day.",
    )
    chosen: str | date | None = None
    if chosen_kind == "a column":
        chosen = st.selectbox(
            "Index date column",
            every,
            index=every.index(now) if isinstance(now, str) and now in every else None,
            key="index column",
            label_visibility="collapsed",
            placeholder="Choose a column",
        )
    elif chosen_kind == "one date for all":
        chosen = st.date_input("Index date of all patients", now if isinstance(now, date) else "today", key="index all", label_visibility="collapsed")
    if chosen != now and not (chosen is None and chosen_kind == "a column"):
        draft.set_index_date(chosen)


def questions(draft: Draft) -> None:
    """What the files do not say, to be answered; unanswered, a column that must be asked about is not used."""
    asked = draft.suggestion.questions
    if not asked:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{wording.questions(asked)}**", width="content")
        if any(question.proposed for question in asked) and st.button("Yes to all that is proposed", key="yes to all"):
            draft.answer_as_proposed()
            st.rerun()
    with st.container(height=TABLE_ROWS_PIXELS if len(asked) > QUESTIONS_IN_VIEW else "content", border=True, gap="xsmall"):
        for number, question in enumerate(asked):
            _question(draft, question, number)


def _question(draft: Draft, question: Question, number: int) -> None:
    use = _use_asked(draft, question)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"question {number}"):
        st.markdown(f"{WEIGHTS[question.weight]} **{wording.plain(question.where)}** &ensp; {wording.plain(question.text)}", width="stretch")
        if question.choices:
            pick = st.selectbox(
                "Answer",
                question.choices,
                index=None,
                key=f"answer {number} {question.where}",
                label_visibility="collapsed",
                placeholder="Choose",
                width=200,
                format_func=lambda choice: wording.choice_of(draft.catalogue, question, choice),
            )
            if pick is not None:
                draft.answer(question, _answered(use, question, pick))
                st.rerun()
        if question.proposed is not None and st.button("Yes", key=f"yes {number}", help="As proposed"):
            draft.answer(question, question.proposed)
            st.rerun()
        if st.button("Do not use it" if question.weight is Weight.MUST else "Leave it", key=f"no {number}"):
            draft.answer(question, UNUSED if question.weight is Weight.MUST else use)
            st.rerun()


def _use_asked(draft: Draft, question: Question) -> ColumnUse:
    mapping = draft.mapping
    if question.table == "data":
        return mapping.use(question.column)
    long = mapping.measurements if question.table == "measurements" else mapping.events
    assert long is not None
    return long.fields.get(question.column) or long.names.get(question.column, UNUSED)


def _answered(use: ColumnUse, question: Question, pick: str) -> ColumnUse:
    match question.about:
        case "unit":
            return replace(use, unit=pick)
        case "date_order":
            return replace(use, date_order=DateOrder(pick))
        case "variable":
            return replace(question.proposed or use, variables=(pick,))
        case _:
            return use


def columns(draft: Draft) -> None:
    """What each column is taken to mean, and one of them to change, with what it does to real values."""
    if not draft.columns:
        return
    table = pd.DataFrame(
        [
            (column, wording.use_of(draft.catalogue, use := draft.mapping.use(column)), use.unit or "", ", ".join(draft.examples(column)))
            for column in draft.columns
        ],
        columns=["Column", "Taken as", "Unit", "Examples"],
    )
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.dataframe(table, hide_index=True, height=TABLE_ROWS_PIXELS, key="mapping table")
    with right:
        column = st.selectbox("Change a column", draft.columns, index=None, key="column to change", placeholder="Choose a column")
        if column is not None:
            _one_column(draft, column)


def _one_column(draft: Draft, column: str) -> None:
    use, catalogue = draft.mapping.use(column), draft.catalogue
    names = ["", *catalogue.variables]
    now = use.variables[0] if use.variables else ""
    variable = st.selectbox(
        "means", names, index=names.index(now), format_func=lambda name: catalogue[name].label if name else "not used", key=f"means {column}"
    )
    if not variable:
        changed = UNUSED
    else:
        entry = catalogue[variable]
        changed = replace(use, variables=use.variables if variable == now else (variable,), unit=use.unit if variable == now else None)
        with st.container(horizontal=True, gap="small"):
            parts = list(Part)
            changed = replace(
                changed,
                part=st.selectbox("as its", parts, index=parts.index(changed.part), format_func=wording.PARTS.__getitem__, key=f"part {column}", width=150),
            )
            if entry.accepted_units and changed.part is Part.VALUE:
                units = list(entry.accepted_units)
                unit = st.selectbox(
                    "in",
                    units,
                    index=units.index(changed.unit) if changed.unit in units else None,
                    key=f"unit {column} {variable}",
                    placeholder="unit",
                    width=150,
                )
                changed = replace(changed, unit=unit)
        changed = _details(draft, column, changed, entry.kind)
    if changed != use:
        draft.set_use(column, changed)
        st.rerun()
    try:
        preview = draft.preview(column) if changed.variables and changed.part is Part.VALUE else []
    except Unusable as error:
        refused(error)
        return
    if preview:
        st.caption("What it does to real values: " + " · ".join(wording.plain(wording.previewed(draft.catalogue, each)) for each in preview))


def _details(draft: Draft, column: str, use: ColumnUse, kind: Kind) -> ColumnUse:
    catalogue, variable = draft.catalogue, use.variables[0]
    with st.container(horizontal=True, gap="small"):
        if use.part is not Part.VALUE or kind is Kind.DATE:
            orders: list[Any] = [None, *DateOrder]
            use = replace(
                use,
                date_order=st.selectbox(
                    "dates written", orders, index=orders.index(use.date_order), format_func=wording.DATE_ORDERS.__getitem__, key=f"order {column}", width=190
                ),
            )
        elif kind is Kind.NUMBER:
            missing = st.text_input("codes for missing", ", ".join(use.sentinels), key=f"sentinels {column}", placeholder="e.g. 999", width=150)
            use = replace(use, sentinels=tuple(code for each in missing.split(",") if (code := each.strip())))
            top = st.number_input("“or more” from", value=use.censored_at, key=f"censored {column}", placeholder="none", width=150)
            use = replace(use, censored_at=top)
        if kind is Kind.EVENT:
            meant: list[Any] = [None, Undated.EVER, Undated.WITHIN]
            use = replace(
                use,
                undated=st.selectbox(
                    "without a date",
                    meant,
                    index=meant.index(use.undated) if use.undated in meant else 0,
                    format_func=wording.UNDATED.__getitem__,
                    key=f"undated {column}",
                    width=240,
                ),
            )
            if use.part is Part.END:
                ends = list(BlankEnd)
                use = replace(use, blank_end=st.selectbox("a blank end", ends, index=ends.index(use.blank_end), key=f"blank {column}", width=150))
    if use.part is Part.VALUE and kind in (Kind.EVENT, Kind.CATEGORY) and len(found := draft.distinct(column)) <= 20:
        options = sorted(meanings(catalogue, variable))
        table = pd.DataFrame({"Written": found, "Means": [use.coding.get(each) for each in found]})
        edited = st.data_editor(
            table,
            hide_index=True,
            disabled=["Written"],
            key=f"coding {column} {variable}",
            column_config={"Means": st.column_config.SelectboxColumn(options=options, help="Blank: as the words themselves say.")},
        )
        use = replace(
            use,
            coding={
                str(token): str(meaning) for token, meaning in zip(edited["Written"], edited["Means"], strict=True) if isinstance(meaning, str) and meaning
            },
        )
    return use


def mapping_file(draft: Draft) -> None:
    """The mapping as a file, to keep and to bring back."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button("Save the mapping", lambda: write_mapping(draft.mapping), "mapping.toml", "application/toml", on_click="ignore", key="save mapping")
        with st.popover("Load a mapping"):
            given = st.file_uploader("Mapping file", "toml", key="upload mapping")
    if given is not None and st.session_state.get("mapping read") != given.file_id:
        try:
            draft.use_mapping_file(given.getvalue().decode("utf-8", errors="replace"), given.name)
            st.session_state["mapping read"] = given.file_id
            st.rerun()
        except Unusable as error:
            refused(error)


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
