"""Columns with the day on which several values of a row were taken, all those of the laboratory: which values each dates, and which it does not."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as Map
from dataclasses import dataclass

from feasibility.intake.mapping import ColumnUse, Part
from feasibility.variables import Catalogue, Kind

Value = tuple[str, int | None]
"""A variable and the number of its repeated column."""


@dataclass(frozen=True)
class Day:
    """What a column of days dates, what it leaves because columns are repeated, and the column before it that says the same day."""

    dated: tuple[Value, ...] = ()
    repeated: tuple[Value, ...] = ()
    again: str | None = None


def is_day(use: ColumnUse, catalogue: Catalogue) -> bool:
    """Whether a column is the day of several values of its row."""
    return bool(use.variables) and catalogue[use.variables[0]].kind is Kind.DAY


def days_in(uses: Map[str, ColumnUse], catalogue: Catalogue) -> dict[str, Day]:
    """The columns of days among those of one table.

    What has a date of its own keeps it. One without a number dates no repeated columns: given the same day, two of them would be averaged as one. One with a
    number dates those with that number.
    """
    days = {column: use for column, use in uses.items() if is_day(use, catalogue)}
    values = {
        (name, use.repeat): catalogue[name]
        for use in uses.values()
        if use.part is Part.VALUE
        for name in use.variables[:1]
        if catalogue[name].specimen and not is_day(use, catalogue)
    }
    own = {(name, use.repeat) for use in uses.values() if use.part is Part.DATE for name in use.variables}
    undated = {value: variable for value, variable in values.items() if not {value, (value[0], None)} & own}
    found: dict[str, Day] = {}
    for column, use in days.items():
        first = next((other for other in found if days[other].variables == use.variables and days[other].repeat == use.repeat), None)
        if first is not None:
            found[column] = Day(again=first)
            continue
        reached = [value for value, variable in undated.items() if catalogue[use.variables[0]].dates(variable)]
        if use.repeat is None:
            repeated = [value for value in reached if _repeated(value, values)]
            found[column] = Day(tuple(value for value in reached if value not in repeated), tuple(repeated))
        else:
            found[column] = Day(tuple(value for value in reached if value[1] == use.repeat))
    numbered = {value for day in found.values() for value in day.dated}
    return {column: Day(day.dated, tuple(value for value in day.repeated if value not in numbered), day.again) for column, day in found.items()}


def _repeated(value: Value, values: Collection[Value]) -> bool:
    return sum(other[0] == value[0] for other in values) > 1
