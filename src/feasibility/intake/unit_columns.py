"""Columns of a file with one row a patient that say, row by row, in which unit another column's number is."""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from feasibility.intake.converted import distinct_texts, taken, text_of
from feasibility.intake.headers import Header
from feasibility.intake.mapping import Part
from feasibility.intake.words import UNIT_WORDS
from feasibility.variables import Catalogue, Kind, plain

_NUMBERED = re.compile(r"[\s_.]*\(?\d*\)?'*$")


def with_bare_units(columns: Map[str, pa.ChunkedArray], headers: Map[str, Header | None], catalogue: Catalogue) -> dict[str, Header | None]:
    """The headers, with a column headed only "unit" as that of the number to its left, where its cells are units of it."""
    told = dict(headers)
    names = {plain(word) for word in UNIT_WORDS}
    order = list(columns)
    for left, column in pairwise(order):
        header = headers[left]
        if headers[column] is not None or plain(_NUMBERED.sub("", column)) not in names or header is None or header.part is not Part.VALUE:
            continue
        variable = catalogue[header.variables[0]]
        written = [text for text in distinct_texts(columns[column]) if text.strip()]
        if variable.kind is Kind.NUMBER and sum(variable.recognise_unit(text) is not None for text in written) * 2 > len(written):
            told[column] = Header(header.variables, Part.UNIT, header.repeat, likeness=header.likeness, matched=column)
    return told


def unit_column(column: str, headers: Map[str, Header | None]) -> str | None:
    """The column with the units of a column of numbers: of its repeat, else of all repeats."""
    header = headers[column]
    if header is None or header.part is not Part.VALUE:
        return None
    found = {each.repeat: other for other, each in headers.items() if each and each.part is Part.UNIT and each.variables == header.variables}
    return found.get(header.repeat, found.get(None))


def without_unit(cells: pa.ChunkedArray, units: pa.ChunkedArray) -> pa.ChunkedArray:
    """The cells of rows in which no unit is written."""
    blank = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(text_of(units)), ""), True).to_numpy()
    return taken(cells, np.flatnonzero(blank))
