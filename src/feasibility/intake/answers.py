"""What is answered and said of the columns, put into what was suggested: the mapping then, and what is still to be asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from feasibility.intake.asking import ask
from feasibility.intake.asking_dates import ask_dates
from feasibility.intake.asking_days import of_unsaid, still_asked
from feasibility.intake.headers import Header, read_header
from feasibility.intake.mapping import LONG_ROLES, UNUSED, ColumnUse, LongUse, Mapping, Part
from feasibility.intake.questions import DECIDES, About, Question, Weight
from feasibility.intake.subjects import LongTable, of_column
from feasibility.intake.suggest import Suggestion, said_by, suggest_long, with_long
from feasibility.intake.tables import DATA, EVENTS, MEASUREMENTS, Tables
from feasibility.problems import Detail, Problem
from feasibility.variables import Catalogue, Kind

INDEX_USE: dict[str, Any] = {"variables": ("index_date",), "part": Part.DATE}
FOUND_IN_CELLS = (About.UNIT, About.CODING, About.DECIMAL, About.CENSORED)


def accept_suggestions(suggestion: Suggestion, index_date: date | None = None) -> tuple[Mapping, tuple[Problem, ...]]:
    """The mapping as far as it is sure, for a run that nobody watches, with a problem for every question that is left open.

    A column whose meaning needs an answer is not used; of dates in an open order it is not known when they are. What is settled by the file (a unit that
    only one reading of the values allows) is used, and noted.
    """
    mapping, problems = suggestion.mapping, list(suggestion.problems)
    if index_date is not None:
        mapping = replace(mapping, index_date=index_date)
    for question in suggestion.questions:
        use = question.proposed
        variable = use.variables[0] if use is not None and len(use.variables) == 1 else ""
        about = Detail("" if question.table == "data" else question.table, question.column, variable)
        if question.weight is Weight.MUST and question.about in (About.DATE_ORDER, About.DATE_NUMBERS) and not question.of_person:
            # Without its dates a value would count as of today.
            found = f"{question.text} Until this is answered it is not known when that was."
            problems.append(Problem("error", question.where, found, question.remedy, about))
        elif question.weight is Weight.MUST:
            mapping = _without(mapping, question)
            problems.append(Problem("error", question.where, f"{question.text} The column is not used until this is answered.", question.remedy, about))
        elif question.weight is Weight.SETTLED:
            problems.append(Problem(question.severity, question.where, question.text, question.remedy, about))
        else:
            problems.append(Problem("warning", question.where, question.text, question.remedy, about))
    return mapping, tuple(problems)


def _without(mapping: Mapping, question: Question) -> Mapping:
    if question.table == "data":
        if question.column == mapping.index_date:
            return replace(mapping, index_date=None)
        return mapping.with_column(question.column, UNUSED)
    long = mapping.measurements if question.table == "measurements" else mapping.events
    assert long is not None
    if question.column in long.names:
        long = replace(long, names={**long.names, question.column: UNUSED})
    elif question.column in long.fields:
        long = replace(long, fields={**long.fields, question.column: UNUSED})
    elif question.column == long.status:  # which rows are events is not known
        long = replace(long, names={})
    return replace(mapping, measurements=long) if question.table == "measurements" else replace(mapping, events=long)


def answer(suggestion: Suggestion, question: Question, use: ColumnUse, tables: Tables, catalogue: Catalogue) -> Suggestion:
    """The suggestion with a question answered: what it decides as in ``use``, the rest as it stands; a use that says nothing leaves the column out.

    What is then still open is asked.
    """
    mapping = suggestion.mapping
    if question.table == DATA:
        stands = replace(mapping.use(question.column), **INDEX_USE) if question.column == mapping.index_date else mapping.use(question.column)
        return settled(suggestion, question.table, question.column, _answered(stands, question, use), tables, catalogue)
    long = mapping.measurements if question.table == MEASUREMENTS else mapping.events
    assert long is not None
    if question.column == long.status:  # answered with its coding, or as no status at all
        left = tuple(each for each in suggestion.questions if each != question)
        coded, none = replace(long, status_coding=use.coding), replace(long, status=None, fields={**long.fields, question.column: UNUSED})
        return replace(suggestion, mapping=with_long(mapping, question.table, coded if use.variables else none), questions=left)
    if question.column in (long.date, long.end):
        return settled(suggestion, question.table, question.column, question.answered(long.dates, use), tables, catalogue)
    stands = long.fields.get(question.column) or long.names.get(question.column, UNUSED)
    return settled(suggestion, question.table, question.column, _answered(stands, question, use), tables, catalogue)


def _answered(stands: ColumnUse, question: Question, use: ColumnUse) -> ColumnUse:
    if use == UNUSED:
        return UNUSED.settled(About.VARIABLE)
    if question.about is About.VARIABLE and use.variables != stands.variables:  # what was found out about it was of another variable
        return ColumnUse(use.variables, stands.part, stands.repeat).settled(About.VARIABLE)
    return question.answered(stands, use)


def settled(suggestion: Suggestion, table: str, name: str, use: ColumnUse, tables: Tables, catalogue: Catalogue) -> Suggestion:
    """The suggestion with what somebody says of a column or a name in a long table, and with the questions which that leaves."""
    mapping = suggestion.mapping
    questions: list[Question] = []
    header = _header_for(read_header(tables.headers.get(name, name), catalogue), use)
    use = _as_found(use, header, [each for each in suggestion.questions if (each.table, each.column) == (table, name)])
    if table == DATA:
        if use.variables:
            use, questions = ask(of_column(tables, name, {**mapping.columns, name: use}), header, use, catalogue)
        mapping = mapping.with_column(name, use)
    else:
        long = mapping.measurements if table == MEASUREMENTS else mapping.events
        rows = tables.measurements if table == MEASUREMENTS else tables.events
        assert long is not None
        assert rows is not None
        held = LongTable(rows, long, table)
        if name in (long.date, long.end):
            use, questions = ask_dates(held.dates(name), use)
            long = replace(long, dates=use)
        else:
            field = name in long.fields
            if use.variables:
                use, questions = ask(held.field(name) if field else held.named(name), header, use, catalogue)
            long = replace(long, fields={**long.fields, name: use}) if field else replace(long, names={**long.names, name: use})
        mapping = with_long(mapping, table, long)
    left = tuple(each for each in suggestion.questions if (each.table, each.column) == (table, name) or still_asked(each, tables, mapping.columns, catalogue))
    return replace(suggestion, mapping=mapping, questions=_in_place(left, table, name, questions))


def _as_found(use: ColumnUse, header: Header, open_questions: list[Question]) -> ColumnUse:
    """The use without what the cells alone settled and nobody has confirmed: it is settled anew, and said."""
    settled = {name for each in open_questions if each.weight is Weight.SETTLED and each.about in FOUND_IN_CELLS for name in DECIDES[each.about]}
    confirmed = {name for about in About if about in use.confirmed for name in DECIDES[about]}
    return replace(use, **{name: getattr(said_by(header), name) for name in settled - confirmed})


def _header_for(header: Header | None, use: ColumnUse) -> Header:
    """What the header says beside what the column is taken for: nothing where it speaks of something else."""
    return header if header is not None and header.variables[:1] == use.variables[:1] else Header(use.variables, use.part, use.repeat)


def _in_place(before: tuple[Question, ...], table: str, name: str, now: list[Question]) -> tuple[Question, ...]:
    """The questions, with those about one column where the first of them was."""
    own = [place for place, each in enumerate(before) if (each.table, each.column) == (table, name)]
    first = own[0] if own else len(before)
    return (*before[:first], *now, *(each for place, each in enumerate(before) if place > first and place not in own)) if own else (*before, *now)


def overlaid(suggestion: Suggestion, mapping: Mapping, tables: Tables, catalogue: Catalogue) -> Suggestion:
    """The suggestion with what a mapping says in its place: a mapping that answers for a few columns leaves the others as suggested.

    What the cells give reason to ask and the mapping does not say is asked.
    """
    suggested = suggestion.mapping
    said = {each for column, use in mapping.columns.items() for each in _meant(column, use, tables, catalogue)}
    again = {column for column, use in suggested.columns.items() if said & _meant(column, use, tables, catalogue)}
    columns = {column: UNUSED if column in again and column not in mapping.columns else use for column, use in suggested.columns.items()}
    spoken = {(DATA, column) for column in {*mapping.columns, *(column for column, use in columns.items() if not use.variables)}}
    if mapping.index_date is not None or mapping.index_order is not None:
        spoken.add((DATA, str(suggested.index_date)))
    longs = {role: _overlaid_long(getattr(suggested, role), getattr(mapping, role)) for role in (MEASUREMENTS, EVENTS)}
    for role in longs:
        spoken |= _spoken(getattr(suggested, role), getattr(mapping, role), role)
    whole = Mapping(
        mapping.patient or suggested.patient,
        mapping.index_date or suggested.index_date,
        mapping.index_order or suggested.index_order,
        {**columns, **mapping.columns},
        longs[MEASUREMENTS],
        longs[EVENTS],
        mapping.keep,
        suggested.site if mapping.site is None else mapping.site,
    )
    open_ = {column for column, use in mapping.columns.items() if not use.variables and About.VARIABLE not in use.confirmed}
    asked = (each for each in suggestion.questions if (each.table, each.column) not in spoken or (each.column in open_ and of_unsaid(each)))
    result = replace(suggestion, mapping=whole, questions=tuple(asked))
    there = {column for table in tables.wide.values() for column in table.columns}
    for column, use in mapping.columns.items():
        if use.variables and column in there and column != whole.index_date:
            result = settled(result, DATA, column, use, tables, catalogue)
    for role in longs:
        long: LongUse | None = getattr(mapping, role)
        for name, use in {} if long is None else {**long.names, **long.fields}.items():
            if use.variables:
                result = settled(result, role, name, use, tables, catalogue)
    return result


def _meant(column: str, use: ColumnUse, tables: Tables, catalogue: Catalogue) -> set[tuple[str, Part | None, int | None, str]]:
    """What only one column can be; the day of several values one of each table."""
    table = next((role for role, each in tables.wide.items() if column in each.columns), "")
    known = [catalogue[variable] for variable in use.variables]
    return {(each.name, None if each.is_date else use.part, use.repeat, table if each.kind is Kind.DAY else "") for each in known}


def _spoken(suggested: LongUse | None, said: LongUse | None, role: str) -> set[tuple[str, str]]:
    """The names and columns of a long table about which a mapping says something."""
    if said is None:
        return set()
    status = suggested.status if suggested is not None else None
    answered = status is not None and bool(said.status_coding or said.status not in (None, status) or status in said.fields)
    found = {*said.names, *said.fields, *((status,) if status is not None and answered else ())}
    if said.dates.confirmed:
        found |= {column for use in (suggested, said) if use is not None for column in (use.date, use.end) if column is not None}
    return {(role, name) for name in found}


def _overlaid_long(suggested: LongUse | None, said: LongUse | None) -> LongUse | None:
    if suggested is None or said is None:
        return said or suggested
    if said.in_part:
        given = {what: getattr(said, what) for what in (*LONG_ROLES, "status_coding") if getattr(said, what)}
        whole = replace(suggested, **given)
    else:
        whole = said
    dates = said.dates if said.dates.confirmed else suggested.dates
    return replace(whole, names={**suggested.names, **said.names}, fields={**suggested.fields, **said.fields}, dates=dates)


def reshaped(suggestion: Suggestion, role: str, use: LongUse, tables: Tables, catalogue: Catalogue) -> Suggestion:
    """The suggestion with other columns for what a long table says; what was decided of its names, fields and status is kept where they are still there."""
    table = tables.measurements if role == MEASUREMENTS else tables.events
    before: LongUse | None = getattr(suggestion.mapping, role)
    assert table is not None
    assert before is not None
    others = replace(suggestion, questions=tuple(each for each in suggestion.questions if each.table != role))
    fresh = suggest_long(others, table, role, replace(use, names={}, fields={}, status_coding={}), catalogue)
    there: LongUse = getattr(fresh.mapping, role)
    names = {name: each for name, each in use.names.items() if each.confirmed and name in there.names}
    fields = {column: each for column, each in use.fields.items() if each.confirmed and column in there.fields}
    decided = LongUse("", "", names=names, fields=fields, status_coding=before.status_coding if before.status == use.status else {})
    return overlaid(fresh, with_long(Mapping(), role, decided), tables, catalogue)
