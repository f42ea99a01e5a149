"""The questions that files leave: what each is about, how much hangs on it, and the answer proposed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from feasibility.intake.converted import taken, text_of
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


DECIDES = {
    About.VARIABLE: ("variables",),
    About.UNIT: ("unit",),
    About.CODING: ("coding", "unit"),
    About.DATE_ORDER: ("date_order",),
    About.DATE_NUMBERS: ("date_numbers",),
    About.DECIMAL: ("decimal",),
    About.CENSORED: ("censored_at",),
    About.SENTINELS: ("sentinels",),
    About.DATES: ("variables", "part"),
}
"""The fields of a use that an answer decides; what else stands is left as it is."""


@dataclass(frozen=True)
class Question:
    """A question about one column (or one name of a long table): the answer proposed is a whole ``ColumnUse``, None where none is.

    ``codes`` are those to be answered for, as they are compared, where it is about what each stands for and no answer is proposed.
    ``of_person``: it is about a date of the patient's own, not of a record. ``severity`` is that of saying that the proposal was used, where it was.
    """

    column: str
    about: About
    weight: Weight
    text: str
    remedy: str
    proposed: ColumnUse | None = None
    choices: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    table: str = "data"
    label: str = field(default="column")
    severity: Severity = "note"
    of_person: bool = False

    @property
    def where(self) -> str:
        prefix = "" if self.table == "data" else f"{self.table}, "
        return f"{prefix}{self.label} {shown(self.column)}"

    def answered(self, use: ColumnUse, answer: ColumnUse) -> ColumnUse:
        """The use as it stands with what this question decides taken from the answer."""
        return use.settled(self.about, **{name: getattr(answer, name) for name in DECIDES[self.about]})


@dataclass(frozen=True, eq=False)
class Subject:
    """What is asked about: a column, or the rows with one name of a long table. ``units`` are the units written beside the cells, where a column says them.

    ``tables`` is how many tables hold rows of it: what they settle between them holds for each.
    """

    name: str
    cells: pa.ChunkedArray
    units: pa.ChunkedArray | None = None
    section: str = COLUMNS
    table: str = "data"
    label: str = "column"
    tables: int = 1

    def question(self, about: About, weight: Weight, text: str, remedy: str, proposed: ColumnUse | None = None, choices: tuple[str, ...] = ()) -> Question:
        return Question(self.name, about, weight, text, remedy, proposed, choices, table=self.table, label=self.label)

    def entry(self, use: ColumnUse, more: str = "") -> str:
        """How to answer: the line for the mapping, as far as it is known."""
        return entry(self.name, use, self.section, more)

    @cached_property
    def sampled(self) -> pa.ChunkedArray:
        """Cells from all over it."""
        return taken(self.cells, self._rows)

    @cached_property
    def sample(self) -> Sample:
        """The cells from all over it that are not empty."""
        texts = text_of(self.sampled).to_pylist()
        units = [""] * len(texts) if self.units is None else [(unit or "").strip() for unit in text_of(taken(self.units, self._rows)).to_pylist()]
        kept = [(text, unit) for text, unit in zip(texts, units, strict=True) if text is not None and text.strip()]
        return Sample(tuple(text for text, _ in kept), tuple(unit for _, unit in kept))

    @property
    def _rows(self) -> NDArray[np.intp]:
        rows = len(self.cells)
        return np.arange(rows) if rows <= SAMPLE_ROWS else np.linspace(0, rows - 1, SAMPLE_ROWS).astype(np.intp)


@dataclass(frozen=True)
class Sample:
    """Cells as written, and the unit written beside each (empty: none)."""

    texts: tuple[str, ...]
    units: tuple[str, ...]

    @property
    def bare(self) -> list[str]:
        """The cells beside which no unit is written."""
        return [text for text, unit in zip(self.texts, self.units, strict=True) if not unit]

    def by_unit(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for text, unit in zip(self.texts, self.units, strict=True):
            found.setdefault(unit, []).append(text)
        return found


def entry(column: str, use: ColumnUse, section: str, more: str = "") -> str:
    """How to answer: the line for the mapping, as far as it is known."""
    names = ", ".join(f'"{name}"' for name in use.variables)
    parts = [f"variable = {names if len(use.variables) == 1 else f'[{names}]'}"] if use.variables else []
    parts += [] if use.part is Part.VALUE else [f'part = "{use.part}"']
    parts += [f"repeat = {use.repeat}"] if use.repeat is not None else []
    parts += [f'unit = "{use.unit}"'] if use.unit is not None and not more.startswith("unit") else []
    parts += ["coding = { " + ", ".join(f'"{code}" = "{meaning}"' for code, meaning in use.coding.items()) + " }"] if use.coding else []
    parts += ["sentinels = [" + ", ".join(f'"{sentinel}"' for sentinel in use.sentinels) + "]"] if use.sentinels else []
    parts += [f"censored_at = {use.censored_at:g}"] if use.censored_at is not None else []
    parts += [f'decimal = "{use.decimal}"'] if use.decimal is not None else []
    said = [*parts, more] if more else parts
    if not use.variables:  # of the dates of a long table's rows
        return f"Answer on the Data page, or say {' and '.join(said)} in the mapping under [{section}]."
    return f"Answer on the Data page, or in the mapping under [{section}]: \"{shown(column)}\" = {{ {', '.join(said)} }}."


