"""The catalogue: every clinical quantity or event a rule can speak of, as data."""

from __future__ import annotations

import math
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from feasibility.units import Conversion, recognise

IDENTITY = Conversion(1.0, source="canonical unit", verified=True)


class Kind(StrEnum):
    """What a variable's records hold."""

    NUMBER = "number"  # a quantity with a unit
    CATEGORY = "category"  # one of a few named values, kept as whole numbers
    EVENT = "event"  # occurred or not, perhaps from a start to an end
    DATE = "date"  # a calendar date of the patient: birth, index
    DAY = "day"  # the day on which other values of the same row were taken


class MissingPolicy(StrEnum):
    """What no record means."""

    UNKNOWN = "unknown"  # nothing is known: the outcome may be UNKNOWN
    ABSENT = "absent"  # it did not happen, where the feed covers the window
    FAIL = "fail"  # the patient does not pass


@dataclass(frozen=True)
class Letters:
    """What the letters of a column stand for in one language; ``headers`` are words of that language for such a column."""

    language: str
    codes: Mapping[str, str]
    headers: tuple[str, ...] = ()

    def named_in(self, column: str) -> bool:
        """Whether a header is in this language."""
        return any(plain(name) in plain(column) for name in self.headers)


@dataclass(frozen=True)
class WithinPerson:
    """How much a quantity varies in one person from one measurement to the next: the coefficient of variation, where it comes from, whether that was read."""

    cv: float
    source: str
    verified: bool

    @property
    def log_spread(self) -> float:
        """The standard deviation of the logarithm of a log-normal quantity with this coefficient of variation."""
        return math.sqrt(math.log(1 + self.cv**2))


@dataclass(frozen=True)
class Variable:
    """A clinical quantity or event.

    ``of`` names the event or visit whose records this variable is a field of (the infarct a deficit belongs to, the visit both blood pressures
    were taken at); its own name if it stands alone. ``values`` gives the whole number (or the interval of numbers) that a coded value stands for;
    ``words`` the ways those values are written in files, ``value_labels`` what those are called whose name alone is unclear. ``hard`` is the range
    outside which a value is set aside, ``soft`` the range outside which it is reported; both in ``unit``.
    ``if_column_absent`` is the value taken for every record when a file has no column for it.
    ``unit_if_unsaid``: a column without a unit is in the canonical one, other units being written out where they occur.
    ``current``: a record without a date says how things are at the index date, not that something happened at some time before.
    ``synonyms`` are names of columns, the preferred first; ``end_synonyms`` names of columns with the date an event ended; ``unit_of`` the unit that
    a column's or a code's definition fixes. ``sniff`` gives for a unit the range low <= m < high of a column's median m that suggests it: a suggestion
    to put before the user, never a decision. ``ambiguous`` are synonyms that files use for something else too, and what that is; ``top_codes`` the
    values at which files cut a quantity off ("80 or older"); ``describes`` the variable about whose values this one says something; ``standard_codes``
    what numbers stand for where no other number occurs; ``usual_codes`` what they often stand for in a column of yes and no,
    ``type_codes`` in one that numbers types. ``letters`` are what letters stand for where they are a column's only ones; ``years`` those in which dates
    of it usually lie. ``within_person`` is None where no number for it is given; ``of_sex`` is the value of sex of those who alone can have it;
    ``of_person`` says that it is what somebody is, of no day; ``specimen`` in what a laboratory measures it, empty for what none does; ``specimens`` of a day
    those whose values it dates, ``synonyms_of`` those of its synonyms that name one of them.
    """

    name: str
    label: str
    kind: Kind
    of: str
    missing: MissingPolicy
    unit: str = ""
    unit_if_unsaid: bool = False
    conversions: Mapping[str, Conversion] = field(default_factory=dict)
    hard: tuple[float, float] | None = None
    soft: tuple[float, float] | None = None
    values: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    value_labels: Mapping[str, str] = field(default_factory=dict)
    synonyms: tuple[str, ...] = ()
    end_synonyms: tuple[str, ...] = ()
    unit_of: Mapping[str, str] = field(default_factory=dict)
    sniff: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scale: str = "linear"
    if_column_absent: str | None = None
    current: bool = False
    ambiguous: Mapping[str, str] = field(default_factory=dict)
    top_codes: tuple[float, ...] = ()
    describes: str | None = None
    standard_codes: Mapping[str, str] = field(default_factory=dict)
    usual_codes: Mapping[str, str] = field(default_factory=dict)
    type_codes: Mapping[str, str] = field(default_factory=dict)
    letters: tuple[Letters, ...] = ()
    years: tuple[int, int] = (1985, 2030)
    within_person: WithinPerson | None = None
    of_sex: float | None = None
    of_person: bool = False
    specimen: str = ""
    specimens: tuple[str, ...] = ()
    synonyms_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    note: str = ""

    @property
    def is_field(self) -> bool:
        """Whether its records belong to another variable's."""
        return self.of != self.name

    @property
    def is_date(self) -> bool:
        """Whether its column holds dates and nothing else, whatever is dated."""
        return self.kind in (Kind.DATE, Kind.DAY)

    def value_label(self, value: str) -> str:
        """What a value is called where it is chosen: by its label, or its name."""
        return self.value_labels.get(value, value)

    def specimen_in(self, header: str) -> str:
        """The specimen that the header of a day names; empty where it names none."""
        return next((specimen for specimen, names in self.synonyms_of.items() if any(plain(name) in plain(header) for name in names)), "")

    def dates(self, other: Variable) -> bool:
        """Whether a column of this day dates what another variable's column holds."""
        return self.kind is Kind.DAY and other.specimen in self.specimens

    @property
    def accepted_units(self) -> tuple[str, ...]:
        """The units its values may be written in, the canonical one first; none for what has no unit."""
        return (self.unit, *self.conversions) if self.unit else ()

    def recognise_unit(self, text: str) -> str | None:
        """The accepted unit that ``text`` is a way of writing, or None: then the user must say."""
        return recognise(text, self.accepted_units)

    @property
    def only_unit(self) -> str | None:
        """The unit of numbers that nobody gave one: the only accepted one, or the one that goes without saying; None where there is a choice."""
        return self.unit if self.unit_if_unsaid or len(self.accepted_units) <= 1 else None

    def conversion(self, unit: str) -> Conversion:
        """How values in an accepted unit become canonical; ``KeyError`` for a unit that is not accepted."""
        return IDENTITY if unit == self.unit else self.conversions[unit]


@dataclass(frozen=True)
class Panel:
    """Variables that are commonly dated by one column (``bp_date``, ``lipids_date``)."""

    name: str
    variables: tuple[str, ...]
    synonyms: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """All variables by name. ``visits`` are the record types with no value of their own (a blood pressure visit): name → label."""

    variables: Mapping[str, Variable]
    visits: Mapping[str, str]
    panels: Mapping[str, Panel] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Variable:
        return self.variables[name]

    def __contains__(self, name: object) -> bool:
        return name in self.variables

    def fields_of(self, record: str) -> tuple[Variable, ...]:
        """The variables whose values stand in the records of ``record``, in catalogue order."""
        return tuple(variable for variable in self.variables.values() if variable.of == record)


def plain(text: str) -> str:
    """A name as names are compared: letters and digits only, without case, width or accents of form (``24h 尿蛋白``, ``HbA1c (%)``)."""
    return "".join(character for character in unicodedata.normalize("NFKC", text).casefold() if character.isalnum())


def read_catalogue(text: str) -> Catalogue:
    """A catalogue from TOML; raises ``ValueError`` naming every entry that does not hold together."""
    data = tomllib.loads(text)
    faults: list[str] = []
    variables: dict[str, Variable] = {}
    usual, years = data.get("coding", {}), data.get("usual_years", [1985, 2030])
    for name, entry in data["variable"].items():
        try:
            variables[name] = _variable(name, {"years": years, **entry}, usual)
        except (KeyError, TypeError, ValueError) as fault:
            faults.append(f"variable {name}: {fault}")
    visits = {name: str(entry["label"]) for name, entry in data.get("visit", {}).items()}
    panels = {name: Panel(name, tuple(entry["variables"]), tuple(entry["synonyms"])) for name, entry in data.get("panel", {}).items()}
    faults += [
        f"variable {variable.name}: of = {variable.of!r} is neither a variable nor a visit"
        for variable in variables.values()
        if variable.of not in data["variable"] and variable.of not in visits
    ]
    faults += [
        f"variable {variable.name}: describes = {variable.describes!r} is no variable"
        for variable in variables.values()
        if variable.describes is not None and variable.describes not in data["variable"]
    ]
    faults += [f"panel {panel.name}: {name!r} is no variable" for panel in panels.values() for name in panel.variables if name not in data["variable"]]
    if faults:
        raise ValueError("\n".join(faults))
    return Catalogue(variables, visits, panels)


@cache
def builtin_catalogue() -> Catalogue:
    """The catalogue that comes with the product."""
    return read_catalogue(resources.files("feasibility").joinpath("data", "catalogue.toml").read_text(encoding="utf-8"))


KEYS = frozenset({"label", "kind", "of", "missing", "unit", "units", "hard", "soft", "values", "words", "synonyms", "end_synonyms", "unit_of", "sniff"})
KEYS |= {"codes", "scale", "if_column_absent", "note", "ambiguous", "top_codes", "describes", "standard_codes", "current", "unit_if_unsaid"}
KEYS |= {"letters", "years", "type_codes"}
KEYS |= {"within_person_cv", "value_labels"}
KEYS |= {"of_sex", "of_person", "specimen", "specimens", "synonyms_of"}

SPECIMENS = ("blood", "urine")


def _variable(name: str, entry: Mapping[str, Any], usual: Mapping[str, str]) -> Variable:
    if unknown := sorted(set(entry) - KEYS):
        raise ValueError(f"unknown keys {', '.join(unknown)}")
    kind = Kind(entry["kind"])
    values = {label: _interval(value) for label, value in entry.get("values", {}).items()}
    unit, units = entry.get("unit", ""), entry.get("units", {})
    if kind is Kind.NUMBER and not unit:
        raise ValueError("a number needs a unit")
    absent = entry.get("if_column_absent")
    if absent is not None and absent not in values:
        raise ValueError(f"if_column_absent = {absent!r} is not one of its values")
    _only("words", entry.get("words", {}), (*values, "unknown"))
    _only("value_labels", entry.get("value_labels", {}), values)
    for each in entry.get("letters", ()):
        _only("letters", each["codes"].values(), values)
    _only("sniff", entry.get("sniff", {}), (unit, *units))
    _only("ambiguous", entry.get("ambiguous", {}), entry.get("synonyms", ()))
    _only("standard_codes", entry.get("standard_codes", {}).values(), (*values, "unknown", "missing"))
    _only("type_codes", entry.get("type_codes", {}).values(), ("yes", "no"))
    _only("unit_of", entry.get("unit_of", {}).values(), (unit, *units))
    _only("specimen", [entry["specimen"]] if "specimen" in entry else [], SPECIMENS)
    _only("specimens", entry.get("specimens", ()), SPECIMENS)
    _only("synonyms_of", entry.get("synonyms_of", {}), entry.get("specimens", ()))
    if (kind is Kind.DAY) != bool(entry.get("specimens")):
        raise ValueError("specimens are of a day, and a day needs them")
    return Variable(
        name=name,
        label=entry["label"],
        kind=kind,
        of=entry.get("of", name),
        missing=MissingPolicy(entry.get("missing", MissingPolicy.ABSENT if kind is Kind.EVENT else MissingPolicy.UNKNOWN)),
        unit=unit,
        unit_if_unsaid=entry.get("unit_if_unsaid", False),
        conversions={written: _conversion(conversion) for written, conversion in units.items()},
        hard=_range(entry.get("hard")),
        soft=_range(entry.get("soft")),
        values=values,
        words={label: tuple(words) for label, words in entry.get("words", {}).items()},
        value_labels=dict(entry.get("value_labels", {})),
        synonyms=(*entry.get("synonyms", ()), *(name for names in entry.get("synonyms_of", {}).values() for name in names)),
        end_synonyms=tuple(entry.get("end_synonyms", ())),
        unit_of=dict(entry.get("unit_of", {})),
        sniff={written: _interval(median) for written, median in entry.get("sniff", {}).items()},
        codes={system: tuple(codes) for system, codes in entry.get("codes", {}).items()},
        scale=entry.get("scale", "linear"),
        if_column_absent=absent,
        current=entry.get("current", False),
        ambiguous=dict(entry.get("ambiguous", {})),
        top_codes=tuple(float(code) for code in entry.get("top_codes", ())),
        describes=entry.get("describes"),
        standard_codes=dict(entry.get("standard_codes", {})),
        usual_codes=usual,
        type_codes=dict(entry.get("type_codes", {})),
        letters=tuple(Letters(each["language"], dict(each["codes"]), tuple(each.get("headers", ()))) for each in entry.get("letters", ())),
        years=(int(entry["years"][0]), int(entry["years"][1])),
        within_person=_within_person(kind, entry.get("within_person_cv")),
        of_sex=entry.get("of_sex"),
        of_person=entry.get("of_person", False),
        specimen=entry.get("specimen", ""),
        specimens=tuple(entry.get("specimens", ())),
        synonyms_of={specimen: tuple(names) for specimen, names in entry.get("synonyms_of", {}).items()},
        note=entry.get("note", ""),
    )


def _only(key: str, used: Iterable[str], allowed: Iterable[str]) -> None:
    if strangers := sorted(set(used) - set(allowed)):
        raise ValueError(f"{key}: {', '.join(strangers)} not among {', '.join(allowed)}")


def _conversion(entry: Mapping[str, Any]) -> Conversion:
    """``divide_by`` lets a published divisor stand in the file as published."""
    rest = {key: value for key, value in entry.items() if key not in ("factor", "divide_by")}
    return Conversion(factor=entry.get("factor", 1.0) / entry.get("divide_by", 1.0), **rest)


def _within_person(kind: Kind, entry: Mapping[str, Any] | None) -> WithinPerson | None:
    if entry is None:
        return None
    _only("within_person_cv", entry, ("value", "source", "verified"))
    if kind is not Kind.NUMBER:
        raise ValueError("within_person_cv is of numbers")
    if not 0 < entry["value"] < 2:
        raise ValueError(f"within_person_cv = {entry['value']!r} is no fraction of the mean: 0.05 stands for 5 %")
    return WithinPerson(float(entry["value"]), str(entry["source"]), bool(entry["verified"]))


def _range(pair: list[float] | None) -> tuple[float, float] | None:
    return None if pair is None else (float(pair[0]), float(pair[1]))


def _interval(value: float | list[float]) -> tuple[float, float]:
    return (float(value[0]), float(value[1])) if isinstance(value, list) else (float(value), float(value))
