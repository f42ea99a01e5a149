"""Which column of a table is the day on which several values of a row were taken: by header where its cells are dates, asked where several may be it.

Where none is by its header, the dates that nothing else is known of are asked about.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as Map
from dataclasses import replace

from feasibility.intake.asking_dates import dates_mostly, may_be_dates
from feasibility.intake.days import Day, days_in, is_day
from feasibility.intake.files.table import Table
from feasibility.intake.headers import Header
from feasibility.intake.mapping import ColumnUse, Part
from feasibility.intake.places import shown
from feasibility.intake.questions import COLUMNS, About, Question, Weight, entry
from feasibility.intake.row_dates import FIRST_FEW, of_each_row
from feasibility.intake.subjects import of_column
from feasibility.intake.tables import DATA, Tables
from feasibility.variables import Catalogue, Kind

MOST_ASKED = 3


def with_days_of_dates(tables: Tables, headers: Map[str, Header | None], catalogue: Catalogue) -> dict[str, Header | None]:
    """The headers, without those of days whose cells are no dates."""
    told = dict(headers)
    for column, header in headers.items():
        if header is not None and is_day(_said_by(header), catalogue):
            variable = catalogue[header.variables[0]]
            told[column] = header if may_be_dates(of_column(tables, column, headers), variable.years) else None
    return told


def rivals_of(column: str, tables: Tables, headers: Map[str, Header | None], catalogue: Catalogue) -> list[str]:
    """The other columns of its table whose headers say the same day."""
    own = headers[column]
    if own is None or not is_day(_said_by(own), catalogue):
        return []
    table = next(table for table in tables.wide.values() if column in table.columns)
    there = ((other, headers.get(other)) for other in table.columns if other != column)
    return [other for other, header in there if header is not None and (header.variables, header.repeat) == (own.variables, own.repeat)]


def which_of(rivals: list[str], column: str, use: ColumnUse, asked: list[Question], tables: Tables, catalogue: Catalogue) -> list[Question]:
    """What is asked of a column of days, with which of several it is in place of whether it is one."""
    label = catalogue[use.variables[0]].label
    text = f"Is it {label}? {' and '.join(shown(other) for other in rivals)} may be that too, and only one of them can be."
    subject = of_column(tables, column, {column: use})
    which = subject.question(About.VARIABLE, Weight.MUST, text, subject.entry(use), use, tuple(catalogue.variables))
    return [which, *(each for each in asked if each.about is not About.VARIABLE)]


def of_other_specimens(column: str, header: Header, tables: Tables, columns: Map[str, ColumnUse], catalogue: Catalogue) -> list[Question]:
    """That a column whose header names one specimen dates what is measured in another too."""
    table = next(table for table in tables.wide.values() if column in table.columns)
    use, day = columns[column], catalogue[header.variables[0]]
    named = day.specimen_in(header.matched)
    dated = days_in({each: columns[each] for each in table.columns if each in columns}, catalogue).get(column, Day()).dated
    others = dict.fromkeys(catalogue[name].label for name, _ in dated if catalogue[name].specimen != named)
    if not named or not others:
        return []
    subject = of_column(tables, column, columns)
    text = f"The header names {named}; it is taken as the day of what is not measured in {named} too: {', '.join(others)}."
    remedy = f"{subject.entry(use)} If that is of another day, give it a date column of its own, or say {{ ignore = true }} there."
    return [replace(subject.question(About.DATES, Weight.SETTLED, text, remedy, use), severity="warning")]


def ask_of_dates(
    tables: Tables, table: Table, columns: Map[str, ColumnUse], unsaid: Collection[str], catalogue: Catalogue
) -> list[Question]:
    """Whether columns of dates whose headers say nothing are the day of a table's laboratory values, where none of these has one; not of rows of visits."""
    uses = {each: columns[each] for each in table.columns if each in columns}
    asked: list[Question] = []
    for column in (each for each in table.columns if each in unsaid):
        if not (undated := _undated(column, uses, catalogue)):
            return []
        if len(asked) < MOST_ASKED and dates_mostly(of_column(tables, column, columns)) and not of_each_row(tables, column):
            labels = list(dict.fromkeys(catalogue[name].label for name in undated))
            said = ", ".join(labels[:FIRST_FEW]) + (f" and {len(labels) - FIRST_FEW} more" if len(labels) > FIRST_FEW else "")
            text = f"Does '{shown(column)}' say when these were taken: {said}? Until that is answered they count as of the index date."
            use = _day(catalogue)
            asked.append(Question(column, About.VARIABLE, Weight.OFFERED, text, entry(column, use, COLUMNS), use))
    return asked


def of_unsaid(question: Question) -> bool:
    """Whether it is asked of a column whose header says nothing."""
    return question.table == DATA and (question.about, question.weight) == (About.VARIABLE, Weight.OFFERED)


def still_asked(question: Question, tables: Tables, columns: Map[str, ColumnUse], catalogue: Catalogue) -> bool:
    """Whether a question is to be asked still, as the columns stand now: of a day only while what it would date has no date."""
    if not of_unsaid(question):
        return True
    table = next(table for table in tables.wide.values() if question.column in table.columns)
    return bool(_undated(question.column, {each: columns[each] for each in table.columns if each in columns}, catalogue))


def _day(catalogue: Catalogue) -> ColumnUse:
    return ColumnUse((next(name for name, variable in catalogue.variables.items() if variable.kind is Kind.DAY),), Part.DATE)


def _undated(column: str, uses: Map[str, ColumnUse], catalogue: Catalogue) -> list[str]:
    """The variables of a table that a column would date as their day; none where one of them has a date, or the table such a day."""
    day = _day(catalogue)
    if any(is_day(use, catalogue) for use in uses.values()):
        return []
    own = {name for use in uses.values() if use.part is Part.DATE for name in use.variables}
    if any(catalogue[day.variables[0]].dates(catalogue[name]) for name in own):
        return []
    return [name for name, _ in days_in({**uses, column: day}, catalogue)[column].dated]


def _said_by(header: Header) -> ColumnUse:
    return ColumnUse(header.variables, header.part, header.repeat)
