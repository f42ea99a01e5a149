"""Which column of a table is the day on which several values of a row were taken: by header where its cells are dates, asked where several may be it."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import replace

from feasibility.intake.asking_dates import may_be_dates
from feasibility.intake.days import Day, days_in, is_day
from feasibility.intake.headers import Header
from feasibility.intake.mapping import ColumnUse
from feasibility.intake.places import shown
from feasibility.intake.questions import About, Question, Weight
from feasibility.intake.subjects import of_column
from feasibility.intake.tables import Tables
from feasibility.variables import Catalogue


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


def _said_by(header: Header) -> ColumnUse:
    return ColumnUse(header.variables, header.part, header.repeat)
