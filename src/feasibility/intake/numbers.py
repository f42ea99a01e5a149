"""Cells into numbers: exact, censored or a range, each an interval in the variable's canonical unit."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from feasibility.intake.amounts import NO_VALUE, PARTIAL, UNREADABLE, VALUE, Cell, Reading, cell_of, graded, special_cells
from feasibility.intake.codes import said_of_none
from feasibility.intake.converted import Converted, cell_texts, distinct, encoded, is_text, taken, text_of, texts_at
from feasibility.intake.mapping import ColumnUse
from feasibility.intake.numerals import PLAIN, POINT_AND_THREE, Separators, Sign, is_open, separators
from feasibility.intake.places import VALUES_SHOWN, Place, counted, shown, values_said
from feasibility.intake.words import marks_unsaid
from feasibility.logic import Floats, Intervals
from feasibility.problems import Found, Problem
from feasibility.units import convert
from feasibility.variables import Variable


def read_numbers(column: pa.ChunkedArray, variable: Variable, use: ColumnUse, unit: str, place: Place) -> Converted:
    """The numbers of a column whose plain numbers are in ``unit``; what cannot be read or cannot be true is missing, with a problem."""
    problems: list[Problem] = []
    special = special_cells(variable, use)
    values, odd = _plain(column, special)
    texts, which = distinct(taken(column, odd)) if len(odd) else ([], np.zeros(0, np.int64))
    how = _how_written(column, texts, use)
    if how.point is not Sign.DECIMAL and len(grouped := _point_and_three(column)):
        values[grouped], odd = np.nan, np.union1d(odd, grouped)
        texts, which = distinct(taken(column, odd))
    conversion = variable.conversion(unit)
    valid = ~np.isnan(values)
    censored = 0
    top: NDArray[np.intp] | None = None
    if use.censored_at is not None:
        top = np.flatnonzero(values >= use.censored_at)
        censored = len(top)
    with np.errstate(over="ignore"):  # a number far too large for a logarithm becomes infinite, and is set aside as impossible below
        lo = convert(values, conversion) if unit != variable.unit or not _tidy(values, valid) else values
    hi = lo
    if len(odd) or top is not None or not valid.all():
        lo, hi = np.where(valid, lo, -np.inf), np.where(valid, lo, np.inf)
    if top is not None:
        hi[top] = np.inf if variable.hard is None else variable.hard[1]  # at least as much, and no more than can be
    changes = conversion.factor != 1.0 or conversion.offset != 0.0 or conversion.log10
    converted = int(np.count_nonzero(valid)) if changes else 0
    unreadable = np.zeros(len(lo), np.bool_)
    if len(odd):
        special = special_cells(variable, use, marks_unsaid([*texts, *(["0"] if valid.any() else [])]))
        problems += said_of_none(texts, variable, use, place)
        state = _read_odd(texts, which, odd, Reading(variable, unit, special, how), use, lo, hi, place, problems)
        unreadable[odd[state == UNREADABLE]] = True
        valid[odd] = state >= VALUE
        censored += int(np.count_nonzero(state == PARTIAL))
        if bad := _unread(column, odd[state == UNREADABLE], variable, place):
            problems.append(bad)
    lo, hi = _within_range(column, lo, hi, valid, unreadable, variable, unit, place, problems)
    return Converted(
        Intervals(lo, hi), int(np.count_nonzero(valid)), converted, censored, unreadable if unreadable.any() else None, tuple(problems)
    )


def _plain(column: pa.ChunkedArray, special: dict[str, Cell]) -> tuple[Floats, NDArray[np.intp]]:
    """The cells that are plain numbers (NaN elsewhere), and the rows of those that are neither plain nor empty."""
    numeric_specials = [float(text) for text in special if re.match(PLAIN, text)]
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        typed = column.cast(pa.float64(), safe=False).to_numpy().copy()
        odd = np.flatnonzero(np.isinf(typed) | np.isin(typed, numeric_specials))
        typed[odd] = np.nan
        return typed, odd
    if pa.types.is_dictionary(kind):
        texts, which = encoded(column)
        each, odd = _plain(pa.chunked_array([texts]), special)
        strange = np.zeros(len(each) + 1, np.bool_)
        strange[odd] = True
        return np.append(each, np.nan)[which], np.flatnonzero(strange[which])
    text = text_of(column)
    filled: NDArray[np.bool_]
    try:
        values = text.cast(pa.float64()).to_numpy()
        filled = np.asarray(text.is_valid().to_numpy())
        strange = filled & ~np.isfinite(values)  # the words "nan" and "inf" are read as numbers
    except pa.ArrowInvalid:
        text = pc.utf8_trim_whitespace(text)
        plain = pc.fill_null(pc.match_substring_regex(text, PLAIN), False)
        values = pc.if_else(plain, text, pa.scalar(None, pa.string())).cast(pa.float64()).to_numpy()
        filled = np.asarray(text.is_valid().to_numpy()) & (pc.fill_null(pc.binary_length(text), 0).to_numpy() > 0)
        strange = filled & ~np.isfinite(values)
    if numeric_specials:
        strange |= np.isin(values, numeric_specials)
    values = values.copy() if not values.flags.writeable else values
    values[strange] = np.nan
    return values, np.flatnonzero(strange)


def _tidy(values: Floats, valid: NDArray[np.bool_]) -> bool:
    """Whether rounding to 9 digits would change nothing, because all are whole and small."""
    return bool(np.all((values == np.rint(values)) & (np.abs(values) < 1e9) | ~valid))


def _how_written(column: pa.ChunkedArray, odd: list[str], use: ColumnUse) -> Separators:
    """How the column writes numbers, looked into only where some of its texts are not plain."""
    if use.decimal is not None:
        return separators((), use.decimal)
    if not any(sign in text for text in odd for sign in ",，'’ "):
        return Separators()
    pointed = encoded(column)[0]
    certain = pc.and_(pc.match_substring(pointed, "."), pc.invert(pc.match_substring_regex(pointed, POINT_AND_THREE)))
    return separators([*odd, *pointed.filter(pc.and_(certain, pc.match_substring_regex(pointed, PLAIN))).slice(0, 1).to_pylist()])


def _point_and_three(column: pa.ChunkedArray) -> NDArray[np.intp]:
    """The rows of plain numbers whose point may separate thousands."""
    if not is_text(column):
        return np.zeros(0, np.intp)
    texts, which = encoded(column)
    found = np.append(pc.fill_null(pc.match_substring_regex(texts, POINT_AND_THREE), False).to_numpy(zero_copy_only=False), False)
    return np.flatnonzero(found[which])


def _read_odd(
    texts: list[str],
    which: NDArray[np.int64],
    odd: NDArray[np.intp],
    reading: Reading,
    use: ColumnUse,
    lo: Floats,
    hi: Floats,
    place: Place,
    problems: list[Problem],
) -> NDArray[np.int8]:
    """Fills in the rows that are not plain numbers, text by distinct text; the state of each."""
    cells = [cell_of(text, reading) for text in texts]
    problems += _said_of_signs(texts, cells, reading.how, use, place)
    if grades := [text for text, cell in zip(texts, cells, strict=True) if cell.state == UNREADABLE and graded(text, reading.variable)]:
        message = f"in {values_said(grades)} the + may be the grade of a test strip, or mean 'or more': set aside."
        problems.append(place.whole("warning", message, "Write the amount, or ≥ before the number where it is at least that."))
    lo[odd] = np.array([cell.lo for cell in cells])[which]
    hi[odd] = np.array([cell.hi for cell in cells])[which]
    states = np.array([cell.state for cell in cells], np.int8)[which]
    _note_special(place, texts, cells, which, problems)
    return states


def _said_of_signs(texts: list[str], cells: list[Cell], how: Separators, use: ColumnUse, place: Place) -> list[Problem]:
    """What points, commas and flags in numbers were taken for, and which could not be."""
    problems: list[Problem] = []
    read = [text.strip() for text, cell in zip(texts, cells, strict=True) if cell.state >= VALUE]
    if flagged := [text for text, cell in zip(texts, cells, strict=True) if cell.flagged]:
        problems.append(place.whole("note", f"marks beside a number, as in {values_said(flagged)}, are left out."))
    if use.decimal is None:
        commas = [text for text in read if re.match(r"^[+-]?\d+,\d+$", text) and (how.comma is Sign.DECIMAL or not re.search(r",\d{3}$", text))]
        if commas:
            problems.append(place.whole("note", f"numbers such as {values_said(commas)} are read with a decimal comma."))
        thousands = [text for text in read if re.search(r"\d[., '’]\d{3}(?!\d)", text) and text not in commas]
        if thousands:
            problems.append(place.whole("note", f"numbers such as {values_said(thousands)} are read with separators between thousands."))
    if unsure := [text for text, cell in zip(texts, cells, strict=True) if cell.state == UNREADABLE and is_open(text, how)]:
        sign = "comma" if any("," in text for text in unsure) else "point"
        remedy = "Say decimal = ',' or decimal = '.' for this column in the mapping, or write the numbers without separators."
        problems.append(place.whole("error", f"in {values_said(unsure)} the {sign} may be decimal or separate thousands: set aside.", remedy))
    return problems


def _note_special(place: Place, texts: list[str], cells: list[Cell], which: NDArray[np.int64], problems: list[Problem]) -> None:
    gone = [position for position, cell in enumerate(cells) if cell.state == NO_VALUE and texts[position].strip()]
    if gone:
        cells_gone = int(np.isin(which, gone).sum())
        problems.append(place.whole("note", f"{counted(cells_gone, 'cell')} saying {values_said([texts[position] for position in gone])} taken as missing."))


def _unread(column: pa.ChunkedArray, rows: NDArray[np.intp], variable: Variable, place: Place) -> Problem | None:
    if not len(rows):
        return None
    expected = f"numbers{f' in {variable.unit}' if variable.unit else ''}"
    message = f"{counted(len(rows), 'value')} set aside: found {texts_at(column, rows)}; expected {expected}."
    remedy = "Correct the cells, or say in the mapping which texts mean missing (sentinels) or stand for a value (coding)."
    texts = cell_texts(column, rows)
    return place.cells("warning", rows, message, remedy, found=Found.UNREADABLE, values=texts, each="cannot be read as a number: set aside", expected=expected)


def _beside_range(column: pa.ChunkedArray, rows: NDArray[np.intp], lo: Floats, hi: Floats, variable: Variable, unit: str) -> str:
    """What cells say, with what that is in the unit of the range they are held against where they are in another."""
    if unit == variable.unit:
        return texts_at(column, rows)
    said: dict[str, str] = {}
    for text, row in zip(text_of(taken(column, rows[:50])).to_pylist(), rows[:50], strict=True):
        written = f"'{shown(text)}'" + (f" {unit}" if re.match(PLAIN, text.strip()) else "")
        ends = dict.fromkeys(f"{end[row]:.3g}" for end in (lo, hi) if np.isfinite(end[row]))
        said.setdefault(written, f"{written} = {' to '.join(ends)} {variable.unit}" if ends else written)
    return ", ".join(list(said.values())[:VALUES_SHOWN]) + (" …" if len(said) > VALUES_SHOWN else "")


def _within_range(
    column: pa.ChunkedArray,
    lo: Floats,
    hi: Floats,
    valid: NDArray[np.bool_],
    unreadable: NDArray[np.bool_],
    variable: Variable,
    unit: str,
    place: Place,
    problems: list[Problem],
) -> tuple[Floats, Floats]:
    if variable.hard is not None:
        low, high = variable.hard
        wrong = np.flatnonzero(valid & ((hi < low) | (lo > high)))
        if len(wrong):
            if hi is lo:
                lo, hi = lo.copy(), lo.copy()
            found = _beside_range(column, wrong, lo, hi, variable, unit)
            message = (
                f"{counted(len(wrong), 'value')} set aside: found {found}; "
                f"{variable.label} is possible from {low:g} to {high:g} {variable.unit}."
            )
            remedy = "Check the unit of the column, and whether these are codes for missing (sentinels)."
            possible, texts = f"{low:g} to {high:g} {variable.unit}", cell_texts(column, wrong)
            each = "not possible: set aside"
            problems.append(place.cells("warning", wrong, message, remedy, found=Found.IMPOSSIBLE, values=texts, each=each, expected=possible))
            lo[wrong], hi[wrong] = -np.inf, np.inf
            valid[wrong] = False
            unreadable[wrong] = True
    if variable.soft is not None:
        low, high = variable.soft
        rare = np.flatnonzero(valid & ((hi < low) | (lo > high)))
        if len(rare):
            found = _beside_range(column, rare, lo, hi, variable, unit)
            message = f"{counted(len(rare), 'value')} outside the usual {low:g} to {high:g} {variable.unit}, kept: {found}."
            usual, texts = f"usually {low:g} to {high:g} {variable.unit}", cell_texts(column, rare)
            each = "outside the usual range: kept"
            problems.append(place.cells("warning", rare, message, "Check them.", found=Found.UNUSUAL, values=texts, each=each, expected=usual))
    return lo, hi
