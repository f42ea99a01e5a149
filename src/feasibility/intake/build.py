"""Tables and a mapping into a cohort with its report: nothing is used that the mapping does not say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from feasibility.cohort import UNDATED_DAYS, Cohort, ColumnReport, FileReport, Records, Report, Sites
from feasibility.intake import long
from feasibility.intake.blanks import blank_as_no
from feasibility.intake.converted import Ints
from feasibility.intake.dates import NO_DAY, Dates
from feasibility.intake.digests import digest
from feasibility.intake.everyone import everyone
from feasibility.intake.files.table import Table
from feasibility.intake.limits import unread_limits
from feasibility.intake.mapping import LONG_ROLES, Mapping, Part
from feasibility.intake.people import Ids, first_and_last, index_days, of_another_site, one_date, sites_of
from feasibility.intake.persons import PersonDates, age_blocks, covered_days
from feasibility.intake.places import shown
from feasibility.intake.records import Block, combine
from feasibility.intake.sources import Source, of_table
from feasibility.intake.tables import DATA, EVENTS, MEASUREMENTS, Tables, patient_of
from feasibility.intake.wide import assumed_descriptions, wide_blocks, with_absent_fields
from feasibility.intake.words import STAYS
from feasibility.problems import Problem, Unusable
from feasibility.variables import Catalogue, Kind, plain

Progress = Callable[[float, str], None]


def silent(fraction: float, what: str) -> None:
    """Progress that nobody watches."""


def build(name: str, tables: Tables, mapping: Mapping, catalogue: Catalogue, progress: Progress = silent) -> Cohort:
    """The cohort that the tables hold under this mapping; raises ``Unusable`` where no patient can be told or a mapped column is not there."""
    return consume(name, replace(tables), mapping, catalogue, progress)


def consume(name: str, tables: Tables, mapping: Mapping, catalogue: Catalogue, progress: Progress = silent) -> Cohort:
    """As ``build``, but takes the tables out of ``tables`` and lets each column go once read, so that a large file is not held twice."""
    _check(tables, mapping)
    present = tables.apart
    many = len(present) > 1
    sources = {role: Source(shown(table.name) if many else "", dict(table.columns), table.file_rows()) for role, table in present.items()}
    read = {role: (shown(table.name), table.rows_read) for role, table in present.items()}
    rows_readable = {role: table.rows for role, table in present.items()}
    order = {role: {column: place for place, column in enumerate(table.columns)} for role, table in present.items()}
    first_problems = [problem for role, table in present.items() for problem in of_table(sources[role].name, table.problems)]
    first_problems += _of_stays(tables, mapping)
    ids, rows_used = everyone(tables, sources, mapping, catalogue)
    tables.data = tables.measurements = tables.events = None
    tables.further = ()
    present.clear()
    progress(0.05, "dates and ages")
    builder = _Builder(ids, sources, mapping, catalogue, progress)
    blocks, used = builder.blocks()
    rows_used |= used
    assert all(rows_used[role] <= rows for role, rows in rows_readable.items())
    progress(0.9, "sorting records")
    records, problems = _records(builder.records, blocks, len(ids), catalogue, builder.covered)
    problems += builder.problems
    for source in sources.values():
        problems = [*problems, *source.problems]
    problems = [*problems, *blank_as_no(records, builder.covered, catalogue)]
    if not records:
        found = "no column is taken for anything the protocol may ask: with nothing to fail, everybody would count as eligible."
        remedy = "Look at the columns on the Data page: the header may be another row, or the table turned on its side."
        problems.append(Problem("error", shown(name), found, remedy))
    progress(0.95, "checking")
    columns = tuple(
        column
        for role, source in sources.items()
        for column in sorted(source.reports, key=lambda entry: order[role].get(entry.column, len(order[role])))
    )
    files = tuple(FileReport(file, rows, rows_used[role]) for role, (file, rows) in read.items())
    totals = sum(file.rows_read for file in files), sum(file.rows_used for file in files)
    report = Report(name, *totals, columns, (*first_problems, *problems), files)
    cohort = Cohort(
        name,
        digest(ids, records, builder.coverage, builder.sites),
        len(ids),
        ids,
        records,
        report,
        builder.coverage,
        first_and_last(builder.index),
        sites=builder.sites,
        set_aside=_marked(sources.values()),
        born_days=builder.born_days(),
    )
    progress(1.0, "done")
    return cohort


def _marked(sources: Iterable[Source]) -> dict[str, NDArray[np.int32]]:
    """By variable the patients with a cell that was set aside, each once."""
    marked: dict[str, list[NDArray[np.int32]]] = defaultdict(list)
    for source in sources:
        for variable, patients in source.marked.items():
            marked[variable] += patients
    return {variable: np.unique(np.concatenate(patients)) for variable, patients in marked.items()}


def _of_stays(tables: Tables, mapping: Mapping) -> list[Problem]:
    """What to warn of where a number of stays stands for the patients."""
    columns = [column for table in tables.wide.values() if (column := patient_of(table, mapping)) is not None and plain(column) in map(plain, STAYS)]
    message = "such a number is often that of a stay, and a patient with several counts several times."
    remedy = "If it is, name a column that identifies the patients."
    return [Problem("warning", f"column {shown(column)}", message, remedy) for column in dict.fromkeys(columns)]


def _check(tables: Tables, mapping: Mapping) -> None:
    problems: list[Problem] = []

    def there(role: str, table: Table, column: str | None, what: str) -> None:
        if column is not None and column not in table.columns:
            found = ", ".join(shown(header) for header in list(table.columns)[:8])
            message = f"there is no column '{shown(column)}' ({what} of {role}); found {found}."
            problems.append(Problem("error", shown(table.name), message, "Correct the mapping."))

    if not tables.present:
        problems.append(Problem("error", "", "no table is given.", "Give a file with one row a patient, or a table of measurements."))
    for role, table in tables.present.items():
        if role in tables.wide:
            if patient_of(table, mapping) is None:
                found = ", ".join(f"'{shown(header)}'" for header in list(table.columns)[:8])
                more = " …" if len(table.columns) > 8 else ""
                message = f"no column identifies the patients; found {found}{more}; expected a column such as 'patient_id'."
                problems.append(Problem("error", shown(table.name), message, "Name the column on the Data page, or with patient = \"…\" in the mapping."))
            if role != "data":
                continue
            there(role, table, mapping.patient, "patient")
            if isinstance(mapping.index_date, str) and not any(mapping.index_date in other.columns for other in tables.further):
                there(role, table, mapping.index_date, "index_date")
            if mapping.site and not any(mapping.site in other.columns for other in tables.further):
                there(role, table, mapping.site, "site")
            for column, use in mapping.columns.items():
                if use.variables and not any(column in other.columns for other in tables.further):
                    there(role, table, column, use.variables[0])
            for column in mapping.keep:
                there(role, table, column, "keep")
        else:
            use_long = mapping.measurements if role == "measurements" else mapping.events
            if use_long is None:
                problems.append(Problem("error", shown(table.name), f"the mapping does not describe the table of {role}.", f"Add [{role}] to the mapping."))
                continue
            for what in LONG_ROLES:
                there(role, table, getattr(use_long, what) or None, what)
            says: dict[str, list[str]] = defaultdict(list)
            for what in LONG_ROLES:
                says[getattr(use_long, what) or ""].append(what)
            for column, twice in says.items():
                if column and len(twice) > 1:
                    message = f"the column {shown(column)} cannot say two things of {role}: {' and '.join(twice)}."
                    problems.append(Problem("error", shown(table.name), message, "Choose another column for one of them, or none."))
            named = "a column 'variable'" if role == MEASUREMENTS else "a column 'event'"
            wanted = {"patient": "a column 'patient_id'", "name": named} | ({"value": "a column 'value'"} if role == MEASUREMENTS else {})
            if absent := [expected for what, expected in wanted.items() if not getattr(use_long, what)]:
                found, more = ", ".join(f"'{shown(header)}'" for header in list(table.columns)[:8]), " …" if len(table.columns) > 8 else ""
                message, remedy = f"found the columns {found}{more}; expected {', '.join(absent)}.", f"Say which they are on the Data page, or under [{role}]"
                problems.append(Problem("error", shown(table.name), message, f"{remedy} in the mapping."))
    if problems:
        raise Unusable(problems)


@dataclass(eq=False)
class _Builder:
    ids: Ids
    sources: dict[str, Source]
    mapping: Mapping
    catalogue: Catalogue
    progress: Progress

    def __post_init__(self) -> None:
        self.problems: list[Problem] = []
        self.records: dict[str, Records] = {}
        self.covered: set[str] = set()
        self.coverage: Ints | None = None
        self.index: Ints = np.full(len(self.ids), NO_DAY, np.int32)
        self.person: dict[str, PersonDates] = {}
        self.sites: Sites | None = None

    def blocks(self) -> tuple[dict[str, list[Block]], dict[str, int]]:
        blocks: dict[str, list[Block]] = defaultdict(list)
        used: dict[str, int] = {}
        wide = list(self._of_kind(DATA).values())
        for source in wide:
            self._person_columns(source)
        begun = {
            role: long.measurements(source, use, self.catalogue, long.owners(source, use, self.ids))
            for role, source in self._of_kind(MEASUREMENTS).items()
            if (use := self.mapping.measurements) is not None
        }
        self._index_of(begun.values())
        for number, (role, table) in enumerate(begun.items()):

            def measured(part: float, number: int = number) -> None:
                self.progress(0.05 + 0.4 * (number + part) / len(begun), "measurements")

            read = table.read(self.index, measured)
            self._leave(table.source)
            used[role] = read.rows_used
            self._add(blocks, read.blocks)
        begun.clear()
        # The first table last: what no other table adds to is finished there as soon as it is read.
        for number, source in enumerate(reversed(wide)):

            def finished(record: str, parts: list[Block], source: Source = source) -> None:
                if source is not wide[0] or record in blocks or self._in_events(record):
                    blocks[record] += parts
                else:
                    self.records[record], problems = combine(record, parts, len(self.ids), self.catalogue)
                    source.problems += problems

            def said(part: float, number: int = number) -> None:
                self.progress(0.45 + 0.35 * (number + part) / len(wide), "columns")

            found = wide_blocks(source, self.mapping, self.catalogue, self.index, finished, said)
            self._leave(source)
            self._add(blocks, found)
        for role, source in self._of_kind(EVENTS).items():
            if (use := self.mapping.events) is not None:
                owner = long.owners(source, use, self.ids)
                read = long.event_blocks(source, use, self.catalogue, owner, self.index, lambda part: self.progress(0.8 + 0.1 * part, "events"))
                self._leave(source)
                used[role] = read.rows_used
                self.covered |= read.covered
                self._add(blocks, read.blocks)
        ages = age_blocks(blocks.get("age", []), self.person.get("birth_date"), self.index, self.problems)
        blocks.pop("age", None)
        own_exact = blocks.pop("age_exact", [])
        blocks |= ages if not own_exact or "age" in ages else {"age_exact": own_exact}
        self.coverage = covered_days(self.person.get("observation_start"), self.index, self.problems)
        return dict(blocks), used

    def _of_kind(self, kind: str) -> dict[str, Source]:
        """The tables of one kind, by role."""
        return {role: source for role, source in self.sources.items() if role.partition(" ")[0] == kind}

    def born_days(self) -> Ints | None:
        """How many days before the index date each patient was born at the earliest."""
        if (birth := self.person.get("birth_date")) is None:
            return None
        known = birth.dates.known & (self.index != NO_DAY)
        days: Ints = np.where(known, np.where(known, self.index, 0) - np.where(known, birth.dates.lo, 0), UNDATED_DAYS).astype(np.int32)
        return days

    def _in_events(self, record: str) -> bool:
        use = self.mapping.events
        return use is not None and any(record in entry.variables for entry in use.names.values())

    def _person_columns(self, data: Source) -> None:
        """Where the patients are treated, and dates of their own: birth, index, start of observation."""
        if (column := self.mapping.site) and column in data.columns:
            used = bool(self.mapping.use(column).variables) or column == self.mapping.index_date
            cells = data.cells(column) if used else data.take(column)
            sites, found = sites_of(cells, data.place(column))
            if sites is not None:
                self.sites = sites if data.owner is None else sites.of_patients(data.owner, len(self.ids), self.sites)
                if data.owner is not None:
                    found += of_another_site(sites, data.owner, self.sites, data.place(column))
            data.problems += found
            if not used:
                known = 0 if sites is None else int(np.count_nonzero(sites.codes >= 0))
                data.reports.append(ColumnReport(column, None, "site", len(cells), known, len(cells) - known))
        for column, use in self.mapping.columns.items():
            if use.variables and column in data.columns and self.catalogue[use.variables[0]].kind is Kind.DATE and column != self.mapping.index_date:
                name = use.variables[0]
                if name in self.person and self.person[name].place.column != column:
                    data.refused.add(column)
                    data.problems.append(data.place(column).whole("error", f"is mapped to {name}, as is another column: set aside.", "Leave one out."))
                    continue
                dates = data.read_dates(column, use, self.catalogue[name].label, self.catalogue[name].years)
                self.person[name] = self._of_patients(data, column, name, dates)
        if isinstance(self.mapping.index_date, str) and self.mapping.index_date in data.columns:
            column = self.mapping.index_date
            said = self.mapping.use(column)
            use = replace(said, variables=("index_date",), part=Part.DATE, date_order=self.mapping.index_order or said.date_order)
            dates = data.read_dates(column, use, "index date", self.catalogue["index_date"].years)
            self.person["index_date"] = self._of_patients(data, column, "index_date", dates)

    def _of_patients(self, data: Source, column: str, name: str, dates: Dates) -> PersonDates:
        if data.owner is None:
            return PersonDates(dates, data.place(column))
        own = PersonDates.of_rows(data.owner, dates, len(self.ids), column, self.problems, data.name)
        return own if name not in self.person else self.person[name].or_else(own)

    def _index_of(self, tables: Iterable[long.Measurements]) -> None:
        """The index days, with the person dates of long tables added to those of the columns."""
        in_columns = set(self.person)
        for table in tables:
            for name, (owner, dates) in table.person.items():
                if name in in_columns:
                    message = f"{name} is in the patient file and in the measurements: the patient file is used."
                    self.problems.append(Problem("warning", "measurements", message, "Leave one out."))
                    continue
                own = PersonDates.of_rows(owner, dates, len(self.ids), name, self.problems)
                self.person[name] = self.person[name].or_else(own) if name in self.person else own
        if isinstance(self.mapping.index_date, date):
            self.index = one_date(self.mapping.index_date, len(self.ids))
        elif (said := self.person.get("index_date")) is not None:
            self.index, problems = index_days(said.dates, said.place)
            reported = said.dates.problems
            self.problems += [problem for problem in problems if problem not in reported]
        elif self._any_dates():
            message = "there are dates but no index date: how long before it the records were is unknown, and so are ages from birth dates or of dated rows."
            remedy = "Name the index date's column, or give one date for all patients (--index-date 2026-01-31)."
            self.problems.append(Problem("error", "index date", message, remedy))

    def _any_dates(self) -> bool:
        longs = [use for use in (self.mapping.measurements, self.mapping.events) if use is not None and use.date is not None]
        return bool(longs) or any(use.part in (Part.DATE, Part.END) or "birth_date" in use.variables for use in self.mapping.columns.values())

    def _add(self, blocks: dict[str, list[Block]], more: dict[str, list[Block]]) -> None:
        for record, parts in more.items():
            blocks[record] += parts

    def _leave(self, source: Source) -> None:
        """Reports the columns that were not used; a mapped one among them is a problem."""
        for column in list(source.columns):
            cells = source.columns.pop(column)
            use = self.mapping.use(column)
            empty = int(cells.null_count)
            source.reports.append(ColumnReport(column, None, "not used", len(cells), len(cells) - empty, empty))
            if (found := unread_limits(cells, source.place(column))) is not None:
                source.problems.append(found)
            if use.variables and column not in source.refused and source in self._of_kind(DATA).values():
                message = f"is mapped to {', '.join(use.variables)} ({use.part.value}), but nothing in the file goes with it: not used."
                source.problems.append(source.place(column).whole("warning", message, "Map the column it belongs to, with the same repeat number."))


def _records(
    made: dict[str, Records], blocks: dict[str, list[Block]], patients: int, catalogue: Catalogue, covered: set[str]
) -> tuple[dict[str, Records], list[Problem]]:
    records: dict[str, Records] = {}
    problems: list[Problem] = []
    for record in dict.fromkeys(variable.of for variable in catalogue.variables.values()):
        if record in blocks or (record in covered and record not in made):
            made[record], found = combine(record, blocks.pop(record, []), patients, catalogue)
            problems += found
        if record in made:
            held = made[record]
            fields, absent = with_absent_fields(record, dict(held.fields), held.rows, catalogue)
            in_order = {variable.name: fields[variable.name] for variable in catalogue.fields_of(record) if variable.name in fields}
            records[record] = replace(held, fields=in_order)
            problems += absent
    held_fields = {name for held in records.values() for name in held.fields}
    return records, problems + assumed_descriptions(held_fields, catalogue)
