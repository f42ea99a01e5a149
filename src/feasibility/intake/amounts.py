"""What one text says of a quantity: a number, a limit or a range, as an interval in the variable's canonical unit."""

from __future__ import annotations

import re
from collections.abc import Callable, Set
from dataclasses import dataclass, replace

import numpy as np

from feasibility.intake.mapping import ColumnUse
from feasibility.intake.numerals import CENSORED, OPEN_BEFORE_UNIT, OPEN_ENDED, PLAIN, RANGE, SINGLE, Separators, cleaned, number, without_flag
from feasibility.intake.words import LESS, MISSING, MORE, NO_RESULT, NOT_DETECTED, NOTHING, OR_LESS, UNKNOWN, token
from feasibility.units import convert
from feasibility.variables import MissingPolicy, Variable

UNREADABLE, NO_VALUE, VALUE, PARTIAL = range(4)


@dataclass(frozen=True)
class Cell:
    """What one text means, in the canonical unit."""

    lo: float = -np.inf
    hi: float = np.inf
    state: int = UNREADABLE
    flagged: bool = False


@dataclass(frozen=True)
class Reading:
    """What the cells of a column are read with: ``unit`` is that of numbers without one."""

    variable: Variable
    unit: str
    special: dict[str, Cell]
    how: Separators


def cell_of(text: str, reading: Reading) -> Cell:
    written = token(text)
    if written in reading.special:
        return reading.special[written]
    if not written or written in MISSING or written in UNKNOWN or written in NO_RESULT:
        return Cell(state=NO_VALUE)
    if written in NOT_DETECTED:
        return _floored(Cell(-np.inf, 0.0, PARTIAL), reading.variable)
    if (cell := _numeric(text, reading)) is not None:
        return cell
    shorter = without_flag(text)
    cell = None if shorter is None else _numeric(shorter, reading)
    return Cell() if cell is None else replace(cell, flagged=True)


def _numeric(text: str, reading: Reading) -> Cell | None:
    folded = cleaned(text)
    for pattern, build in _FORMS:
        match = pattern.match(folded)
        if match and (cell := build(match, reading)) is not None:
            return cell
    return None


def _canonical(text: str, unit_text: str, reading: Reading) -> float | None:
    value = number(text, reading.how)
    own = reading.unit if not unit_text else None if "+" in unit_text else reading.variable.recognise_unit(unit_text)
    if value is None or own is None:
        return None
    with np.errstate(over="ignore"):
        return float(convert(np.array([value]), reading.variable.conversion(own))[0])


def _below(limit: float, without: bool, variable: Variable) -> Cell:
    return _floored(Cell(-np.inf, np.nextafter(limit, -np.inf) if without else limit, PARTIAL), variable)


def _censored(match: re.Match[str], reading: Reading) -> Cell | None:
    sign, limit = match[1], _canonical(match[2], match[3], reading)
    if limit is None:
        return None
    if sign in LESS:
        return _below(limit, LESS[sign], reading.variable)
    return Cell(np.nextafter(limit, np.inf) if MORE[sign] else limit, np.inf, PARTIAL)


def _open_ended(match: re.Match[str], reading: Reading) -> Cell | None:
    if match[3] == "+" and not _plus_is_more(reading.variable):
        return None
    limit = _canonical(match[1], match[2], reading)
    if limit is None:
        return None
    return _below(limit, False, reading.variable) if match[3] in OR_LESS else Cell(limit, np.inf, PARTIAL)


def _open_before_unit(match: re.Match[str], reading: Reading) -> Cell | None:
    limit = _canonical(match[1], match[3], reading)
    return None if limit is None or not _plus_is_more(reading.variable) else Cell(limit, np.inf, PARTIAL)


def _plus_is_more(variable: Variable) -> bool:
    """Whether 80+ is 80 or more, as files cut off ages. Of anything but years 4+ may be the grade of a test strip."""
    return variable.unit == "years"


def graded(text: str, variable: Variable) -> bool:
    """Whether a number has a plus behind it that may be a grade."""
    match = SINGLE.match(cleaned(text))
    return match is not None and "+" in match[2] and not _plus_is_more(variable)


def _range(match: re.Match[str], reading: Reading) -> Cell | None:
    low, high = (_canonical(match[end], match[3], reading) for end in (1, 2))
    return None if low is None or high is None or low >= high else Cell(low, high, PARTIAL)


def _single(match: re.Match[str], reading: Reading) -> Cell | None:
    value = _canonical(match[1], match[2], reading)
    return None if value is None else Cell(value, value, VALUE)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Reading], Cell | None]], ...] = (
    (CENSORED, _censored), (OPEN_ENDED, _open_ended), (OPEN_BEFORE_UNIT, _open_before_unit), (RANGE, _range), (SINGLE, _single),
)  # fmt: skip


def _floored(cell: Cell, variable: Variable) -> Cell:
    """What cannot be negative is at least zero."""
    return Cell(max(cell.lo, 0.0), max(cell.hi, 0.0), cell.state) if variable.hard is not None and variable.hard[0] >= 0 else cell


def special_cells(variable: Variable, use: ColumnUse, nothing: Set[str] = NOTHING) -> dict[str, Cell]:
    """Texts that stand for something other than the number they may look like; ``nothing`` are marks that may mean nothing recorded."""
    cells: dict[str, Cell] = {}
    for label, (lo, hi) in variable.values.items():
        for word in (label, *variable.words.get(label, ())):
            # A plain number is a number (HBV DNA "0"), unless no such number can be true (a SNOMED code of a class).
            text = token(word)
            if not re.match(PLAIN, text) or _impossible(float(text), variable):
                cells[text] = Cell(lo, hi, VALUE if lo == hi else PARTIAL)
    if variable.missing is MissingPolicy.UNKNOWN:
        cells |= dict.fromkeys(nothing - set(map(token, variable.values)), Cell(state=NO_VALUE))
    for written, meaning in use.coding.items():
        lo, hi = variable.values.get(meaning, (-np.inf, np.inf))
        cells[token(written)] = Cell(lo, hi, NO_VALUE if meaning not in variable.values else VALUE if lo == hi else PARTIAL)
    for sentinel in use.sentinels:
        cells[token(sentinel)] = Cell(state=NO_VALUE)
    return cells


def _impossible(number: float, variable: Variable) -> bool:
    return variable.hard is not None and not variable.hard[0] <= number <= variable.hard[1]


