"""The row under a header that gives units: known by its units over numbers, and by having no value in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from feasibility.intake.files.cells import is_coding, is_format, is_sentence, is_value, unit_in
from feasibility.intake.words import MISSING

Row = Sequence[str]


@dataclass(frozen=True)
class UnitsRow:
    """What a row says by column: ``units``, ``labels`` (a date's format, a coding), and ``doubts``: cells for which it is no row of units after all."""

    units: dict[int, str]
    labels: dict[int, str]
    doubts: dict[int, str]


def units_row(row: Row, below: Sequence[Row], identifier: int) -> UnitsRow | None:
    """What a row with units over columns of numbers says; None where there are none. In the column of ``identifier`` a row of units has none."""
    units: dict[int, str] = {}
    labels: dict[int, str] = {}
    doubts: dict[int, str] = {}
    strange: dict[int, str] = {}
    over_numbers = False
    for column, cell in enumerate(row):
        text = cell.strip()
        unit, says = unit_in(text), is_format(text) or is_coding(text)
        if not text or (unit == "" and (not says or text.casefold() in MISSING)):
            continue
        values = [other[column].strip() for other in below if column < len(other) and other[column].strip()]
        numbers = not values or any(is_value(value) for value in values)
        if column == identifier or is_value(text) or text.casefold() in {value.casefold() for value in values}:
            doubts[column] = text
        elif unit and numbers:
            units[column] = unit
            over_numbers |= bool(values) and (len(unit) > 1 or not unit.isalpha())  # u: unknown, m: male
        elif says:
            labels[column] = text
        else:
            (units if numbers and not is_sentence(text) else labels)[column] = strange[column] = text
    if not over_numbers:
        return None
    sure = {column: unit for column, unit in units.items() if column not in strange}
    if len(strange) > len(sure):
        doubts |= strange
    return UnitsRow(sure if doubts else units, labels, dict(sorted(doubts.items())))
