"""What was decided about one set of files, carried over to the next."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import replace

from feasibility.intake import ColumnUse, LongUse, Mapping, Suggestion, Table, Tables, overlaid
from feasibility.intake.answers import reshaped
from feasibility.intake.mapping import LONG_ROLES, UNUSED
from feasibility.intake.tables import EVENTS, MEASUREMENTS
from feasibility.variables import Catalogue


def carried(before: Suggestion, first_before: Suggestion, tables: Tables, fresh: Suggestion, catalogue: Catalogue) -> Suggestion:
    """What new files suggest, with what was decided about the old ones wherever the new ones have it too; what was left open stays open.

    ``first_before`` is what the old files alone suggested, ``before`` what became of it.
    """
    now, first = before.mapping, first_before.mapping
    there = set(tables.cells())
    for role in (MEASUREMENTS, EVENTS):
        use, suggested, table = getattr(now, role), getattr(fresh.mapping, role), getattr(tables, role)
        if use is None or suggested is None or _columns(use) == _columns(suggested):
            continue
        if all(column is None or column in table.columns for column in _columns(use)):  # chosen, not told by headers: only they say what names there are
            fresh = reshaped(fresh, role, use, tables, catalogue)

    def decided(uses: Map[str, ColumnUse], suggested: Map[str, ColumnUse]) -> dict[str, ColumnUse]:
        return {name: use for name, use in uses.items() if use != suggested.get(name, UNUSED) or use.confirmed}

    def of_long(role: str, table: Table | None, use: LongUse | None, was: LongUse | None, new: LongUse | None) -> LongUse | None:
        if table is None or use is None or was is None or new is None:
            return None
        shape = use if _columns(use) == _columns(new) else LongUse("", "")  # only adds to what the new one suggests
        at_first = was if _columns(was) == _columns(use) else use  # of columns chosen since nothing was suggested at first: then what was confirmed was decided
        names = {name: each for name, each in decided(use.names, at_first.names).items() if name in new.names}
        fields = {name: each for name, each in decided(use.fields, at_first.fields).items() if name in table.columns}
        return replace(shape, names=names, fields=fields)

    said = Mapping(
        columns={column: use for column, use in decided(now.columns, first.columns).items() if column in there},
        measurements=of_long(MEASUREMENTS, tables.measurements, now.measurements, first.measurements, fresh.mapping.measurements),
        events=of_long(EVENTS, tables.events, now.events, first.events, fresh.mapping.events),
        keep={column: cells for column, cells in now.keep.items() if column in there},
    )
    whole = overlaid(fresh, said, tables, catalogue)
    mapping = whole.mapping
    if now.patient != first.patient and (now.patient is None or now.patient in there):
        mapping = replace(mapping, patient=now.patient)
    if now.site != first.site and (not now.site or now.site in there):
        mapping = replace(mapping, site=now.site)
    if now.index_date != first.index_date and (not isinstance(now.index_date, str) or now.index_date in there):
        mapping = replace(mapping, index_date=now.index_date)
    return replace(whole, mapping=mapping)


def _columns(use: LongUse) -> tuple[str | None, ...]:
    """Which column says what; None where none does."""
    return tuple(getattr(use, role) or None for role in LONG_ROLES)
