"""The questions that files leave: what each is about, how much hangs on it, and the answer proposed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import pyarrow as pa

from feasibility.intake.converted import text_of
from feasibility.intake.mapping import ColumnUse, Part
from feasibility.intake.places import shown
from feasibility.problems import Severity

COLUMNS = "columns"
"""Where in a mapping the columns of a file with one row a patient stand."""

SAMPLE_ROWS = 20_000
FEW = 12
"""A column with more distinct texts than this is not a coding of a few values."""



class Weight(StrEnum):
    """What becomes of a question that nobody answers."""

    MUST = "must"  # the column is not used
    SETTLED = "settled"  # the proposal is used, and noted
    OFFERED = "offered"  # the proposal is not used; the column is


class About(StrEnum):
    """What is asked."""

    VARIABLE = "variable"
    UNIT = "unit"
    CODING = "coding"
    DATE_ORDER = "date_order"
    DATE_NUMBERS = "date_numbers"
    DECIMAL = "decimal"
    CENSORED = "censored_at"
    SENTINELS = "sentinels"
    DATES = "dates"  # whether a column is the date of its row's values


@dataclass(frozen=True)
class Question:
    """A question about one column (or one name of a long table): the answer proposed is a whole ``ColumnUse``, None where none is.

    ``of_person``: it is about a date of the patient's own, not of a record. ``severity`` is that of saying that the proposal was used, where it was.
    """

    column: str
    about: About
    weight: Weight
    text: str
    remedy: str
    proposed: ColumnUse | None = None
    choices: tuple[str, ...] = ()
    table: str = "data"
    label: str = field(default="column")
    severity: Severity = "note"
    of_person: bool = False

    @property
    def where(self) -> str:
        prefix = "" if self.table == "data" else f"{self.table}, "
        return f"{prefix}{self.label} {shown(self.column)}"


def entry(column: str, use: ColumnUse, section: str, more: str = "") -> str:
    """How to answer: the line for the mapping, as far as it is known."""
    parts = [f'variable = "{use.variables[0]}"'] if use.variables else []
    parts += [] if use.part is Part.VALUE else [f'part = "{use.part}"']
    parts += [f"repeat = {use.repeat}"] if use.repeat is not None else []
    parts += [f'unit = "{use.unit}"'] if use.unit is not None and not more.startswith("unit") else []
    parts += ["coding = { " + ", ".join(f'"{code}" = "{meaning}"' for code, meaning in use.coding.items()) + " }"] if use.coding else []
    parts += ["sentinels = [" + ", ".join(f'"{sentinel}"' for sentinel in use.sentinels) + "]"] if use.sentinels else []
    parts += [f"censored_at = {use.censored_at:g}"] if use.censored_at is not None else []
    parts += [f'decimal = "{use.decimal}"'] if use.decimal is not None else []
    return f"Answer on the Data page, or in the mapping under [{section}]: \"{shown(column)}\" = {{ {', '.join([*parts, more] if more else parts)} }}."


def sample_texts(cells: pa.ChunkedArray) -> list[str]:
    """Non-empty cells from the beginning of a column."""
    return [text for text in text_of(cells.slice(0, SAMPLE_ROWS)).drop_null().to_pylist() if text.strip()]
