"""Cells into numbers: exact, censored or a range, each an interval in the variable's canonical unit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from feasibility.intake.converted import Converted, cell_texts, distinct, encoded, taken, text_of, texts_at
from feasibility.intake.mapping import ColumnUse
from feasibility.intake.places import VALUES_SHOWN, Place, counted, shown, values_said
from feasibility.intake.words import LESS, MISSING, MORE, NOT_DETECTED, UNKNOWN, token
from feasibility.logic import Floats, Intervals
from feasibility.problems import Found, Problem
from feasibility.units import convert
from feasibility.variables import Variable

PLAIN = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"

_NUMBER = r"[+-]?(?:\d+(?:[.,]\d+)*\.?|\.\d+)(?:e[+-]?\d+)?"
_CENSORED = re.compile(rf"^({'|'.join(re.escape(sign) for sign in sorted([*LESS, *MORE], key=len, reverse=True))})\s*({_NUMBER})\s*(.*)$")
_RANGE = re.compile(rf"^({_NUMBER})\s*(?:-|–|~|to|至)\s*({_NUMBER})\s*(.*)$")
_AT_LEAST = re.compile(rf"^({_NUMBER})\s*\+$")
_SINGLE = re.compile(rf"^({_NUMBER})\s*(.*)$")
_COMMA = re.compile(r"^[+-]?\d+,\d+$")
_THOUSANDS = re.compile(r"^[+-]?[1-9]\d{0,2},\d{3}$")

UNREADABLE, NO_VALUE, VALUE, PARTIAL = range(4)


@dataclass(frozen=True)
class Cell:
    """What one text means, in the canonical unit."""

    lo: float = -np.inf
    hi: float = np.inf
    state: int = UNREADABLE


def read_numbers(column: pa.ChunkedArray, variable: Variable, use: ColumnUse, unit: str, place: Place) -> Converted:
    """The numbers of a column whose plain numbers are in ``unit``; what cannot be read or cannot be true is missing, with a problem."""
    problems: list[Problem] = []
    special = _special(variable, use)
    values, odd = _plain(column, special)
    conversion = variable.conversion(unit)
    valid = ~np.isnan(values)
    censored = 0
    top: NDArray[np.intp] | None = None
    if use.censored_at is not None:
        top = np.flatnonzero(values >= use.censored_at)
        values[top] = use.censored_at
        censored = len(top)
    with np.errstate(over="ignore"):  # a number far too large for a logarithm becomes infinite, and is set aside as impossible below
        lo = convert(values, conversion) if unit != variable.unit or not _tidy(values, valid) else values
    hi = lo
    if len(odd) or top is not None or not valid.all():
        lo, hi = np.where(valid, lo, -np.inf), np.where(valid, lo, np.inf)
    if top is not None:
        hi[top] = np.inf
    changes = conversion.factor != 1.0 or conversion.offset != 0.0 or conversion.log10
    converted = int(np.count_nonzero(valid)) if changes else 0
    unreadable = np.zeros(len(lo), np.bool_)
    if len(odd):
        state = _read_odd(column, odd, variable, use, unit, special, lo, hi, place, problems)
        unreadable[odd[state == UNREADABLE]] = True
        valid[odd] = state >= VALUE
        censored += int(np.count_nonzero(state == PARTIAL))
        if bad := _unread(column, odd[state == UNREADABLE], variable, place):
            problems.append(bad)
    lo, hi = _within_range(column, lo, hi, valid, unreadable, variable, unit, place, problems)
    return Converted(
        Intervals(lo, hi), int(np.count_nonzero(valid)), converted, censored, unreadable if unreadable.any() else None, tuple(problems)
    )


def _special(variable: Variable, use: ColumnUse) -> dict[str, Cell]:
    """Texts that stand for something other than the number they may look like."""
    cells: dict[str, Cell] = {}
    for label, (lo, hi) in variable.values.items():
        for word in (label, *variable.words.get(label, ())):
            # A plain number is a number (HBV DNA "0"), unless no such number can be true (a SNOMED code of a class).
            text = token(word)
            if not re.match(PLAIN, text) or _impossible(float(text), variable):
                cells[text] = Cell(lo, hi, VALUE if lo == hi else PARTIAL)
    for written, meaning in use.coding.items():
        lo, hi = variable.values.get(meaning, (-np.inf, np.inf))
        cells[token(written)] = Cell(lo, hi, NO_VALUE if meaning not in variable.values else VALUE if lo == hi else PARTIAL)
    for sentinel in use.sentinels:
        cells[token(sentinel)] = Cell(state=NO_VALUE)
    return cells


def _impossible(number: float, variable: Variable) -> bool:
    return variable.hard is not None and not variable.hard[0] <= number <= variable.hard[1]


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


def _read_odd(
    column: pa.ChunkedArray,
    odd: NDArray[np.intp],
    variable: Variable,
    use: ColumnUse,
    unit: str,
    special: dict[str, Cell],
    lo: Floats,
    hi: Floats,
    place: Place,
    problems: list[Problem],
) -> NDArray[np.int8]:
    """Fills in the rows that are not plain numbers, text by distinct text; the state of each."""
    texts, which = distinct(taken(column, odd))
    comma = use.decimal == "," or (use.decimal is None and _decimal_comma(texts))
    cells = [_cell(text, variable, unit, special, comma) for text in texts]
    if comma and use.decimal is None:
        commas = values_said([text for text in texts if _COMMA.match(text.strip())])
        problems.append(place.whole("note", f"numbers such as {commas} are read with a decimal comma."))
    if not comma and (unsure := [text for text in texts if _THOUSANDS.match(text.strip())]):
        remedy = "Say decimal = ',' or decimal = '.' for this column in the mapping, or write the numbers without separators."
        problems.append(place.whole("error", f"in {values_said(unsure)} the comma may be decimal or separate thousands: set aside.", remedy))
    lo[odd] = np.array([cell.lo for cell in cells])[which]
    hi[odd] = np.array([cell.hi for cell in cells])[which]
    states = np.array([cell.state for cell in cells], np.int8)[which]
    _note_special(place, texts, cells, which, problems)
    return states


def _decimal_comma(texts: Iterable[str]) -> bool:
    commas = [text.strip() for text in texts if _COMMA.match(text.strip())]
    return any(not _THOUSANDS.match(text) for text in commas)


def _note_special(place: Place, texts: list[str], cells: list[Cell], which: NDArray[np.int64], problems: list[Problem]) -> None:
    gone = [position for position, cell in enumerate(cells) if cell.state == NO_VALUE and texts[position].strip()]
    if gone:
        cells_gone = int(np.isin(which, gone).sum())
        problems.append(place.whole("note", f"{counted(cells_gone, 'cell')} saying {values_said([texts[position] for position in gone])} taken as missing."))


def _cell(text: str, variable: Variable, unit: str, special: dict[str, Cell], comma: bool) -> Cell:
    written = token(text)
    if written in special:
        return special[written]
    if written in MISSING or written in UNKNOWN or not written:
        return Cell(state=NO_VALUE)
    if written in NOT_DETECTED:
        return _floored(Cell(-np.inf, 0.0, PARTIAL), variable)
    folded = unicodedata.normalize("NFKC", text).strip().lower()
    for pattern, build in ((_CENSORED, _censored), (_AT_LEAST, _at_least), (_RANGE, _range), (_SINGLE, _single)):
        match = pattern.match(folded)
        if match and (cell := build(match, variable, unit, comma)):
            return cell
    return Cell()


def _number(text: str, comma: bool) -> float | None:
    if "," in text:
        if not comma or text.count(",") > 1 or "." in text:
            return None
        text = text.replace(",", ".")
    return float(text) if re.match(PLAIN, text) else None


def _canonical(text: str, unit_text: str, variable: Variable, unit: str, comma: bool) -> float | None:
    number = _number(text, comma)
    own = variable.recognise_unit(unit_text) if unit_text else unit
    if number is None or own is None:
        return None
    with np.errstate(over="ignore"):
        return float(convert(np.array([number]), variable.conversion(own))[0])


def _censored(match: re.Match[str], variable: Variable, unit: str, comma: bool) -> Cell | None:
    sign, limit = match[1], _canonical(match[2], match[3], variable, unit, comma)
    if limit is None:
        return None
    if sign in LESS:
        return _floored(Cell(-np.inf, np.nextafter(limit, -np.inf) if LESS[sign] else limit, PARTIAL), variable)
    return Cell(np.nextafter(limit, np.inf) if MORE[sign] else limit, np.inf, PARTIAL)


def _at_least(match: re.Match[str], variable: Variable, unit: str, comma: bool) -> Cell | None:
    limit = _canonical(match[1], "", variable, unit, comma)
    return None if limit is None else Cell(limit, np.inf, PARTIAL)


def _range(match: re.Match[str], variable: Variable, unit: str, comma: bool) -> Cell | None:
    low, high = (_canonical(match[end], match[3], variable, unit, comma) for end in (1, 2))
    return None if low is None or high is None or low >= high else Cell(low, high, PARTIAL)


def _single(match: re.Match[str], variable: Variable, unit: str, comma: bool) -> Cell | None:
    value = _canonical(match[1], match[2], variable, unit, comma)
    return None if value is None else Cell(value, value, VALUE)


def _floored(cell: Cell, variable: Variable) -> Cell:
    """What cannot be negative is at least zero."""
    return Cell(max(cell.lo, 0.0), max(cell.hi, 0.0), cell.state) if variable.hard is not None and variable.hard[0] >= 0 else cell


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
