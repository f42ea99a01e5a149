"""What went wrong with an input, said so that its owner can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Severity = Literal["error", "warning", "note"]

MOST_CELLS = 10_000
"""How many cells of one problem are kept, so that a column that is wrong from top to bottom is not held twice."""


class Found(StrEnum):
    """What a problem is about, where problems of a kind are counted."""

    UNREADABLE = "unreadable"  # a cell that means nothing known: set aside
    IMPOSSIBLE = "impossible"  # a value outside the possible range: set aside
    UNUSUAL = "unusual"  # a value outside the usual range: kept
    WRONG_WIDTH = "wrong width"  # a row with more or fewer cells than the header: set aside
    BLANK_ROW = "blank row"  # a row of the table without any cell
    HEADER_AGAIN = "header again"  # the header, between the records
    UNDER_TABLE = "under table"  # a total, source or legend under the records: set aside
    NO_PATIENT = "no patient"  # a row without an identifier: set aside
    SAME_ROW = "same row"  # a row that repeats another of the patient word for word: used once
    OTHER_ROW = "other row"  # a further row of a patient, with other values: set aside
    AGAIN_IN_FILE = "again in file"  # a row of a patient whom an earlier file has: set aside
    LEFT_OUT = "left out"  # a row that the mapping does not keep
    STRANGER = "stranger"  # a row of a patient who is not in the patient file: set aside
    NO_NAME = "no name"  # a row of a long table that does not say what it is of: set aside
    OTHER_SPECIMEN = "other specimen"  # a row of a long table measured in something else than its variable is: set aside
    NAME_NOT_USED = "name not used"  # a row of a long table whose name has no meaning: set aside
    IDENTICAL = "identical"  # a reading identical to another of the same day: dropped
    DIFFERING = "differing"  # a patient's day with differing readings: made one
    AFTER_INDEX = "after index"  # a date after the index date: kept, outside every window
    BACKWARDS = "backwards"  # an event that ends before it starts: the end is unknown
    DENIED = "denied"  # an event flagged as not occurred and dated: open
    AGES_APART = "ages apart"  # an age that the birth date contradicts: the birth date is used
    BORN_AFTER = "born after"  # a birth date after the index date: set aside


@dataclass(frozen=True)
class Detail:
    """What a problem is about, as data: a column of a table (the empty name where there is only one) and some of its cells.

    ``number`` is how many cells, rows or records (0: it is not about a number of them); of these the first ``MOST_CELLS`` stand in ``rows``, by their
    row in the file, with what each says in ``values`` (empty where that is not kept). ``each`` says what is wrong with one of them, ``expected``
    what would be right.
    """

    table: str = ""
    column: str = ""
    variable: str = ""
    found: Found | None = None
    number: int = 0
    rows: tuple[int, ...] = ()
    values: tuple[str, ...] = ()
    each: str = ""
    expected: str = ""


NO_DETAIL = Detail()


@dataclass(frozen=True)
class Problem:
    """One thing found in an input.

    ``error``: the input (or that part of it) cannot be used; ``warning``: it was used, and a number may be affected;
    ``note``: it was used as described, for the record.
    """

    severity: Severity
    where: str
    message: str
    remedy: str = ""
    detail: Detail = field(default=NO_DETAIL, compare=False, repr=False)

    def __str__(self) -> str:
        return " ".join(part for part in (f"{self.where}: {self.message}" if self.where else self.message, self.remedy) if part)


class Unusable(Exception):
    """An input that cannot be used at all; carries every problem found, as sentences."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        assert self.problems
        super().__init__("\n".join(str(problem) for problem in self.problems))
