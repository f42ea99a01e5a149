"""The part of the data page where a mapping is confirmed: who, when, which rows, what each column means."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from feasibility import wording
from feasibility.cohort import Undated
from feasibility.intake import BlankEnd, ColumnUse, DateOrder, Part, Question, Weight, meanings, write_mapping
from feasibility.intake.mapping import UNUSED
from feasibility.problems import Unusable
from feasibility.ui.draft import Draft
from feasibility.variables import Kind

TABLE_ROWS_PIXELS = 280
QUESTIONS_IN_VIEW, MOST_VALUES = 5, 500
WEIGHTS = {Weight.MUST: ":orange-badge[must be answered]", Weight.SETTLED: ":gray-badge[taken so]", Weight.OFFERED: ":gray-badge[offered]"}


def _key(draft: Draft, name: str) -> str:
    """The key of a control of the mapping: another one when the mapping changed behind it, so that it shows what stands there now."""
    return f"{name} {draft.revision}" if draft.revision else name


def refused(error: Unusable) -> None:
    """Why files could not be used; what was loaded before stays."""
    for problem in error.problems:
        st.error(wording.plain(problem))


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
            "Patient identifier",
            every,
            index=every.index(patient) if patient in every else None,
            key=_key(draft, "patient column"),
            placeholder="choose one",
        )
        if chosen != patient:
            draft.set_patient(chosen)
    with when:
        _index_date(draft, every)
    with rows:
        _rows(draft, every)


def _rows(draft: Draft, every: list[str]) -> None:
    now = next(iter(draft.mapping.keep.items()), ("", ()))
    column = st.selectbox(
        "Use only rows where (optional)",
        every,
        index=every.index(now[0]) if now[0] in every else None,
        key=_key(draft, "keep column"),
        placeholder="all rows are used",
    )
    found = draft.distinct(column)[:MOST_VALUES] if column else []
    given = [value for value in now[1] if value in found] if column == now[0] else []
    values = st.multiselect("is one of", found, given, key=_key(draft, f"keep values {column}")) if column else []
    keep = {column: tuple(values)} if column and values else {}
    if keep != draft.mapping.keep:
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
        key=_key(draft, "index kind"),
        help="The date at which each patient is screened: windows end there, ages are of that day.",
    )
    chosen: str | date | None = None
    if chosen_kind == "a column":
        chosen = st.selectbox(
            "Index date column",
            every,
            index=every.index(now) if isinstance(now, str) and now in every else None,
            key=_key(draft, "index column"),
            label_visibility="collapsed",
            placeholder="choose one",
        )
    elif chosen_kind == "one date for all":
        chosen = st.date_input(
            "Index date of all patients", now if isinstance(now, date) else "today", key=_key(draft, "index all"), label_visibility="collapsed"
        )
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
        column = st.selectbox("Change a column", draft.columns, index=None, key=_key(draft, "column to change"), placeholder="choose one")
        if column is not None:
            _one_column(draft, column)


def _one_column(draft: Draft, column: str) -> None:
    use, catalogue = draft.mapping.use(column), draft.catalogue
    names = ["", *catalogue.variables]
    now = use.variables[0] if use.variables else ""
    variable = st.selectbox(
        "means", names, index=names.index(now), format_func=lambda name: catalogue[name].label if name else "not used", key=_key(draft, f"means {column}")
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
                part=st.selectbox(
                    "as its", parts, index=parts.index(changed.part), format_func=wording.PARTS.__getitem__, key=_key(draft, f"part {column}"), width=150
                ),
            )
            if entry.accepted_units and changed.part is Part.VALUE:
                units = list(entry.accepted_units)
                unit = st.selectbox(
                    "in",
                    units,
                    index=units.index(changed.unit) if changed.unit in units else None,
                    key=_key(draft, f"unit {column} {variable}"),
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
                    "dates written",
                    orders,
                    index=orders.index(use.date_order),
                    format_func=wording.DATE_ORDERS.__getitem__,
                    key=_key(draft, f"order {column}"),
                    width=190,
                ),
            )
        elif kind is Kind.NUMBER:
            missing = st.text_input("codes for missing", ", ".join(use.sentinels), key=_key(draft, f"sentinels {column}"), placeholder="e.g. 999", width=150)
            use = replace(use, sentinels=tuple(code for each in missing.split(",") if (code := each.strip())))
            top = st.number_input("“or more” from", value=use.censored_at, key=_key(draft, f"censored {column}"), placeholder="none", width=150)
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
                    key=_key(draft, f"undated {column}"),
                    width=240,
                ),
            )
            if use.part is Part.END:
                ends = list(BlankEnd)
                use = replace(use, blank_end=st.selectbox("a blank end", ends, index=ends.index(use.blank_end), key=_key(draft, f"blank {column}"), width=150))
    if use.part is Part.VALUE and kind in (Kind.EVENT, Kind.CATEGORY) and len(found := draft.distinct(column)) <= 20:
        options = sorted(meanings(catalogue, variable))
        table = pd.DataFrame({"Written": found, "Means": [use.coding.get(each) for each in found]})
        edited = st.data_editor(
            table,
            hide_index=True,
            disabled=["Written"],
            key=_key(draft, f"coding {column} {variable}"),
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
