"""A mapping as a TOML file: written, and read with every entry that does not hold."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from collections.abc import Mapping as Map
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import tomlkit

from feasibility.cohort import Undated
from feasibility.intake.mapping import LONG_ROLES, OCCURRENCE, UNUSED, BlankEnd, ColumnUse, DateNumbers, DateOrder, LongUse, Mapping, Part, meanings
from feasibility.intake.places import shown
from feasibility.problems import Problem, Unusable
from feasibility.variables import Catalogue, Kind

LONGEST_SAID = 80  # of what a mapping file says wrongly
SAID_BY_BEING_THERE = frozenset({"variable", "censored_at"})
"""What a mapping file says of each column in it, but for one still ``asked`` about: what it is, and that its numbers are not cut off unless it says where."""

SAID_BY_THEIR_FIELDS = frozenset({"coding", "decimal", "sentinels", "date_order", "date_numbers"})
"""Of a unit it is not enough that it stands there: the values of other files may speak against it."""


def write_mapping(mapping: Mapping, asked: Collection[tuple[str, str]] = ()) -> str:
    """The mapping as TOML. ``asked``: tables with the columns or names of which it is still open what they are."""
    document = tomlkit.document()
    document.add(tomlkit.comment("What the columns of the data mean. Loaded with --mapping, or on the Data page."))
    for key, value in (("patient", mapping.patient), ("site", mapping.site), ("index_date", mapping.index_date), ("index_order", mapping.index_order)):
        if value is not None:
            document[key] = value.value if isinstance(value, StrEnum) else value
    if mapping.keep:
        document["keep"] = {column: list(cells) for column, cells in mapping.keep.items()}
    if mapping.columns:
        document["columns"] = {column: _use_out(use, ("data", column) in asked) for column, use in mapping.columns.items()}
    for key, table in (("measurements", mapping.measurements), ("events", mapping.events)):
        if table is not None:
            document[key] = _long_out(table, {name for role, name in asked if role == key})
    return tomlkit.dumps(document)


def _use_out(use: ColumnUse, asked: bool = False) -> dict[str, Any]:
    if not use.variables:
        return {"ignore": True, "asked": True} if asked else {"ignore": True}
    out: dict[str, Any] = {"variable": use.variables[0] if len(use.variables) == 1 else list(use.variables)}
    for key in _USE_KEYS:
        value = getattr(use, key)
        if value != getattr(UNUSED, key):
            out[key] = value.value if isinstance(value, StrEnum) else list(value) if isinstance(value, tuple) else dict(value) if key == "coding" else value
    if asked:
        out["asked"] = True
    if confirmed := use.confirmed - (SAID_BY_THEIR_FIELDS & set(out)) - SAID_BY_BEING_THERE:
        out["confirmed"] = sorted(confirmed)
    if use.median is not None:
        out["median"] = use.median
    return out


def _long_out(table: LongUse, asked: Collection[str]) -> dict[str, Any]:
    who_and_what = {"patient": table.patient, "name": table.name} if table.patient or table.name else {}
    out: dict[str, Any] = who_and_what | {key: str(getattr(table, key)) for key in LONG_ROLES if getattr(table, key)}
    out |= {key: value for key, value in _use_out(replace(table.dates, variables=("",))).items() if key in _DATE_KEYS}
    if table.status_coding:
        out["status_coding"] = dict(table.status_coding)
    for key, uses in (("fields", table.fields), ("names", table.names)):
        if uses:
            out[key] = {name: _use_out(use, name in asked) for name, use in uses.items()}
    return out


_DATE_KEYS = ("sentinels", "date_order", "date_numbers", "confirmed")
_USE_KEYS = ("part", "repeat", "unit", "coding", "sentinels", "censored_at", "decimal", "date_order", "date_numbers", "undated", "blank_end")


def read_mapping(text: str, catalogue: Catalogue, name: str = "mapping") -> Mapping:
    """A mapping from TOML; raises ``Unusable`` with every entry that does not hold."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        remedy = "Correct the line named, or save the mapping again from the Data page."
        raise Unusable([Problem("error", name, f"this is not valid TOML: {error}.", remedy)]) from error
    reader = _Reader(name, catalogue, [])
    reader.only(data, {"patient", "site", "index_date", "index_order", "keep", "columns", "measurements", "events"}, "")
    index_date = data.get("index_date")
    if isinstance(index_date, datetime):
        index_date = index_date.date()
    if index_date is not None and not isinstance(index_date, str | date):
        reader.say("index_date", f"found {_said(index_date)}; expected a column's header or a date such as 2026-01-31.")
        index_date = None
    mapping = Mapping(
        patient=reader.text(data, "patient", ""),
        index_date=index_date,
        index_order=reader.choice(data, "index_order", DateOrder, ""),
        columns=reader.uses(data, "columns", ""),
        measurements=reader.long(data, "measurements"),
        events=reader.long(data, "events"),
        keep=reader.cells(data, "keep"),
        site=reader.text(data, "site", ""),
    )
    if reader.problems:
        raise Unusable(reader.problems)
    return mapping


@dataclass(frozen=True)
class _Reader:
    name: str
    catalogue: Catalogue
    problems: list[Problem]

    def say(self, where: str, message: str, remedy: str = "") -> None:
        where = shown(where.removesuffix(": "), LONGEST_SAID)
        self.problems.append(Problem("error", f"{self.name}, {where}" if where else self.name, message, remedy))

    def only(self, data: Map[str, Any], known: set[str], where: str) -> None:
        for key in data:
            if key not in known:
                self.say(where, f"unknown key '{shown(key)}'; expected one of {', '.join(sorted(known))}.", "Remove or correct it.")

    def text(self, data: Map[str, Any], key: str, where: str) -> str | None:
        value = data.get(key)
        if value is not None and not isinstance(value, str):
            self.say(f"{where}{key}", f"found {_said(value)}; expected text in quotes.")
            return None
        return value

    def cells(self, data: Map[str, Any], key: str) -> dict[str, tuple[str, ...]]:
        entries = data.get(key, {})
        if not isinstance(entries, dict) or not all(isinstance(cells, list) and cells for cells in entries.values()):
            self.say(key, 'expected a table of columns with lists of cells, such as diabetes = ["yes"].')
            return {}
        return {column: tuple(str(cell) for cell in cells) for column, cells in entries.items()}

    def choice(self, data: Map[str, Any], key: str, kind: type[StrEnum], where: str) -> Any:
        value = data.get(key)
        if value is None:
            return None
        try:
            return kind(value)
        except ValueError:
            self.say(f"{where}{key}", f"found {_said(value)}; expected one of {', '.join(kind)}.")
            return None

    def uses(self, data: Map[str, Any], key: str, where: str) -> dict[str, ColumnUse]:
        entries = data.get(key, {})
        if not isinstance(entries, dict):
            self.say(f"{where}{key}", "expected a table of columns.")
            return {}
        return {column: self.use(entry, f"{where}{key}.{column}: ") for column, entry in entries.items()}

    def of_rows(self, data: Map[str, Any], key: str, where: str) -> dict[str, ColumnUse]:
        """The uses of a long table, whose rows have their days in a column of their own."""
        uses = self.uses(data, key, where)
        for name, use in uses.items():
            for day in (each for each in use.variables if self.catalogue[each].kind is Kind.DAY):
                self.say(f"{where}{key}.{name}", f"'{day}' is of a file with variables as columns.", f'Say date = "…" under [{where.rstrip(".")}].')
        # What is ignored among rows may only have had no column for its values: it is suggested anew when there is one.
        return {name: use if use.variables else UNUSED for name, use in uses.items()}

    def use(self, entry: Any, where: str) -> ColumnUse:
        if not isinstance(entry, dict):
            self.say(where, 'expected a table such as { variable = "hba1c", unit = "%" }.')
            return UNUSED
        self.only(entry, {"variable", "ignore", "asked", "confirmed", "median", *_USE_KEYS}, where)
        if entry.get("ignore") is True:
            return UNUSED if entry.get("asked") is True else UNUSED.settled("variable")
        names = entry.get("variable", [])
        variables = tuple([names] if isinstance(names, str) else names) if isinstance(names, str | list) else (names,)
        if not all(isinstance(variable, str) for variable in variables):
            self.say(where, f"variable = {_said(names)}; expected a name in quotes, or a list of names.")
            return UNUSED
        for variable in variables:
            if variable not in self.catalogue:
                self.say(where, f"'{shown(variable)}' is not a variable of the catalogue.", "Choose one from the list on the Data page.")
        if not variables:
            self.say(where, "no variable is given.", 'Add variable = "…", or ignore = true.')
        part = self.choice(entry, "part", Part, where) or Part.VALUE
        for day in (each for each in variables if each in self.catalogue and self.catalogue[each].kind is Kind.DAY):
            if len(variables) > 1 or part not in (Part.VALUE, Part.DATE):
                self.say(where, f"'{day}' is a date, of no one variable.", f'Say variable = "{day}" alone, or which variables part = "date" is of.')
        coding = self.coding(entry, where)
        for variable in variables:
            if variable in self.catalogue and (wrong := sorted(set(coding.values()) - meanings(self.catalogue, variable))):
                self.say(where, f"coding to {shown(', '.join(wrong), LONGEST_SAID)}; expected one of {', '.join(sorted(meanings(self.catalogue, variable)))}.")
        repeat = entry.get("repeat")
        if repeat is not None and (isinstance(repeat, bool) or not isinstance(repeat, int)):
            self.say(where, f"repeat = {_said(repeat)}; expected a whole number.")
            repeat = None
        decimal = self.text(entry, "decimal", where)
        if decimal not in (None, ".", ","):
            self.say(where, f"decimal = {_said(decimal)}; expected '.' or ','.")
        written = self.written(entry, where)
        said = {key for key in SAID_BY_THEIR_FIELDS if entry.get(key) is not None}
        said |= frozenset() if entry.get("asked") is True else SAID_BY_BEING_THERE
        return replace(
            written,
            variables=tuple(variable for variable in variables if variable in self.catalogue),
            part=part,
            repeat=repeat,
            unit=self.text(entry, "unit", where),
            coding=coding,
            censored_at=self.number(entry, "censored_at", where),
            decimal=decimal,
            median=self.number(entry, "median", where),
            undated=self.choice(entry, "undated", Undated, where),
            blank_end=self.choice(entry, "blank_end", BlankEnd, where) or BlankEnd.UNKNOWN,
            confirmed=written.confirmed | said,
        )

    def number(self, entry: Map[str, Any], key: str, where: str) -> float | None:
        value = entry.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            self.say(where, f"{key} = {_said(value)}; expected a number.")
            return None
        return None if value is None else float(value)

    def written(self, entry: Map[str, Any], where: str) -> ColumnUse:
        """How dates are written, which cells mean missing, and what has been asked and settled."""
        sentinels, confirmed = (given if isinstance(given := entry.get(key, []), list) else [given] for key in ("sentinels", "confirmed"))
        said = {key for key in SAID_BY_THEIR_FIELDS if entry.get(key) is not None}
        return ColumnUse(
            sentinels=tuple(str(sentinel) for sentinel in sentinels),
            date_order=self.choice(entry, "date_order", DateOrder, where),
            date_numbers=self.choice(entry, "date_numbers", DateNumbers, where),
            confirmed=frozenset({str(each) for each in confirmed} | said),
        )

    def long(self, data: Map[str, Any], key: str) -> LongUse | None:
        entry = data.get(key)
        if entry is None:
            return None
        where = f"{key}."
        if not isinstance(entry, dict):
            self.say(key, "expected a table.")
            return None
        self.only(entry, {*LONG_ROLES, *_DATE_KEYS, "fields", "names", "status_coding"}, key)
        roles = {role: self.text(entry, role, where) for role in LONG_ROLES}
        for role in ("patient", "name"):
            if roles[role] is None and (roles["patient"] or roles["name"]):
                self.say(key, f"'{role}' is not given.", f'Add {role} = "…": the header of that column.')
        return LongUse(
            patient=roles["patient"] or "",
            name=roles["name"] or "",
            value=roles["value"],
            limit=roles["limit"],
            unit=roles["unit"],
            date=roles["date"],
            end=roles["end"],
            fields=self.of_rows(entry, "fields", where),
            names=self.of_rows(entry, "names", where),
            status=roles["status"],
            status_coding=self.status_coding(entry, where),
            dates=self.written(entry, where),
        )

    def coding(self, entry: Map[str, Any], where: str) -> dict[str, str]:
        coding = entry.get("coding", {})
        if not isinstance(coding, dict):
            self.say(where, f'coding = {_said(coding)}; expected codes with what they mean, such as {{ 1 = "yes", 2 = "no" }}.')
            return {}
        return {str(token): str(meaning) for token, meaning in coding.items()}

    def status_coding(self, entry: Map[str, Any], where: str) -> dict[str, str]:
        coding = entry.get("status_coding", {})
        if not isinstance(coding, dict) or any(meaning not in OCCURRENCE for meaning in coding.values()):
            self.say(f"{where}status_coding", f"found {_said(coding)}; expected codes with {', '.join(OCCURRENCE)}, such as {{ 1 = \"yes\", 2 = \"no\" }}.")
            return {}
        return {str(code): meaning for code, meaning in coding.items()}


def _said(value: object) -> str:
    return shown(repr(value), LONGEST_SAID)
