"""The part of the data page where a mapping is confirmed: who, when, which rows, what each column means."""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from feasibility import wording
from feasibility.cohort import Undated
from feasibility.intake import BlankEnd, ColumnUse, DateNumbers, DateOrder, Part, meanings
from feasibility.intake.codes import read_as
from feasibility.intake.tables import DATA, MEASUREMENTS
from feasibility.intake.words import token
from feasibility.problems import Unusable
from feasibility.protocol import Protocol
from feasibility.ui import asked
from feasibility.ui.draft import Draft, Entry, Sure
from feasibility.ui.uploads import text_in
from feasibility.variables import Kind

TABLE_ROWS_PIXELS = 280
MOST_VALUES, MOST_CODED = 500, 20
IN_HAND = "entry to change"
BECOMES, NO_UNIT = 3, "–"
SHOWN = {"all": list(Sure), "to answer": [Sure.ASKED], "used": [Sure.CHOSEN, Sure.WRITTEN, Sure.ALIKE], "not used": [Sure.UNUSED]}


def _key(draft: Draft, name: str) -> str:
    """The key of a control of the mapping: another one when the mapping changed behind it, so that it shows what stands there now."""
    return f"{name} {draft.revision}" if draft.revision else name


def refused(error: Unusable) -> None:
    """Why files could not be used; what was loaded before stays."""
    for problem in error.problems:
        st.error(wording.plain(problem))


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
            key=_key(draft, "patient column"),
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
            "Site (optional)", every, index=every.index(site) if site in every else None, key=_key(draft, "site column"), placeholder="none is told"
        )
        if treated != site:
            draft.set_site(treated)


def _rows(draft: Draft, every: list[str]) -> None:
    now = next(iter(draft.mapping.keep.items()), ("", ()))
    column = st.selectbox(
        "Use only rows where (optional)",
        every,
        index=every.index(now[0]) if now[0] in every else None,
        key=_key(draft, "keep column"),
        placeholder="all rows are used",
    )
    found = draft.distinct(Entry(DATA, column))[:MOST_VALUES] if column else []
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
    if chosen is None and draft.has_dates:
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
            _chosen(draft, entries)


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
            draft.use(entry).unit or NO_UNIT,
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
        elif (unit or NO_UNIT) != (draft.use(entry).unit or NO_UNIT):
            _in_unit(draft, entry, unit or NO_UNIT)


def _means(draft: Draft, entry: Entry, variable: str) -> None:
    if variable and draft.is_event_name(entry) and draft.catalogue[variable].kind is not Kind.EVENT:
        st.toast(f"{entry.name} names an event; {draft.catalogue[variable].label} is none.")
        draft.revision += 1  # the cell shows again what stands
    else:
        draft.choose(entry, variable)
    st.rerun()


def _in_unit(draft: Draft, entry: Entry, unit: str) -> None:
    use = draft.use(entry)
    variable = draft.catalogue[use.variables[0]] if use.variables else None
    draft.revision += 1
    if variable is None or variable.recognise_unit(unit) is None:
        known = f"{variable.label} is in {', '.join(variable.accepted_units) or 'no unit'}" if variable else "it is not used"
        st.toast(f"{entry.name}: {known}, not in {unit}.")
    else:
        draft.set_use(entry, replace(use, unit=unit))
    st.rerun()


def _becomes(draft: Draft, entry: Entry) -> str:
    """What a few real values become."""
    try:
        if draft.use(entry).part in (Part.DATE, Part.END):
            return ", ".join(draft.dates(entry)[:BECOMES])
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


def _chosen(draft: Draft, entries: Sequence[Entry]) -> None:
    """One column to look at and to change."""
    before = st.session_state.get(IN_HAND)
    entry = st.selectbox(
        "Change a column" if draft.tables.data is not None else "Change a name",
        entries,
        index=entries.index(before) if before in entries else None,
        format_func=lambda each: " ".join(filter(None, (wording.entry(each.table, each.name), draft.described(each)))),
        key=_key(draft, "column to change"),
        placeholder="choose one",
    )
    st.session_state[IN_HAND] = entry  # its control is another one when the mapping changed behind it
    if entry is not None:
        _one_entry(draft, entry)


def _one_entry(draft: Draft, entry: Entry) -> None:
    use, catalogue, key = draft.use(entry), draft.catalogue, wording.entry(entry.table, entry.name)
    names = ["", *(name for name, each in catalogue.variables.items() if not draft.is_event_name(entry) or each.kind is Kind.EVENT)]
    now = use.variables[0] if use.variables else ""
    variable = st.selectbox(
        "means", names, index=names.index(now), format_func=lambda name: catalogue[name].label if name else "not used", key=_key(draft, f"means {key}")
    )
    if variable != now:
        draft.choose(entry, variable)
        st.rerun()
    if not variable:
        return
    for number, question in enumerate(draft.open_questions(entry)):
        asked.one(draft, question, f"{asked.HERE} {number}")
    with st.container(horizontal=True, gap="small"):
        changed = _details(draft, entry, _part_and_unit(draft, entry, use, key), key)
    coded = changed.part is Part.VALUE and catalogue[variable].kind in (Kind.EVENT, Kind.CATEGORY) and not draft.is_event_name(entry)
    if coded and len(found := draft.distinct(entry)) <= MOST_CODED:
        changed = replace(changed, coding=_coding(draft, entry, changed, found, key))
    if changed != use:
        draft.set_use(entry, changed)
        st.rerun()
    try:
        preview = draft.preview(entry) if changed.part is Part.VALUE else []
    except Unusable as error:
        refused(error)
        return
    if preview:
        st.caption("What it does to real values: " + " · ".join(wording.plain(wording.previewed(catalogue, each)) for each in preview))


def _part_and_unit(draft: Draft, entry: Entry, use: ColumnUse, key: str) -> ColumnUse:
    variable = draft.catalogue[use.variables[0]]
    if entry.table == DATA:  # the columns of a long table say themselves which part they are
        parts = list(Part)
        part = st.selectbox("as its", parts, index=parts.index(use.part), format_func=wording.PARTS.__getitem__, key=_key(draft, f"part {key}"), width=150)
        use = replace(use, part=part)
    if variable.accepted_units and use.part is Part.VALUE:
        units = list(variable.accepted_units)
        unit = st.selectbox(
            "in" if not any(draft.units_written(entry)) else "in, where the row has no unit",
            units,
            index=units.index(use.unit) if use.unit in units else None,
            key=_key(draft, f"unit {key} {variable.name}"),
            placeholder="unit",
            width=150 if entry.table == DATA else 240,
        )
        # What is written of a unit may be another spelling of it; nothing chosen changes nothing.
        use = use if unit is None else replace(use, unit=unit)
    return use


def _details(draft: Draft, entry: Entry, use: ColumnUse, key: str) -> ColumnUse:
    variable = draft.catalogue[use.variables[0]]
    if use.part is Part.UNIT:
        return use
    if use.part is not Part.VALUE or variable.kind is Kind.DATE:
        orders: list[Any] = [None, *DateOrder]
        order = st.selectbox(
            "dates written",
            orders,
            index=orders.index(use.date_order),
            format_func=wording.DATE_ORDERS.__getitem__,
            key=_key(draft, f"order {key}"),
            width=190,
        )
        ways: list[Any] = [None, *DateNumbers]
        numbers = st.selectbox(
            "numbers count",
            ways,
            index=ways.index(use.date_numbers),
            format_func=wording.DATE_NUMBERS.__getitem__,
            key=_key(draft, f"date numbers {key}"),
            width=190,
        )
        use = replace(use, date_order=order, date_numbers=numbers)
    elif variable.kind is Kind.NUMBER:
        missing = st.text_input("codes for missing", ", ".join(use.sentinels), key=_key(draft, f"sentinels {key}"), placeholder="e.g. 999", width=150)
        use = replace(use, sentinels=tuple(code for each in missing.split(",") if (code := each.strip())))
        top = st.number_input("“or more” from", value=use.censored_at, key=_key(draft, f"censored {key}"), placeholder="none", width=150)
        signs = [None, ".", ","]
        sign = st.selectbox(
            "decimal sign", signs, index=signs.index(use.decimal), format_func=wording.DECIMALS.__getitem__, key=_key(draft, f"decimal {key}"), width=150
        )
        use = replace(use, censored_at=top, decimal=sign)
    return _event_details(draft, entry, use, key) if variable.kind is Kind.EVENT and entry.table != MEASUREMENTS else use


def _event_details(draft: Draft, entry: Entry, use: ColumnUse, key: str) -> ColumnUse:
    # Not said is the same as ever, so it is no choice of its own: of two that read alike the browser could not say which is meant.
    meant = [Undated.EVER, Undated.WITHIN]
    chosen = st.selectbox(
        "without a date",
        meant,
        index=meant.index(Undated.WITHIN) if use.undated is Undated.WITHIN else 0,
        format_func=wording.UNDATED.__getitem__,
        key=_key(draft, f"undated {key}"),
        width=240,
    )
    if (chosen is Undated.WITHIN) != (use.undated is Undated.WITHIN):
        use = replace(use, undated=chosen)
    if use.part is Part.END or draft.is_event_name(entry):
        ends = list(BlankEnd)
        use = replace(use, blank_end=st.selectbox("a blank end", ends, index=ends.index(use.blank_end), key=_key(draft, f"blank {key}"), width=150))
    return use


def _coding(draft: Draft, entry: Entry, use: ColumnUse, found: list[str], key: str) -> Map[str, str]:
    """What each code stands for."""
    variable, open_ = draft.catalogue[use.variables[0]], draft.codes_open(entry)
    said = {token(code): meaning for code, meaning in use.coding.items()}
    stands = said if open_ else {**read_as(found, variable, use), **said}
    unsaid = wording.TO_BE_ANSWERED if open_ else wording.SET_ASIDE
    before = {code: stands.get(code, unsaid) for code in sorted({*map(token, found)} - {""})}  # as cells are compared: 1.0 is 1
    edited = st.data_editor(
        pd.DataFrame({"Written": before.keys(), "Means": before.values()}),
        hide_index=True,
        disabled=["Written"],
        key=_key(draft, f"coding {key} {variable.name}"),
        column_config={"Means": st.column_config.SelectboxColumn(options=[unsaid, *sorted(meanings(draft.catalogue, variable.name))], required=True)},
    )
    after = dict(zip(map(str, edited["Written"]), edited["Means"], strict=True))
    if after == before:
        return use.coding
    if wording.TO_BE_ANSWERED in after.values():
        st.caption(wording.CODES_LEFT)
    return recoded(use.coding, after)


def recoded(coding: Map[str, str], after: Map[str, str]) -> Map[str, str]:
    """The coding after its table was changed, as it was while a code is to be answered: the whole of it, so that who changes one confirms those beside it."""
    if wording.TO_BE_ANSWERED in after.values():
        return coding
    said = {token(code): meaning for code, meaning in coding.items()}
    return {code: meaning for code, meaning in (said | dict(after)).items() if meaning != wording.SET_ASIDE}


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
