"""What the columns of dates of a draft say: what their cells become, and the last day on which anything is recorded."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from feasibility.intake import ColumnUse, Part
from feasibility.intake.calendars import EPOCH
from feasibility.intake.converted import distinct_texts, is_text
from feasibility.intake.dates import NO_DAY, USUAL_YEARS, Dates, order_of, read_dates
from feasibility.intake.places import Place
from feasibility.intake.tables import EVENTS, MEASUREMENTS
from feasibility.ui.draft import EXAMPLES, PREVIEW_ROWS, Draft, Entry

BIRTH = "birth_date"


def has_dates(draft: Draft) -> bool:
    """Whether any column used holds dates, or a date of birth."""
    longs = (long for long in (draft.mapping.measurements, draft.mapping.events) if long is not None)
    return any(long.date is not None for long in longs) or any(
        use.part in (Part.DATE, Part.END) or BIRTH in use.variables for use in draft.mapping.columns.values()
    )


def dates(draft: Draft, entry: Entry) -> list[str]:
    """What a few cells of a column of dates become: a day, or the first and last it may be."""
    read = _read(draft, entry.name, draft.use(entry), draft.cells(entry), PREVIEW_ROWS)
    return list(dict.fromkeys(read.said(np.flatnonzero(read.known))))[:EXAMPLES]


def last_day(draft: Draft, today: date) -> date | None:
    """The last day up to today on which anything is recorded, as far as columns of dates can be read; None where no day is."""
    columns = [(entry.name, draft.use(entry), draft.cells(entry)) for entry in draft.entries if draft.is_column(entry)]
    columns = [(name, use, cells) for name, use, cells in columns if use.part in (Part.DATE, Part.END) and BIRTH not in use.variables]
    for role, table in draft.tables.present.items():
        long = draft.long(role) if role in (MEASUREMENTS, EVENTS) else None
        if long is not None and long.date is not None and long.date in table.columns:
            columns.append((long.date, long.dates, table.columns[long.date]))
    latest = today.toordinal() - EPOCH
    found = (_read(draft, *column).hi for column in columns)
    last = max((int(days[days <= latest].max(initial=NO_DAY)) for days in found), default=int(NO_DAY))
    return None if last == NO_DAY else date.fromordinal(last + EPOCH)


def _read(draft: Draft, name: str, use: ColumnUse, cells: pa.ChunkedArray, rows: int | None = None) -> Dates:
    years = draft.catalogue[use.variables[0]].years if use.variables else USUAL_YEARS
    place = Place("", name, np.arange(len(cells)))
    order = use.date_order or (None if not is_text(cells) else order_of(distinct_texts(cells), place, years)[0])
    return read_dates(cells.slice(0, rows), order, place, years, use.date_numbers, use.sentinels)
