"""Where in a sheet or text file the table is: rows above it, its header, what is said under the header, the first record.

A file whose first row is its header is read as that and nothing else. Anything more is seen only where rows say so by their looks: a row filled far less
than the table is no header, a row of units has no values in it, a header has no numbers over numbers. What was seen is said as a note.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from feasibility.intake.files.cells import is_part, is_value, shape
from feasibility.intake.files.units_row import UnitsRow, units_row
from feasibility.intake.places import values_said
from feasibility.intake.words import PATIENT
from feasibility.variables import plain

LOOKED_AT = 60
CELLS_LOOKED_AT = 20_000
VALUES = 0.6
"""A column counts as one of values from this share of numbers and dates on."""
MOSTLY = 0.8
GROUPS_AT_MOST = 3
PATIENT_NAMES = frozenset(plain(name) for name in PATIENT)

Row = Sequence[str]


@dataclass(frozen=True)
class Layout:
    """``headers`` by column; the names are in row ``head`` and the first record in row ``body`` (from 0).

    ``head`` is None if no row is a header: then columns are called by their numbers. ``doubts`` are what to warn of.
    """

    headers: list[str]
    head: int | None
    body: int
    labels: dict[int, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def layout_of(rows: Sequence[Row]) -> Layout | None:
    """The layout by the first rows; None if no row has any text."""
    filled = [place for place, row in enumerate(rows) if any(cell.strip() for cell in row)][:LOOKED_AT]
    if not filled:
        return None
    first = filled[0]
    head = _head(rows, filled)
    if _is_data(rows, head):
        if head > first and _filled(rows[head - 1]) > 1:  # a header with few names
            head -= 1
        else:
            return _numbered(rows, first, head)
    groups, head = _groups(rows, first, head)
    headers = _joined([rows[place] for place in groups], rows[head])
    notes = []
    if above := [place for place in filled if place < (groups or [head])[0]]:
        said = values_said([next(cell for cell in rows[place] if cell.strip()) for place in above])
        notes.append(f"the header is row {head + 1}; what stands above the table is no part of it: {said}.")
    if groups:
        notes.append(f"{_rows(groups)} above the names {'group' if len(groups) > 1 else 'groups'} them: joined to names that say too little alone.")
    labels: dict[int, str] = {}
    doubts: list[str] = []
    body = head + 1
    seen: set[str] = set()
    while body < len(rows):
        if "parts" not in seen and _are_parts(rows, body):
            headers = _with_parts(headers, rows[head], rows[body])
            notes.append(f"row {body + 1} is a second row of the header: joined to the names above it.")
            seen.add("parts")
        elif "units" not in seen and (units := units_row(rows[body], _below(rows, body), _identifier(rows[head]))) is not None:
            if units.doubts:
                doubts.append(_near_miss(body, units))
                break
            headers = [_with_unit(header, units.units.get(column, "")) for column, header in enumerate(headers)]
            labels |= units.labels
            notes.append(_units_said(body, units))
            seen.add("units")
        elif "labels" not in seen and _are_labels(rows, body):
            own = {column: cell.strip() for column, cell in enumerate(rows[body]) if cell.strip()}
            labels |= own
            notes.append(f"row {body + 1} describes the columns ({values_said(list(own.values())[:2])}): read as labels, not as a record.")
            seen.add("labels")
        else:
            break
        body += 1
    return Layout(headers, head, body, labels, tuple(notes), tuple(doubts))


def _filled(row: Row) -> int:
    return sum(1 for cell in row if cell.strip())


def _width(row: Row) -> int:
    return next((place for place in range(len(row), 0, -1) if row[place - 1].strip()), 0)


def _head(rows: Sequence[Row], filled: list[int]) -> int:
    """The first row that is filled as the table is, at least by half; titles are not."""
    widths = Counter(_width(rows[place]) for place in filled)
    usual = max(widths, key=lambda width: (widths[width] * (width - 1), width))
    return next((place for place in filled if _filled(rows[place]) * 2 >= usual and _filled(rows[place]) >= min(usual, 2)), filled[0])


def _below(rows: Sequence[Row], place: int) -> list[Row]:
    number = max(10, min(LOOKED_AT, CELLS_LOOKED_AT // max(len(rows[place]), 1)))
    return [row for row in rows[place + 1 : place + 1 + number] if _filled(row) > 1 or len(row) == 1]


def _columns_of_values(rows: Sequence[Row], place: int) -> set[int]:
    """Columns in which numbers and dates prevail below a row."""
    below = _below(rows, place)
    values: Counter[int] = Counter()
    cells: Counter[int] = Counter()
    for row in below:
        for column, cell in enumerate(row):
            if cell.strip():
                cells[column] += 1
                values[column] += is_value(cell)
    return {column for column, count in cells.items() if count > 1 and values[column] >= VALUES * count}


def _is_data(rows: Sequence[Row], place: int) -> bool:
    """Whether a row is like the rows below it: values over values, next to no text over values."""
    row = rows[place]
    if any(plain(cell) in PATIENT_NAMES for cell in row):
        return False
    columns = [column for column in _columns_of_values(rows, place) if column < len(row) and row[column].strip()]
    alike = sum(is_value(row[column]) for column in columns)
    return alike > 0 and (len(columns) - alike) * 4 <= alike


def _numbered(rows: Sequence[Row], first: int, head: int) -> Layout:
    width = max(len(row) for row in rows[head : head + LOOKED_AT])
    example = values_said([cell for cell in rows[head] if cell.strip()][:3])
    notes = [f"no row is a header: row {head + 1} is like those below it ({example}). It is read as a record, and the columns are called by their numbers."]
    if first < head:
        said = values_said([cell for row in rows[first:head] for cell in row if cell.strip()][:3])
        notes.append(f"what stands above row {head + 1} is no part of the table: {said}.")
    return Layout([f"column {number}" for number in range(1, width + 1)], None, head, notes=tuple(notes))


def _groups(rows: Sequence[Row], first: int, head: int) -> tuple[list[int], int]:
    """Rows of names above the names, and the row of the names."""
    if head + 1 < len(rows) and _are_names(rows, head):
        return [head], head + 1
    groups: list[int] = []
    place = head - 1
    while place >= first and len(groups) < GROUPS_AT_MOST and (_filled(rows[place]) > 1 or (_filled(rows[place]) == 1 and not rows[place][0].strip())):
        if any(is_value(cell) for cell in rows[place]):
            break
        groups.insert(0, place)
        place -= 1
    return groups, head


def _are_names(rows: Sequence[Row], head: int) -> bool:
    """Whether the row under ``head`` has the names: it fills the gaps of the row above it with text, over values."""
    upper, lower = rows[head], rows[head + 1]
    gaps = [column for column, cell in enumerate(lower) if cell.strip() and (column >= len(upper) or not upper[column].strip())]
    if not gaps or _filled(lower) <= _filled(upper) or any(is_value(cell) for cell in lower) or _are_parts(rows, head + 1):
        return False
    columns = _columns_of_values(rows, head + 1)
    return bool(columns) and sum(column < len(lower) and bool(lower[column].strip()) for column in columns) >= MOSTLY * len(columns)


def _carried(row: Row, width: int) -> list[str]:
    """A row of groups with each group's name over all of its columns."""
    carried, last = [], ""
    for column in range(width):
        last = (row[column].strip() if column < len(row) else "") or last
        carried.append(last)
    return carried


def _joined(groups: list[Row], names: Row) -> list[str]:
    """Names with those of their groups, where they are blank, repeated or words such as ``value`` and ``date``."""
    width = max(len(names), *(len(row) for row in groups)) if groups else len(names)
    own = [names[column].strip() if column < len(names) else "" for column in range(width)]
    if not groups:
        return own
    uppers = [_carried(row, width) for row in groups]
    times = Counter(plain(name) for name in own)
    return [
        name if name and times[plain(name)] == 1 and not is_part(name) else " ".join(dict.fromkeys(filter(None, (*(upper[column] for upper in uppers), name))))
        for column, name in enumerate(own)
    ]


def _are_parts(rows: Sequence[Row], place: int) -> bool:
    """Whether a row under the header has only words such as ``value`` and ``date``, over columns that hold other things."""
    row = [cell for cell in rows[place] if cell.strip()]
    return bool(row) and all(is_part(cell) for cell in row) and (len(row) > 1 or len(rows[place]) > 1) and bool(_columns_of_values(rows, place))


def _with_parts(headers: list[str], upper: Row, parts: Row) -> list[str]:
    carried = _carried(upper, len(headers))
    there = [parts[column].strip() if column < len(parts) else "" for column in range(len(headers))]
    return [f"{header or carried[column]} {part}" if part else header for column, (header, part) in enumerate(zip(headers, there, strict=True))]


def _identifier(names: Row) -> int:
    """The column in which patients have their identifiers: the first, if none is headed so."""
    return next((column for column, name in enumerate(names) if plain(name) in PATIENT_NAMES), 0)


def _units_said(place: int, said: UnitsRow) -> str:
    beside = f"; what it says of other columns is kept as their labels: {values_said(list(said.labels.values()))}" if said.labels else ""
    return f"row {place + 1} gives the units: {values_said(list(said.units.values()))}{beside}."


def _near_miss(place: int, said: UnitsRow) -> str:
    units, values = (values_said(list(each.values())) for each in (said.units, said.doubts))
    return f"row {place + 1}: some cells are units ({units}), others look like values ({values}): it is read as a record. If it is a row of units, blank those."


def _with_unit(header: str, unit: str) -> str:
    return header if not unit or not header or plain(header).endswith(plain(unit) or unit) else f"{header} ({unit})"


def _are_labels(rows: Sequence[Row], place: int) -> bool:
    """Whether a row under the header is text of its own over many columns of values: a second name for each, as electronic case report forms give."""
    row = rows[place]
    cells = [cell.strip() for cell in row if cell.strip()]
    columns = _columns_of_values(rows, place)
    if row and row[0].strip() and shape(row[0]) in {shape(below[0]) for below in _below(rows, place)}:  # it begins as the records do
        return False
    if len(columns) < 3 or any(is_value(cell) for cell in cells) or len(set(cells)) < len(cells):
        return False
    return sum(column < len(row) and bool(row[column].strip()) for column in columns) >= MOSTLY * len(columns)


def _rows(places: list[int]) -> str:
    return f"row {places[0] + 1}" if len(places) == 1 else f"rows {places[0] + 1} to {places[-1] + 1}"
