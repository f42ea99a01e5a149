"""What the columns seem to mean: a mapping to confirm, with a question wherever the file does not say."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from feasibility.intake.asking import ask
from feasibility.intake.asking_dates import ask_order_of_rows
from feasibility.intake.files.table import Table
from feasibility.intake.headers import Header, read_header
from feasibility.intake.long_names import names_in
from feasibility.intake.mapping import LONG_ROLES, UNUSED, ColumnUse, LongUse, Mapping, Part
from feasibility.intake.places import shown
from feasibility.intake.questions import About, Question, Weight
from feasibility.intake.row_dates import ask_row_date, of_each_row
from feasibility.intake.status import ask_status, status_column
from feasibility.intake.tables import Tables, columns_by_role, patient_column, site_column
from feasibility.intake.unit_columns import unit_column, units_kept, with_bare_units, without_unit
from feasibility.problems import Detail, Problem, Unusable
from feasibility.variables import Catalogue, Kind, plain

RIVALS_NAMED = 10


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
    if tables.measurements is not None:
        whole = _suggest_long(whole, tables.measurements, "measurements", catalogue)
    if tables.events is not None:
        whole = _suggest_long(whole, tables.events, "events", catalogue)
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
        units = unit_column(column, headers, tables)
        use, asked = ask(column, header, cells[column] if units is None else without_unit(cells[column], cells[units]), catalogue)
        columns[column] = use
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
        _, asked = ask(index_column, replace(headers[index_column] or Header(()), part=Part.DATE), cells[index_column], catalogue)
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


def _suggest_long(whole: Suggestion, table: Table, role: str, catalogue: Catalogue) -> Suggestion:
    roles = columns_by_role(table)
    patient = patient_column(table)
    needed = ("name", "value") if role == "measurements" else ("name",)
    absent = [what for what in needed if what not in roles] + ([] if patient else ["patient"])
    if absent:
        found = ", ".join(f"'{shown(header)}'" for header in list(table.columns)[:8])
        named = "a column 'variable'" if role == "measurements" else "a column 'event'"
        wanted = {"name": named, "value": "a column 'value'", "patient": "a column 'patient_id'"}
        message = f"found the columns {found}; expected {', '.join(wanted[what] for what in absent)}."
        raise Unusable([Problem("error", shown(table.name), message, f"Name the columns under [{role}] in the mapping.")])
    assert patient is not None
    name_column = roles["name"]
    fields: dict[str, ColumnUse] = {}
    questions: list[Question] = []
    status: str | None = None
    if role == "events":
        status = status_column(table, {patient, *(column for role_, column in roles.items() if role_ not in ("value", "unit"))})
        taken = {patient, *roles.values(), *([status] if status else [])}
        for column in table.columns:
            header = None if column in taken else read_header(column, catalogue)
            if header is not None and header.exact and catalogue[header.variables[0]].is_field and header.part is Part.VALUE:
                fields[column], asked = ask(column, header, table.columns[column], catalogue, "events.fields")
                questions += [replace(question, table="events") for question in asked]
    names, asked_names = names_in(table, name_column, roles.get("value") if role == "measurements" else None, roles.get("unit"), catalogue)
    questions += asked_names
    event = next((catalogue[use.variables[0]] for use in names.values() if use.variables), None)
    coding: Map[str, str] = {}
    if status is not None and event is not None:
        coding, asked = ask_status(status, table.columns[status], event)
        questions += asked
    for dated in (roles.get("date"), roles.get("end") if role == "events" else None):
        questions += [] if dated is None else ask_order_of_rows(dated, table.columns[dated], role)
    use = LongUse(
        patient=patient,
        name=name_column,
        value=roles.get("value") if role == "measurements" else None,
        limit=roles.get("limit") if role == "measurements" else None,
        unit=roles.get("unit") if role == "measurements" else None,
        date=roles.get("date"),
        end=roles.get("end") if role == "events" else None,
        fields=fields,
        names=names,
        status=status,
        status_coding=coding,
    )
    mapping = replace(whole.mapping, measurements=use) if role == "measurements" else replace(whole.mapping, events=use)
    return replace(whole, mapping=mapping, questions=(*whole.questions, *questions))


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


def answer(suggestion: Suggestion, question: Question, use: ColumnUse) -> Suggestion:
    """The suggestion with a question answered by another meaning for its column."""
    mapping, answered = suggestion.mapping, [question]
    if question.table == "data":
        mapping = mapping.with_column(question.column, use)
    else:
        long = mapping.measurements if question.table == "measurements" else mapping.events
        assert long is not None
        if question.column in (long.date, long.end):  # one hand wrote both
            long = replace(long, date_order=use.date_order)
            answered = [each for each in suggestion.questions if each.table == question.table and each.column in (long.date, long.end)]
        elif question.column in long.fields:
            long = replace(long, fields={**long.fields, question.column: use})
        elif question.column != long.status:
            long = replace(long, names={**long.names, question.column: use})
        elif use.variables:  # answered with its coding
            long = replace(long, status_coding=use.coding)
        else:  # it is no status
            long = replace(long, status=None, fields={**long.fields, question.column: UNUSED})
        mapping = replace(mapping, measurements=long) if question.table == "measurements" else replace(mapping, events=long)
    return replace(suggestion, mapping=mapping, questions=tuple(other for other in suggestion.questions if other not in answered))


def overlaid(suggestion: Suggestion, mapping: Mapping) -> Suggestion:
    """The suggestion with what a mapping says in its place: a mapping that answers for a few columns leaves the others as suggested."""
    suggested = suggestion.mapping
    said = {(variable, use.part, use.repeat) for use in mapping.columns.values() for variable in use.variables}
    columns = {column: UNUSED if _says_again(use, said) and column not in mapping.columns else use for column, use in suggested.columns.items()}
    answered = set(mapping.columns) | {column for column, use in columns.items() if not use.variables}
    whole = Mapping(
        mapping.patient or suggested.patient,
        mapping.index_date or suggested.index_date,
        mapping.index_order or suggested.index_order,
        {**columns, **mapping.columns},
        _overlaid_long(suggested.measurements, mapping.measurements),
        _overlaid_long(suggested.events, mapping.events),
        mapping.keep,
        suggested.site if mapping.site is None else mapping.site,
    )
    settled: dict[str, set[str | None]] = {"data": {*answered}}
    if mapping.index_date is not None or mapping.index_order is not None:
        settled["data"].add(str(suggested.index_date))
    for role, long in (("measurements", mapping.measurements), ("events", mapping.events)):
        settled[role] = set() if long is None else {*long.names, *long.fields, *_status_said(suggested, long)}
        settled[role] |= {each.date, each.end} if (each := getattr(whole, role)) is not None and each.date_order else set()
    questions = tuple(question for question in suggestion.questions if question.column not in settled[question.table])
    return replace(suggestion, mapping=whole, questions=questions)


def _says_again(use: ColumnUse, said: set[tuple[str, Part, int | None]]) -> bool:
    return any((variable, use.part, use.repeat) in said for variable in use.variables)


def _status_said(suggested: Mapping, long: LongUse) -> set[str]:
    """The column of a status about which the mapping says something."""
    column = long.status or (suggested.events.status if suggested.events is not None else None)
    return {column} if column is not None and (long.status is not None or long.status_coding) else set()


def _overlaid_long(suggested: LongUse | None, said: LongUse | None) -> LongUse | None:
    if suggested is None or said is None:
        return said or suggested
    if said.in_part:
        given = {what: getattr(said, what) for what in (*LONG_ROLES, "date_order", "status_coding") if getattr(said, what)}
        whole = replace(suggested, **given)
    else:
        whole = said
    return replace(whole, names={**suggested.names, **said.names}, fields={**suggested.fields, **said.fields})
