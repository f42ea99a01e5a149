"""Columns of a table with variables as columns that say, row by row, in which unit another column's number is."""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from collections.abc import Set
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from feasibility.intake.converted import distinct_texts, taken, text_of
from feasibility.intake.headers import Header
from feasibility.intake.mapping import ColumnUse, Part
from feasibility.intake.tables import Tables
from feasibility.intake.words import UNIT_WORDS
from feasibility.variables import Catalogue, Kind, plain

_NUMBERED = re.compile(r"[\s_.]*\(?\d*\)?'*$")


def with_bare_units(
    tables: Tables, cells: Map[str, pa.ChunkedArray], headers: Map[str, Header | None], catalogue: Catalogue
) -> dict[str, Header | None]:
    """The headers, with a column headed only "unit" as that of the number to its left in its table, where its cells are units of it."""
    told = dict(headers)
    names = {plain(word) for word in UNIT_WORDS}
    for left, column in (pair for table in tables.wide.values() for pair in pairwise(table.columns)):
        header, written_as = headers[left], tables.headers.get(column, column)
        if told[column] is not None or plain(_NUMBERED.sub("", written_as)) not in names or header is None or header.part is not Part.VALUE:
            continue
        variable = catalogue[header.variables[0]]
        written = [text for text in distinct_texts(cells[column]) if text.strip()]
        if variable.kind is Kind.NUMBER and sum(variable.recognise_unit(text) is not None for text in written) * 2 > len(written):
            told[column] = Header(header.variables, Part.UNIT, header.repeat, likeness=header.likeness, matched=header.matched)
    return told


def units_kept(headers: Map[str, Header], kept: Set[str], tables: Tables) -> set[str]:
    """The columns of units of those columns of numbers that are kept: each of its own table, and of its own name where several may be meant."""
    found: dict[tuple[str, tuple[str, ...], int | None], tuple[bool, str]] = {}
    for role, table in tables.wide.items():
        there = {column: headers[column] for column in table.columns if column in headers}
        for column, header in there.items():
            if header.part is not Part.UNIT:
                continue
            numbers = [other for other, each in there.items() if each.part is Part.VALUE and each.variables == header.variables]
            named = [other for other in numbers if plain(there[other].matched) == plain(header.matched)]
            if not numbers or any(other in kept for other in named or numbers):
                key, rank = (role, header.variables, header.repeat), (not named, column)
                found[key] = rank if key not in found or rank[0] < found[key][0] else found[key]
    return {column for _, column in found.values()}


def unit_column(column: str, meant: Map[str, Header | None] | Map[str, ColumnUse], tables: Tables) -> str | None:
    """The column of the same table with the units of a column of numbers, by what headers or a mapping say: of its repeat, else of all repeats."""
    own = meant.get(column)
    table = next((table for table in tables.wide.values() if column in table.columns), None)
    if own is None or table is None or own.part is not Part.VALUE or not own.variables:
        return None
    others = ((other, meant.get(other)) for other in reversed(list(table.columns)))
    found = {each.repeat: other for other, each in others if each is not None and each.part is Part.UNIT and each.variables[:1] == own.variables[:1]}
    return found.get(own.repeat, found.get(None))


def without_unit(cells: pa.ChunkedArray, units: pa.ChunkedArray) -> pa.ChunkedArray:
    """The cells of rows in which no unit is written."""
    blank = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(text_of(units)), ""), True).to_numpy()
    return taken(cells, np.flatnonzero(blank))
