"""The part of the data page where one column is looked at: what it means, in which unit, how its cells are written."""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from feasibility import wording
from feasibility.cohort import Undated
from feasibility.intake import BlankEnd, ColumnUse, DateNumbers, DateOrder, Part
from feasibility.intake.codes import read_as
from feasibility.intake.tables import DATA, MEASUREMENTS
from feasibility.intake.words import token
from feasibility.problems import Unusable
from feasibility.ui import asked
from feasibility.ui.draft import Draft, Entry
from feasibility.ui.uploads import refused
from feasibility.variables import Kind

MOST_CODED = 20
IN_HAND = "entry to change"


def chosen(draft: Draft, entries: Sequence[Entry]) -> None:
    """The column chosen to look at and to change."""
    before = st.session_state.get(IN_HAND)
    entry = st.selectbox(
        "Change a column" if draft.tables.data is not None else "Change a name",
        entries,
        index=entries.index(before) if before in entries else None,
        format_func=lambda each: " ".join(filter(None, (wording.entry(each.table, each.name), draft.described(each)))),
        key=draft.key("column to change"),
        placeholder="choose one",
    )
    st.session_state[IN_HAND] = entry  # its control is another one when the mapping changed behind it
    if entry is not None:
        _one_entry(draft, entry)


def _one_entry(draft: Draft, entry: Entry) -> None:
    use, catalogue, key = draft.use(entry), draft.catalogue, wording.entry(entry.table, entry.name)
    now = use.variables[0] if use.variables else ""
    names = ["", *(name for name in catalogue.variables if name == now or draft.can_mean(entry, name))]
    variable = st.selectbox(
        "means", names, index=names.index(now), format_func=lambda name: catalogue[name].label if name else "not used", key=draft.key(f"means {key}")
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
    if entry.table == DATA and variable.kind is not Kind.DAY:  # the columns of a long table say themselves which part they are
        parts = list(Part)
        part = st.selectbox("as its", parts, index=parts.index(use.part), format_func=wording.PARTS.__getitem__, key=draft.key(f"part {key}"), width=150)
        use = replace(use, part=part)
    if variable.accepted_units and use.part is Part.VALUE:
        units = list(variable.accepted_units)
        unit = st.selectbox(
            "in" if not any(draft.units_written(entry)) else "in, where the row has no unit",
            units,
            index=units.index(use.unit) if use.unit in units else None,
            key=draft.key(f"unit {key} {variable.name}"),
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
    if use.part is not Part.VALUE or variable.is_date:
        orders: list[Any] = [None, *DateOrder]
        order = st.selectbox(
            "dates written",
            orders,
            index=orders.index(use.date_order),
            format_func=wording.DATE_ORDERS.__getitem__,
            key=draft.key(f"order {key}"),
            width=190,
        )
        ways: list[Any] = [None, *DateNumbers]
        numbers = st.selectbox(
            "numbers count",
            ways,
            index=ways.index(use.date_numbers),
            format_func=wording.DATE_NUMBERS.__getitem__,
            key=draft.key(f"date numbers {key}"),
            width=190,
        )
        use = replace(use, date_order=order, date_numbers=numbers)
    elif variable.kind is Kind.NUMBER:
        missing = st.text_input("codes for missing", ", ".join(use.sentinels), key=draft.key(f"sentinels {key}"), placeholder="e.g. 999", width=150)
        use = replace(use, sentinels=tuple(code for each in missing.split(",") if (code := each.strip())))
        top = st.number_input("“or more” from", value=use.censored_at, key=draft.key(f"censored {key}"), placeholder="none", width=150)
        signs = [None, ".", ","]
        sign = st.selectbox(
            "decimal sign", signs, index=signs.index(use.decimal), format_func=wording.DECIMALS.__getitem__, key=draft.key(f"decimal {key}"), width=150
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
        key=draft.key(f"undated {key}"),
        width=240,
    )
    if (chosen is Undated.WITHIN) != (use.undated is Undated.WITHIN):
        use = replace(use, undated=chosen)
    if use.part is Part.END or draft.is_event_name(entry):
        ends = list(BlankEnd)
        use = replace(use, blank_end=st.selectbox("a blank end", ends, index=ends.index(use.blank_end), key=draft.key(f"blank {key}"), width=150))
    return use


def _coding(draft: Draft, entry: Entry, use: ColumnUse, found: list[str], key: str) -> Map[str, str]:
    """What each code stands for."""
    variable, open_ = draft.catalogue[use.variables[0]], draft.codes_open(entry)
    said = {token(code): meaning for code, meaning in use.coding.items()}
    asked_of = {code for question in draft.open_questions(entry) for code in question.codes}
    read = {code: meaning for code, meaning in read_as(found, variable, use).items() if not open_ or (asked_of and code not in asked_of)}
    stands = {**read, **said}
    unsaid = wording.TO_BE_ANSWERED if open_ else wording.SET_ASIDE
    before = {code: stands.get(code, unsaid) for code in sorted({*map(token, found)} - {""})}  # as cells are compared: 1.0 is 1
    called = wording.meant_by_codes(draft.catalogue, variable.name)
    edited = st.data_editor(
        pd.DataFrame({"Written": before.keys(), "Means": before.values()}),
        hide_index=True,
        disabled=["Written"],
        key=draft.key(f"coding {key} {variable.name}"),
        column_config={
            "Means": st.column_config.SelectboxColumn(
                options=[unsaid, *called], required=True, format_func=lambda meaning: called.get(str(meaning), str(meaning))
            )
        },
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
