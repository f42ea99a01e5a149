"""What the columns seem to mean: a mapping to confirm, with a question wherever the file does not say."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from feasibility.intake.asking import ask
from feasibility.intake.asking_dates import ask_dates
from feasibility.intake.diagnoses import events_of_code
from feasibility.intake.files.table import Table
from feasibility.intake.headers import Header, read_header
from feasibility.intake.mapping import LONG_ROLES, UNUSED, ColumnUse, LongUse, Mapping, Part
from feasibility.intake.places import shown
from feasibility.intake.questions import DECIDES, About, Question, Weight
from feasibility.intake.row_dates import ask_row_date, of_each_row
from feasibility.intake.status import ask_status, status_column
from feasibility.intake.subjects import LongTable, of_column
from feasibility.intake.tables import DATA, EVENTS, MEASUREMENTS, Tables, columns_by_role, patient_column, site_column
from feasibility.intake.unit_columns import units_kept, with_bare_units
from feasibility.problems import Detail, Problem, Unusable
from feasibility.variables import Catalogue, Kind, plain

RIVALS_NAMED = 10
FOUND_IN_CELLS = (About.UNIT, About.CODING, About.DECIMAL, About.CENSORED)
INDEX = Header(("index_date",), Part.DATE)
INDEX_USE: dict[str, Any] = {"variables": ("index_date",), "part": Part.DATE}


class Confidence(StrEnum):
    """How sure the suggestion for a column is."""

    WRITTEN = "written"  # the header is a name or synonym
    ALIKE = "alike"  # the header is like one
    NONE = "none"  # no variable is suggested


@dataclass(frozen=True)
class Suggestion:
    """A mapping to confirm: what each column seems to mean, how sure that is, and what must or may be asked."""

    mapping: Mapping
    questions: tuple[Question, ...] = ()
    confidence: Map[str, Confidence] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def suggest(tables: Tables, catalogue: Catalogue) -> Suggestion:
    """The mapping that headers and values suggest; the same for the same files. Raises ``Unusable`` where DATA is a long table."""
    whole = Suggestion(Mapping(), problems=tables.problems)
    if tables.data is not None:
        whole = replace(wide := _suggest_wide(tables, catalogue), problems=(*whole.problems, *wide.problems))
    for role, table in ((MEASUREMENTS, tables.measurements), (EVENTS, tables.events)):
        if table is not None:
            whole = _suggest_long(whole, table, role, _shape(table, role), catalogue)
    return whole


def _suggest_wide(tables: Tables, catalogue: Catalogue) -> Suggestion:
    for table in tables.wide.values():
        if {"name", "value"} <= set(roles := columns_by_role(table)):
            message = f"this is a long table (columns {shown(roles['name'])} and {shown(roles['value'])}), with a row a measurement."
            remedy = "Give it as the table of measurements (--measurements), beside or instead of a file with a row a patient."
            raise Unusable([Problem("error", shown(table.name), message, remedy)])
    assert tables.data is not None
    cells = tables.cells()
    identifiers = {patient_column(table) for table in tables.wide.values()}
    site = next((found for table in tables.wide.values() if (found := site_column(table)) is not None), None)
    columns: dict[str, ColumnUse] = {}
    confidence: dict[str, Confidence] = {}
    questions: list[Question] = []
    labels, spoken_for = tables.labels(), {*identifiers, site}
    headers = {
        column: None if column in spoken_for else read_header(tables.headers.get(column, column), catalogue) or _labelled(labels, column, catalogue)
        for column in cells
    }
    headers = with_bare_units(tables, cells, headers, catalogue)
    index_column = next((column for column, header in headers.items() if header and header.exact and header.variables == ("index_date",)), None)
    if index_column is not None and of_each_row(tables, index_column):
        headers[index_column], index_column = None, None  # of several visits of a patient
    best, problems = _best(headers, catalogue, columns, tables)
    for column in best:
        header = headers[column]
        assert header is not None
        confidence[column] = Confidence.WRITTEN if header.exact else Confidence.ALIKE
        if column == index_column:
            continue
        columns[column], asked = ask(of_column(tables, column, headers), header, _said_by(header), catalogue)
        questions += asked
    for table in tables.wide.values():
        use_of_dates, asked = ask_row_date(tables, table, columns, catalogue)
        columns |= use_of_dates
        confidence |= dict.fromkeys(use_of_dates, Confidence.WRITTEN)
        questions += asked
    for column in cells:
        if column not in confidence:
            confidence[column] = Confidence.NONE
    mapping = Mapping(patient=patient_column(tables.data), index_date=index_column, columns=columns, site=site)
    if index_column is not None:
        _, asked = ask(of_column(tables, index_column, headers), INDEX, _said_by(INDEX), catalogue)
        questions += asked
    return Suggestion(mapping, tuple(questions), confidence, tuple(problems))


def _labelled(labels: Map[str, str], column: str, catalogue: Catalogue) -> Header | None:
    """What the label of a column says whose name says nothing."""
    label = labels.get(column)
    return None if label is None else read_header(label, catalogue)


def _best(
    headers: Map[str, Header | None], catalogue: Catalogue, columns: dict[str, ColumnUse], tables: Tables
) -> tuple[list[str], list[Problem]]:
    """Columns to use. Where several would be the same thing, the one whose header the catalogue prefers; the others are not used, and that is said."""
    heads = {column: header for column, header in headers.items() if header is not None}
    parts = {column: Part.DATE if catalogue[header.variables[0]].kind is Kind.DATE else header.part for column, header in heads.items()}
    stems: dict[tuple[str, ...], Header] = {}
    for column, header in heads.items():  # repeats are repeats of one name: readings (bpxsy1, bpxsy2) are not mixed with their mean
        if parts[column] is Part.VALUE and (header.variables not in stems or _rank(header, catalogue) < _rank(stems[header.variables], catalogue)):
            stems[header.variables] = header
    chosen: dict[tuple[tuple[str, ...], Part, int | None], str] = {}
    problems: list[Problem] = []
    for column, header in heads.items():
        if parts[column] is Part.UNIT:
            continue
        key = (header.variables, parts[column], header.repeat)
        same_name = parts[column] is not Part.VALUE or plain(header.matched) == plain(stems[header.variables].matched)
        if same_name and (key not in chosen or _rank(header, catalogue) < _rank(heads[chosen[key]], catalogue)):
            chosen[key] = column
    kept = set(chosen.values())
    kept |= units_kept({column: header for column, header in heads.items() if parts[column] in (Part.VALUE, Part.UNIT)}, kept, tables)
    used_for: dict[tuple[tuple[str, ...], Part], list[str]] = {}
    for column in headers:
        if column in kept:
            used_for.setdefault((heads[column].variables, parts[column]), []).append(shown(column))
    for column, header in heads.items():
        if column not in kept:
            columns[column] = UNUSED
            rivals = used_for.get((header.variables, parts[column]), [])
            used = ", ".join(rivals[:RIVALS_NAMED]) + (" …" if len(rivals) > RIVALS_NAMED else "")
            label = ", ".join(catalogue[variable].label for variable in header.variables)
            message = f"may be {label} too; {used} is used instead." if used else "is the unit of a column that is not used."
            problems.append(Problem("note", f"column {shown(column)}", message, "Choose the other on the Data page or in the mapping."))
    return [column for column in headers if column in kept], problems


def _rank(header: Header, catalogue: Catalogue) -> tuple[float, int]:
    variable = catalogue[header.variables[0]]
    preferred = [plain(name) for name in (variable.name, *variable.synonyms)]
    matched = plain(header.matched)
    return -header.likeness, preferred.index(matched) if matched in preferred else len(preferred)


def _suggest_long(whole: Suggestion, table: Table, role: str, use: LongUse, catalogue: Catalogue) -> Suggestion:
    """What a long table adds, its columns being as ``use`` says."""
    long = LongTable(table, use, role)
    questions: list[Question] = []
    for column in (column for column in (use.date, use.end) if column is not None):
        dates, asked = ask_dates(long.dates(column), use.dates)
        use = replace(use, dates=dates)
        questions += asked
    if role == EVENTS:
        fields, asked = _fields(long, catalogue)
        use = replace(use, fields=fields)
        questions += asked
    names: dict[str, ColumnUse] = {}
    for name in long.names:
        names[name], asked = _of_name(long, name, catalogue)
        questions += asked
    event = next((catalogue[each.variables[0]] for each in names.values() if each.variables), None)
    coding: Map[str, str] = {}
    if use.status is not None and event is not None:
        coding, asked = ask_status(use.status, table.columns[use.status], event)
        questions += asked
    return replace(whole, mapping=_with_long(whole.mapping, role, replace(use, names=names, status_coding=coding)), questions=(*whole.questions, *questions))


def _shape(table: Table, role: str) -> LongUse:
    """What the columns of a long table are, by their headers; empty or None for what no header says."""
    roles, patient = columns_by_role(table), patient_column(table) or ""
    name, date = roles.get("name", ""), roles.get("date")
    if role == MEASUREMENTS:
        return LongUse(patient, name, roles.get("value"), roles.get("unit"), date, limit=roles.get("limit"))
    status = status_column(table, {patient, *(column for each, column in roles.items() if each not in ("value", "unit"))})
    return LongUse(patient, name, date=date, end=roles.get("end"), status=status)


def reshaped(suggestion: Suggestion, role: str, use: LongUse, tables: Tables, catalogue: Catalogue) -> Suggestion:
    """The suggestion with other columns for what a long table says; what was decided of its names, fields and status is kept where they are still there."""
    table = tables.measurements if role == MEASUREMENTS else tables.events
    before: LongUse | None = getattr(suggestion.mapping, role)
    assert table is not None
    assert before is not None
    others = replace(suggestion, questions=tuple(each for each in suggestion.questions if each.table != role))
    fresh = _suggest_long(others, table, role, replace(use, names={}, fields={}, status_coding={}), catalogue)
    there: LongUse = getattr(fresh.mapping, role)
    names = {name: each for name, each in use.names.items() if each.confirmed and name in there.names}
    fields = {column: each for column, each in use.fields.items() if each.confirmed and column in there.fields}
    decided = LongUse("", "", names=names, fields=fields, status_coding=before.status_coding if before.status == use.status else {})
    return overlaid(fresh, _with_long(Mapping(), role, decided), tables, catalogue)


def _fields(long: LongTable, catalogue: Catalogue) -> tuple[dict[str, ColumnUse], list[Question]]:
    """The columns of a table of events that describe them."""
    taken = {long.use.patient, *columns_by_role(long.table).values(), long.use.status}
    fields: dict[str, ColumnUse] = {}
    questions: list[Question] = []
    for column in long.table.columns:
        header = None if column in taken else read_header(column, catalogue)
        if header is not None and header.exact and catalogue[header.variables[0]].is_field and header.part is Part.VALUE:
            fields[column], asked = ask(long.field(column), header, _said_by(header), catalogue)
            questions += asked
    return fields, questions


def _of_name(long: LongTable, name: str, catalogue: Catalogue) -> tuple[ColumnUse, list[Question]]:
    """What a name in a long table means, by name and synonym, and the questions that leaves."""
    if long.role == EVENTS and (events := events_of_code(name, catalogue, long.writing)):
        return ColumnUse(events), []
    header = read_header(name, catalogue)
    if header is None or header.part is not Part.VALUE or (long.use.value is None and catalogue[header.variables[0]].kind is not Kind.EVENT):
        return UNUSED, []
    return ask(long.named(name), header, replace(_said_by(header), variables=header.variables[:1], repeat=None), catalogue)


def _said_by(header: Header) -> ColumnUse:
    """What a header says of its column."""
    return ColumnUse(header.variables, header.part, header.repeat, header.unit or header.unit_text)


def _with_long(mapping: Mapping, role: str, long: LongUse) -> Mapping:
    return replace(mapping, measurements=long) if role == MEASUREMENTS else replace(mapping, events=long)


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
        return replace(suggestion, mapping=_with_long(mapping, question.table, coded if use.variables else none), questions=left)
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
        mapping = _with_long(mapping, table, long)
    return replace(suggestion, mapping=mapping, questions=_in_place(suggestion.questions, table, name, questions))


def _as_found(use: ColumnUse, header: Header, open_questions: list[Question]) -> ColumnUse:
    """The use without what the cells alone settled and nobody has confirmed: it is settled anew, and said."""
    settled = {name for each in open_questions if each.weight is Weight.SETTLED and each.about in FOUND_IN_CELLS for name in DECIDES[each.about]}
    confirmed = {name for about in About if about in use.confirmed for name in DECIDES[about]}
    return replace(use, **{name: getattr(_said_by(header), name) for name in settled - confirmed})


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
    said = {(variable, use.part, use.repeat) for use in mapping.columns.values() for variable in use.variables}
    columns = {column: UNUSED if _says_again(use, said) and column not in mapping.columns else use for column, use in suggested.columns.items()}
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
    result = replace(suggestion, mapping=whole, questions=tuple(each for each in suggestion.questions if (each.table, each.column) not in spoken))
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


def _says_again(use: ColumnUse, said: set[tuple[str, Part, int | None]]) -> bool:
    return any((variable, use.part, use.repeat) in said for variable in use.variables)


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
