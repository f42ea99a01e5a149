"""Every problem as lines: one a problem, or one a cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from feasibility.problems import Problem, Severity
from feasibility.results.disclosure import EXACT, SMALL, Rounding

ORDER: tuple[Severity, ...] = ("error", "warning", "note")
COUNTED = re.compile(r"\b\d[\d,]*(?= (?:further |birth |index )?(?:age|cell|date|name|patient|reading|record|row|value)\w*)")
"""A number of patients, rows or cells in a message."""


@dataclass(frozen=True)
class Line:
    """One problem, or one cell of one. ``number`` is how many cells, rows or records it stands for (0: it is not about a number of them)."""

    severity: Severity
    file: str
    row: int | None
    column: str
    variable: str
    value: str
    number: int
    message: str
    expected: str
    remedy: str


@dataclass(frozen=True)
class Wanted:
    """Which problems are asked for: of these severities, of this variable or column, with this text anywhere; empty: of any."""

    severities: tuple[str, ...] = ORDER
    subject: str = ""
    text: str = ""

    def concerns(self, problem: Problem) -> bool:
        return problem.severity in self.severities and self.subject in ("", subject(problem))

    def said_in(self, line: Line) -> bool:
        if not self.text.strip():
            return True
        said = " ".join((line.file, line.column, line.variable, line.value, line.message, line.expected, line.remedy))
        return self.text.strip().casefold() in said.casefold()


ALL = Wanted()


def subject(problem: Problem) -> str:
    """The variable a problem is about, else its column; empty where it is about neither."""
    return problem.detail.variable or problem.detail.column


def by_problem(problems: Iterable[Problem], source: str, rounding: Rounding = EXACT, wanted: Wanted = ALL) -> tuple[Line, ...]:
    """One line a problem, errors first. Where small counts are hidden, without rows and cells and with the number rounded."""
    lines = (_of_problem(problem, source, rounding) for problem in _sorted(problems) if wanted.concerns(problem))
    return tuple(line for line in lines if wanted.said_in(line))


def by_cell(problems: Iterable[Problem], source: str, wanted: Wanted = ALL) -> tuple[Line, ...]:
    """One line a cell, as far as cells are kept; a problem that is not about cells has one line of its own."""
    lines = (line for problem in _sorted(problems) if wanted.concerns(problem) for line in _cells_of(problem, source))
    return tuple(line for line in lines if wanted.said_in(line))


def _cells_of(problem: Problem, source: str) -> Iterator[Line]:
    detail = problem.detail
    if not detail.rows:
        yield _of_problem(problem, source, EXACT)
        return
    said, file, values = detail.each or problem.message, detail.table or source, detail.values or ("",) * len(detail.rows)
    for row, value in zip(detail.rows, values, strict=True):
        yield Line(problem.severity, file, row, detail.column, detail.variable, value, 1, said, detail.expected, problem.remedy)
    if detail.number > len(detail.rows):
        rest = f"{said}: {detail.number - len(detail.rows):,} more that are not listed"
        yield Line(problem.severity, file, None, detail.column, detail.variable, "", detail.number - len(detail.rows), rest, detail.expected, problem.remedy)


def _sorted(problems: Iterable[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: ORDER.index(problem.severity))


def _of_problem(problem: Problem, source: str, rounding: Rounding) -> Line:
    detail, message = problem.detail, problem.message
    if rounding.unit:
        message = detail.each or COUNTED.sub(lambda found: f"{rounding.count(int(found[0].replace(',', ''))):,}", message)
    elif not subject(problem) and problem.where:
        message = f"{problem.where}: {message}"
    return Line(
        problem.severity,
        detail.table or source,
        None,
        detail.column,
        detail.variable,
        "",
        rounding.count(detail.number),
        message,
        detail.expected,
        problem.remedy,
    )


def hides(rounding: Rounding) -> bool:
    """Whether single cells may not be listed: small counts are hidden."""
    return rounding.unit >= SMALL
