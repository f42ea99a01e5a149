"""What the columns seem to mean: a mapping to confirm, with a question wherever the file does not say."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from enum import StrEnum

from feasibility.intake.asking import ask
from feasibility.intake.asking_dates import ask_dates
from feasibility.intake.asking_days import ask_of_dates, of_other_specimens, rivals_of, which_of, with_days_of_dates
from feasibility.intake.days import is_day
from feasibility.intake.diagnoses import events_of_code
from feasibility.intake.files.table import Table
from feasibility.intake.headers import Header, read_header
from feasibility.intake.mapping import UNUSED, ColumnUse, LongUse, Mapping, Part
from feasibility.intake.places import shown
from feasibility.intake.questions import Question
from feasibility.intake.row_dates import ask_row_date, of_each_row
from feasibility.intake.status import ask_status, status_column
from feasibility.intake.subjects import LongTable, of_column
from feasibility.intake.tables import EVENTS, MEASUREMENTS, Tables, columns_by_role, patient_column, site_column
from feasibility.intake.unit_columns import units_kept, with_bare_units
from feasibility.problems import Problem, Unusable
from feasibility.variables import Catalogue, Kind, plain

RIVALS_NAMED = 10
INDEX = Header(("index_date",), Part.DATE)


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
            whole = suggest_long(whole, table, role, _shape(table, role), catalogue)
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
    headers = with_days_of_dates(tables, with_bare_units(tables, cells, headers, catalogue), catalogue)
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
        columns[column], asked = ask(of_column(tables, column, headers), header, said_by(header), catalogue)
        rivals = rivals_of(column, tables, headers, catalogue)
        questions += which_of(rivals, column, columns[column], asked, tables, catalogue) if rivals else asked
    for table in tables.wide.values():
        use_of_dates, asked = ask_row_date(tables, table, columns, catalogue)
        columns |= use_of_dates
        confidence |= dict.fromkeys(use_of_dates, Confidence.WRITTEN)
        questions += asked
        spoken = {*spoken_for, index_column, *(each.column for each in asked)}
        unsaid = {each for each in table.columns if headers.get(each) is None and each not in spoken}
        questions += ask_of_dates(tables, table, columns, unsaid, catalogue)
    for column, header in headers.items():
        if header is not None and is_day(columns.get(column, UNUSED), catalogue) and not rivals_of(column, tables, headers, catalogue):
            questions += of_other_specimens(column, header, tables, columns, catalogue)
    for column in cells:
        if column not in confidence:
            confidence[column] = Confidence.NONE
    mapping = Mapping(patient=patient_column(tables.data), index_date=index_column, columns=columns, site=site)
    if index_column is not None:
        _, asked = ask(of_column(tables, index_column, headers), INDEX, said_by(INDEX), catalogue)
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
    days = {column for column, header in heads.items() if catalogue[header.variables[0]].kind is Kind.DAY}  # each table has its own; which of two is asked
    heads = {column: header for column, header in heads.items() if column not in days}
    parts = {column: Part.DATE if catalogue[header.variables[0]].is_date else header.part for column, header in heads.items()}
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
    return [column for column in headers if column in kept | days], problems


def _rank(header: Header, catalogue: Catalogue) -> tuple[float, int]:
    variable = catalogue[header.variables[0]]
    preferred = [plain(name) for name in (variable.name, *variable.synonyms)]
    matched = plain(header.matched)
    return -header.likeness, preferred.index(matched) if matched in preferred else len(preferred)


def suggest_long(whole: Suggestion, table: Table, role: str, use: LongUse, catalogue: Catalogue) -> Suggestion:
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
    return replace(whole, mapping=with_long(whole.mapping, role, replace(use, names=names, status_coding=coding)), questions=(*whole.questions, *questions))


def _shape(table: Table, role: str) -> LongUse:
    """What the columns of a long table are, by their headers; empty or None for what no header says."""
    roles, patient = columns_by_role(table), patient_column(table) or ""
    name, date = roles.get("name", ""), roles.get("date")
    if role == MEASUREMENTS:
        return LongUse(patient, name, roles.get("value"), roles.get("unit"), date, limit=roles.get("limit"))
    status = status_column(table, {patient, *(column for each, column in roles.items() if each not in ("value", "unit"))})
    return LongUse(patient, name, date=date, end=roles.get("end"), status=status)


def _fields(long: LongTable, catalogue: Catalogue) -> tuple[dict[str, ColumnUse], list[Question]]:
    """The columns of a table of events that describe them."""
    taken = {long.use.patient, *columns_by_role(long.table).values(), long.use.status}
    fields: dict[str, ColumnUse] = {}
    questions: list[Question] = []
    for column in long.table.columns:
        header = None if column in taken else read_header(column, catalogue)
        if header is not None and header.exact and catalogue[header.variables[0]].is_field and header.part is Part.VALUE:
            fields[column], asked = ask(long.field(column), header, said_by(header), catalogue)
            questions += asked
    return fields, questions


def _of_name(long: LongTable, name: str, catalogue: Catalogue) -> tuple[ColumnUse, list[Question]]:
    """What a name in a long table means, by name and synonym, and the questions that leaves."""
    if long.role == EVENTS and (events := events_of_code(name, catalogue, long.writing)):
        return ColumnUse(events), []
    header = read_header(name, catalogue)
    if header is None or header.part is not Part.VALUE or (long.use.value is None and catalogue[header.variables[0]].kind is not Kind.EVENT):
        return UNUSED, []
    return ask(long.named(name), header, replace(said_by(header), variables=header.variables[:1], repeat=None), catalogue)


def said_by(header: Header) -> ColumnUse:
    """What a header says of its column."""
    return ColumnUse(header.variables, header.part, header.repeat, header.unit or header.unit_text)


def with_long(mapping: Mapping, role: str, long: LongUse) -> Mapping:
    """The mapping with another use of a long table."""
    return replace(mapping, measurements=long) if role == MEASUREMENTS else replace(mapping, events=long)
