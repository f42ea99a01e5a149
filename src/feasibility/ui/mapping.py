"""The part of the data page where a mapping is confirmed: who, when, which rows, what each column means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pandas as pd
import streamlit as st

from feasibility import wording
from feasibility.intake import Part
from feasibility.intake.tables import DATA
from feasibility.problems import Unusable
from feasibility.protocol import Protocol
from feasibility.ui import one_column
from feasibility.ui.days import dates, has_dates, last_day
from feasibility.ui.draft import Draft, Entry, Sure
from feasibility.ui.uploads import refused, text_in

TABLE_ROWS_PIXELS = 280
MOST_VALUES = 500
BECOMES, NO_UNIT, BY_ROW = 3, "–", "by row"
SHOWN = {"all": list(Sure), "to answer": [Sure.ASKED], "used": [Sure.CHOSEN, Sure.WRITTEN, Sure.ALIKE], "not used": [Sure.UNUSED]}


def who_and_when(draft: Draft) -> None:
    """Which column says who, which date is the index date, which rows are used, and where patients are treated."""
    if draft.tables.data is None:
        _index_date(draft, [])
        return
    every = list(draft.columns)
    who, when, rows, where = st.columns([3, 4, 3, 3], gap="medium")
    with who:
        patient = draft.mapping.patient
        chosen = st.selectbox(
            "Patient identifier",
            every,
            index=every.index(patient) if patient in every else None,
            key=draft.key("patient column"),
            placeholder="choose one",
        )
        if chosen != patient:
            draft.set_patient(chosen)
    with when:
        _index_date(draft, every)
    with rows:
        _rows(draft, every)
    with where:
        site = draft.mapping.site or None
        treated = st.selectbox(
            "Site (optional)", every, index=every.index(site) if site in every else None, key=draft.key("site column"), placeholder="none is told"
        )
        if treated != site:
            draft.set_site(treated)


def _rows(draft: Draft, every: list[str]) -> None:
    now = next(iter(draft.mapping.keep.items()), ("", ()))
    column = st.selectbox(
        "Use only rows where (optional)",
        every,
        index=every.index(now[0]) if now[0] in every else None,
        key=draft.key("keep column"),
        placeholder="all rows are used",
    )
    found = draft.distinct(Entry(DATA, column))[:MOST_VALUES] if column else []
    given = [value for value in now[1] if value in found] if column == now[0] else []
    values = st.multiselect("is one of", found, given, key=draft.key(f"keep values {column}")) if column else []
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
        key=draft.key("index kind"),
        help="The date at which each patient is screened: windows end there, ages are of that day. One date for all begins as the last day recorded.",
    )
    chosen: str | date | None = None
    if chosen_kind == "a column":
        chosen = st.selectbox(
            "Index date column",
            every,
            index=every.index(now) if isinstance(now, str) and now in every else None,
            key=draft.key("index column"),
            label_visibility="collapsed",
            placeholder="choose one",
        )
    elif chosen_kind == "one date for all":
        chosen = st.date_input(
            "Index date of all patients", now if isinstance(now, date) else last_day(draft, date.today()) or "today", key=draft.key("index all"),
            label_visibility="collapsed",
        )
    if chosen != now and not (chosen is None and chosen_kind == "a column"):
        draft.set_index_date(chosen)
    if chosen is None and has_dates(draft):
        st.caption(":orange[There are dates: without an index date ages and windows are unknown.]")


def columns(draft: Draft, protocol: Protocol) -> None:
    """What each column and each name in a long table is taken to mean, and what that leaves the protocol without; to be changed in place."""
    entries = draft.entries
    if not entries:
        return
    left, right = st.columns([7, 4], gap="medium")
    with left:
        _table(draft, entries)
    with right:
        lacks, one = st.tabs([wording.assessed_briefly(draft.foreseen(protocol)), "One column in detail"])
        with lacks:
            _lacking(draft, protocol)
        with one:
            one_column.chosen(draft, entries)


def _table(draft: Draft, entries: Sequence[Entry]) -> None:
    """All columns, with their meaning and unit to be changed in place."""
    kinds = {kind: [each for each in entries if draft.sure(each) in sures] for kind, sures in SHOWN.items()}
    kind = st.segmented_control(
        "Show", list(SHOWN), default="all", format_func=lambda each: f"{each} {len(kinds[each])}", key="mapping shown", label_visibility="collapsed"
    )
    shown = kinds[kind or "all"]
    meant = {entry: wording.use_of(draft.catalogue, draft.use(entry)) for entry in shown}
    rows = [
        (
            wording.SURE[draft.sure(entry)],
            wording.entry(entry.table, entry.name),
            ", ".join(draft.examples(entry)),
            meant[entry],
            _unit(draft, entry),
            _becomes(draft, entry),
        )
        for entry in shown
    ]
    labels = {each.label: name for name, each in draft.catalogue.variables.items()}
    units = sorted({unit for entry in shown for name in draft.use(entry).variables for unit in draft.catalogue[name].accepted_units} | {row[4] for row in rows})
    edited = st.data_editor(
        pd.DataFrame(rows, columns=[" ", "Column", "In the file", "Means", "Unit", "Becomes"]),
        hide_index=True,
        height=TABLE_ROWS_PIXELS,
        disabled=[" ", "Column", "In the file", "Becomes"],
        key=f"mapping table {kind} {draft.revision}",
        column_config={
            " ": st.column_config.TextColumn(width=20, help=wording.SURE_EXPLAINED),
            "Column": st.column_config.TextColumn(width=150),
            "In the file": st.column_config.TextColumn(width=170),
            "Means": st.column_config.SelectboxColumn(
                options=[wording.NOT_USED, *sorted({*labels, *meant.values()} - {wording.NOT_USED})], required=True, width=170, help=wording.EDITED_SO
            ),
            "Unit": st.column_config.SelectboxColumn(options=units, width=80, help=wording.EDITED_SO),
            "Becomes": st.column_config.TextColumn(width=220),
        },
    )
    st.caption(f"{wording.SURE_EXPLAINED} · {wording.EDITED_SO}")
    for entry, means, unit in zip(shown, edited["Means"], edited["Unit"], strict=True):
        if means != meant[entry]:
            _means(draft, entry, labels.get(means, ""))
        elif (unit or NO_UNIT) != _unit(draft, entry):
            _in_unit(draft, entry, unit or NO_UNIT)


def _means(draft: Draft, entry: Entry, variable: str) -> None:
    if variable and not draft.can_mean(entry, variable):
        label = draft.catalogue[variable].label
        st.toast(f"{entry.name} names an event; {label} is none." if draft.is_event_name(entry) else f"{entry.name} is no column of dates; {label} is one.")
        draft.revision += 1  # the cell shows again what stands
    else:
        draft.choose(entry, variable)
    st.rerun()


def _in_unit(draft: Draft, entry: Entry, unit: str) -> None:
    use = draft.use(entry)
    variable = draft.catalogue[use.variables[0]] if use.variables else None
    draft.revision += 1
    if _unit(draft, entry) == BY_ROW:
        st.toast(f"{entry.name}: each row says its own unit; that of rows without one is chosen under One column in detail.")
    elif variable is None or variable.recognise_unit(unit) is None:
        known = f"{variable.label} is in {', '.join(variable.accepted_units) or 'no unit'}" if variable else "it is not used"
        st.toast(f"{entry.name}: {known}, not in {unit}.")
    else:
        draft.set_use(entry, replace(use, unit=unit))
    st.rerun()


def _unit(draft: Draft, entry: Entry) -> str:
    """The unit of all values, or that each row says its own."""
    use = draft.use(entry)
    by_row = any(draft.catalogue[name].accepted_units for name in use.variables) and draft.units_column(entry) is not None
    return BY_ROW if by_row else use.unit or NO_UNIT


def _becomes(draft: Draft, entry: Entry) -> str:
    """What a few real values become."""
    try:
        if draft.use(entry).part in (Part.DATE, Part.END):
            return ", ".join(dates(draft, entry)[:BECOMES])
        if draft.use(entry).part is not Part.VALUE:
            return ""
        return ", ".join(wording.became(draft.catalogue, each) for each in draft.preview(entry)[:BECOMES])
    except Unusable:
        return "cannot be read so"


def _lacking(draft: Draft, protocol: Protocol) -> None:
    """What the protocol asks for that no column gives, and which criteria that costs."""
    screening = draft.foreseen(protocol)
    if screening is None:
        st.caption("Nothing can be foreseen before the patient's column is known.")
        return
    rows = wording.lacking(screening, draft.catalogue, draft.waiting)
    st.dataframe(
        pd.DataFrame(rows, columns=["No column for", "Costs"]), hide_index=True, height=TABLE_ROWS_PIXELS, key="lacking", placeholder="Nothing is lacking."
    )


def mapping_file(draft: Draft) -> None:
    """The mapping as a file, to keep and to bring back."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button("Save the mapping", draft.saved, "mapping.toml", "application/toml", on_click="ignore", key="save mapping")
        with st.popover("Load a mapping"):
            given = st.file_uploader("Mapping file", "toml", key="upload mapping")
    if given is not None and st.session_state.get("mapping read") != given.file_id:
        try:
            draft.use_mapping_file(text_in(given), given.name)
        except Unusable as error:
            refused(error)
        else:
            st.session_state["mapping read"] = given.file_id
            st.rerun()


def changed(draft: Draft) -> None:
    """What a mapping that was loaded says otherwise than the files in hand."""
    if not draft.changed:
        return
    worst = min(draft.changed, key=lambda problem: list(wording.SEVERITIES).index(problem.severity))
    said = "\n".join(f"- {wording.plain(problem)}" for problem in draft.changed)
    (st.info if worst.severity == "note" else st.warning)(f"Since the mapping was saved\n{said}")
