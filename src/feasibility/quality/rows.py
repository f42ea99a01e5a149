"""Every row accounted for: used, or set aside for a reason; and what was made of records that repeat each other."""

from __future__ import annotations

from dataclasses import dataclass

from feasibility.cohort import FileReport, Report
from feasibility.problems import Found

ROW_REASONS = (
    Found.BLANK_ROW,
    Found.HEADER_AGAIN,
    Found.UNDER_TABLE,
    Found.NO_PATIENT,
    Found.SAME_ROW,
    Found.OTHER_ROW,
    Found.AGAIN_IN_FILE,
    Found.STRANGER,
    Found.NO_NAME,
    Found.OTHER_SPECIMEN,
    Found.NAME_NOT_USED,
    Found.LEFT_OUT,
    Found.WRONG_WIDTH,
)
"""Why a whole row is set aside; what is left over are rows of a long table in which nothing can be used."""


@dataclass(frozen=True)
class FileRows:
    """The rows of one file; ``reasons`` sum to those set aside, None is for rows in which nothing can be used."""

    name: str
    read: int
    used: int
    reasons: tuple[tuple[Found | None, int], ...]

    @property
    def set_aside(self) -> int:
        return self.read - self.used


@dataclass(frozen=True)
class Repeats:
    """Of one variable: readings dropped as identical to another of the same day, and patients' days with differing readings."""

    variable: str
    identical: int
    differing: int


def files(report: Report) -> tuple[FileRows, ...]:
    """The rows of each file, by what became of them."""
    return tuple(_rows(file, report) for file in report.files)


def _rows(file: FileReport, report: Report) -> FileRows:
    counts: dict[Found | None, int] = {}
    for problem in report.problems:
        found = problem.detail.found
        if found in ROW_REASONS and (len(report.files) == 1 or problem.detail.table == file.name):
            counts[found] = counts.get(found, 0) + problem.detail.number
    rest = file.rows_set_aside - sum(counts.values())
    if rest > 0:
        counts[None] = rest
    return FileRows(file.name, file.rows_read, file.rows_used, tuple(counts.items()))


def repeats(report: Report) -> tuple[Repeats, ...]:
    """By variable what was dropped or made one because it was recorded twice on a day."""
    found: dict[str, dict[Found, int]] = {}
    for problem in report.problems:
        kind = problem.detail.found
        if kind in (Found.IDENTICAL, Found.DIFFERING):
            counts = found.setdefault(problem.detail.variable, {})
            counts[kind] = counts.get(kind, 0) + problem.detail.number
    return tuple(Repeats(variable, counts.get(Found.IDENTICAL, 0), counts.get(Found.DIFFERING, 0)) for variable, counts in found.items())
