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

    What has a date of its own keeps it. A day with a number is that of the repeated columns with that number. Where two columns of one variable are left, a
    day without a number is of neither: on the same day they would be averaged as one.
    """
    days = {column: use for column, use in uses.items() if is_day(use, catalogue)}
    values = dict.fromkeys((name, use.repeat) for use in uses.values() if use.part is Part.VALUE for name in use.variables[:1])
    own = {(name, use.repeat) for use in uses.values() if use.part is Part.DATE for name in use.variables}
    left = [value for value in values if not {value, (value[0], None)} & own]
    found: dict[str, Day] = {}
    for column, use in sorted(days.items(), key=lambda each: each[1].repeat is None):  # those with a number first
        first = next((other for other in found if (days[other].variables, days[other].repeat) == (use.variables, use.repeat)), None)
        reached = [value for value in left if first is None and catalogue[use.variables[0]].dates(catalogue[value[0]])]
        repeated = [value for value in reached if use.repeat is None and _repeated(value, left)]
        dated = [value for value in reached if value not in repeated and use.repeat in (None, value[1])]
        found[column] = Day(tuple(dated), tuple(repeated), first)
        left = [value for value in left if value not in dated]
    return found


def _repeated(value: Value, left: Collection[Value]) -> bool:
    return sum(other[0] == value[0] for other in left) > 1
