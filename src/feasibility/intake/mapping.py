"""What each column of the files means: said once, confirmed by the user."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from feasibility.cohort import Undated
from feasibility.variables import Catalogue, Kind


class Part(StrEnum):
    """Which part of a variable's record a column holds."""

    VALUE = "value"
    DATE = "date"  # of a measurement, or the start of an event
    END = "end"
    UNIT = "unit"  # of a number, row by row


class DateOrder(StrEnum):
    """How dates such as 03/04/2025 or 25.03.04 are written."""

    DAY_MONTH = "dmy"
    MONTH_DAY = "mdy"
    YEAR_FIRST = "ymd"


class DateNumbers(StrEnum):
    """What numbers in a column of dates count, and from when."""

    EXCEL = "excel"  # days, as a workbook keeps dates
    EXCEL_1904 = "excel_1904"  # days, as old workbooks of the Macintosh do
    SAS = "sas"  # days since 1960
    UNIX_DAYS = "unix_days"  # days since 1970
    SAS_SECONDS = "sas_seconds"  # since 1960
    UNIX = "unix"  # seconds since 1970
    STATA = "stata"  # milliseconds since 1960
    UNIX_MS = "unix_ms"  # milliseconds since 1970


class BlankEnd(StrEnum):
    """What it means that an event has a start and no end."""

    UNKNOWN = "unknown"
    ONGOING = "ongoing"


@dataclass(frozen=True)
class ColumnUse:
    """What one column (or one name in a long table) means.

    ``variables`` is empty for a column that is not used; a date column may serve several. ``repeat`` numbers repeated columns (None: not numbered).
    ``coding`` says what a cell's text stands for: a value of the catalogue, ``yes``, ``no``, ``unknown`` or ``missing``. ``sentinels`` are cells
    that mean missing. From ``censored_at`` on, a number means "at least". ``decimal`` is given where numbers have a decimal comma.
    ``median`` is that of its numbers, as written, when the mapping was saved: by it another unit shows where values alone do not tell. It is no meaning, and
    ``confirmed`` is none: what the cells gave reason to ask about (``questions.About``) and somebody has settled, whatever the answer was.
    """

    variables: tuple[str, ...] = ()
    part: Part = Part.VALUE
    repeat: int | None = None
    unit: str | None = None
    coding: Map[str, str] = field(default_factory=dict)
    sentinels: tuple[str, ...] = ()
    censored_at: float | None = None
    decimal: str | None = None
    date_order: DateOrder | None = None
    date_numbers: DateNumbers | None = None
    undated: Undated | None = None
    blank_end: BlankEnd = BlankEnd.UNKNOWN
    confirmed: frozenset[str] = field(default=frozenset(), compare=False)
    median: float | None = field(default=None, compare=False)

    def settled(self, about: str, **fields: Any) -> ColumnUse:
        """This use with other fields, and with the question about them settled."""
        return replace(self, **fields, confirmed=self.confirmed | {about})


UNUSED = ColumnUse()


@dataclass(frozen=True)
class LongUse:
    """The columns of a long table, by header, and what each name in its ``name`` column means.

    ``dates`` is how the columns ``date`` and ``end`` are written.
    ``limit`` is the column of a table of measurements with a sign beside each value: ``<``, ``>=``, or OMOP's concept of one.
    ``status`` is the column of an events table that says whether the event of a row occurred, ``status_coding`` what its codes stand for.
    """

    patient: str
    name: str
    value: str | None = None
    unit: str | None = None
    date: str | None = None
    end: str | None = None
    fields: Map[str, ColumnUse] = field(default_factory=dict)
    names: Map[str, ColumnUse] = field(default_factory=dict)
    dates: ColumnUse = UNUSED
    status: str | None = None
    status_coding: Map[str, str] = field(default_factory=dict)
    limit: str | None = None

    @property
    def in_part(self) -> bool:
        """Whether it only adds to what the table suggests."""
        return not self.patient


@dataclass(frozen=True)
class Mapping:
    """What the columns of all files of a cohort mean. ``index_date`` is the header of a column, one date for all patients, or None.

    ``site`` is the header of the column that says where patients are treated ("": none does).
    ``keep`` narrows a file with one row a patient to the rows whose cell in each of these columns is one of those given.
    """

    patient: str | None = None
    index_date: str | date | None = None
    index_order: DateOrder | None = None
    columns: Map[str, ColumnUse] = field(default_factory=dict)
    measurements: LongUse | None = None
    events: LongUse | None = None
    keep: Map[str, tuple[str, ...]] = field(default_factory=dict)
    site: str | None = None

    def use(self, column: str) -> ColumnUse:
        return self.columns.get(column, UNUSED)

    def with_column(self, column: str, use: ColumnUse) -> Mapping:
        """This mapping with another meaning for one column."""
        return replace(self, columns={**self.columns, column: use})


LONG_ROLES = ("patient", "name", "value", "limit", "unit", "date", "end", "status")

OCCURRENCE = ("yes", "no", "unknown", "missing")


def meanings(catalogue: Catalogue, variable: str) -> set[str]:
    """What a cell of this variable may be coded to."""
    entry = catalogue[variable]
    general = set(OCCURRENCE) if entry.kind is Kind.EVENT else {"unknown", "missing"}
    return general | set(entry.values) | ({"yes", "no"} if set(entry.values) >= {"yes", "no"} or set(entry.values) == {"negative", "positive"} else set())
