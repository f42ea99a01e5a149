"""Column headers: which variable, which part, which repeat, in which unit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz, process

from feasibility.intake.brackets import says_nothing
from feasibility.intake.mapping import Part
from feasibility.intake.words import (
    BLOOD,
    DATE_SHORT,
    DATE_WORDS,
    DATES_BEFORE,
    END_WORDS,
    EVER,
    EVER_BEFORE,
    FILLERS,
    FLAG_WORDS,
    GLUED,
    KNOWN_BEFORE,
    LATEST_WORDS,
    LINKS,
    SAY_NOTHING,
    UNIT_WORDS,
    VALUE_WORDS,
    unaccented,
)
from feasibility.variables import Catalogue, Kind, Variable, plain

ALIKE = 88
"""From this likeness (0–100) a header is proposed for a variable, for the user to confirm."""

BRACKET_SAYS_MORE = 99.0
"""The likeness of a name with a bracket behind it that may say that it is of somebody or something else, or is not so."""

MIN_FUZZY = 5
MOST_REMEMBERED = 50_000
LONGEST = 400
MOST_WORDS = 40
"""What is longer is a text, not a header; all beginnings of a header are compared, which takes the square of its words."""

SCALES = frozenset({"ifcc"})
"""Words that change what a unit means: a per cent of HbA1c by the IFCC is none by the NGSP."""

_BRACKETED = re.compile(r"^(.*?)[\s_]*[(\[{]([^()\[\]{}]*)[)\]}]\s*(.*)$")
_MAY_BE_UNIT = re.compile(r"[/%‰]|^ifcc\b", re.IGNORECASE)
_WORDS = re.compile(r"[a-zß-öø-ÿœ0-9.%²µμ]+|[^\W\d_]+", re.UNICODE)
_TRAILING_DIGITS = re.compile(r"^(.*[^\d])(\d{1,2})$")
_CJK = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Header:
    """What a header says: ``likeness`` is 100 where a name or synonym is written out and no bracket says more.

    ``unit_text`` is what is written of a unit and not recognised. ``unit_fixed_by`` is the code or column of the catalogue
    whose definition gives the unit, where nobody wrote it.
    """

    variables: tuple[str, ...]
    part: Part = Part.VALUE
    repeat: int | None = None
    unit: str | None = None
    unit_text: str | None = None
    likeness: float = 100.0
    matched: str = ""
    unit_fixed_by: str = ""

    @property
    def exact(self) -> bool:
        return self.likeness == 100.0


@dataclass(frozen=True)
class Names:
    """All names of a catalogue as they are compared: of variables, of what dates an end, of panels."""

    values: Mapping[str, str]
    ends: Mapping[str, str]
    panels: Mapping[str, tuple[str, ...]]
    long_values: tuple[str, ...]
    catalogue: Catalogue
    of_length: dict[int, list[str]] = field(default_factory=dict)
    nearest: dict[str, tuple[str, float] | None] = field(default_factory=dict)

    def near(self, length: int) -> list[str]:
        """The names that a text of a length can be like: others are too long or too short, whatever their letters."""
        if length not in self.of_length:
            self.of_length[length] = [name for name in self.long_values if 200 * min(len(name), length) >= ALIKE * (len(name) + length)]
        return self.of_length[length]


def _names(catalogue: Catalogue) -> Names:
    values: dict[str, str] = {}
    ends: dict[str, str] = {}
    for variable in catalogue.variables.values():
        values[plain(variable.name)] = variable.name
    for variable in catalogue.variables.values():
        for name in (variable.label, *variable.synonyms, *variable.unit_of):
            values.setdefault(plain(name), variable.name)
        for codes in ("loinc",):
            for code in variable.codes.get(codes, ()):
                values.setdefault(plain(code), variable.name)
        for name in variable.end_synonyms:
            ends.setdefault(plain(name), variable.name)
    for name, variable_name in list(values.items()):
        values.setdefault(plain(unaccented(name)), variable_name)
    panels = {plain(name): panel.variables for panel in catalogue.panels.values() for name in panel.synonyms}
    # What is like the name of a day is too often a day of something else: selection date, collection date.
    long_values = (name for name, variable in values.items() if len(name) >= MIN_FUZZY and catalogue[variable].kind is not Kind.DAY)
    return Names(values, ends, panels, tuple(long_values), catalogue)


_KNOWN: dict[int, tuple[Catalogue, Names]] = {}


def names(catalogue: Catalogue) -> Names:
    """The names of a catalogue, worked out once."""
    held = _KNOWN.get(id(catalogue))
    if held is None or held[0] is not catalogue:
        _KNOWN.clear()
        _KNOWN[id(catalogue)] = held = (catalogue, _names(catalogue))
    return held[1]


def read_header(text: str, catalogue: Catalogue) -> Header | None:
    """What a header says, or None if it is like no name of the catalogue."""
    known = names(catalogue)
    if len(text) > LONGEST or len(_split(text)) > MOST_WORDS:
        return None
    folded = unicodedata.normalize("NFKC", text).strip()
    bracketed = _BRACKETED.match(folded)
    # A sign such as % is lost where names are compared, so what stands apart as a unit is looked at first.
    apart = (f"{bracketed[1]} {bracketed[3]}".strip(), bracketed[2]) if bracketed else (folded.removesuffix("%"), "%") if folded.endswith("%") else None
    if apart and (found := _written_out(apart[0], known)) and known.catalogue[found.variables[0]].recognise_unit(apart[1]) is not None:
        return _with_unit(found, apart[1], known)
    if exact := _written_out(folded, known):
        return exact
    if bracketed and (inner := bracketed[2].strip()):
        outer = f"{bracketed[1]} {bracketed[3]}".strip()
        found = _written_out(outer, known)
        if found:
            return _with_unit(found, inner, known)
        likest = _alike(outer, known)
        if likest is None or likest.part is not Part.VALUE or likest.unit is not None or SCALES & {*_split(outer)}:
            return likest
        return replace(likest, unit=known.catalogue[likest.variables[0]].recognise_unit(inner))
    return _alike(folded, known)


def _with_unit(found: Header, inner: str, known: Names) -> Header:
    variable = known.catalogue[found.variables[0]]
    inner = f"{found.unit_text} {inner}" if found.unit_text else inner
    unit = variable.recognise_unit(inner)
    if unit is not None:
        return replace(found, unit=unit, unit_text=None)
    if says_nothing(inner, variable) or known.values.get(plain(inner)) == variable.name:
        return found
    if variable.kind is Kind.NUMBER and found.part is Part.VALUE and found.unit is None:
        found = replace(found, unit_text=inner)
        if _MAY_BE_UNIT.search(inner):
            return found
    return replace(found, likeness=BRACKET_SAYS_MORE)


def _written_out(text: str, known: Names) -> Header | None:
    """A header that is a name, a repeat number, a unit and a word for the part, in whatever order the latter come."""
    words = _split(text)
    if not words:
        return None
    if (name := known.ends.get(plain(text))) is not None:
        return Header((name,), Part.END, matched=text)
    if words[0] in UNIT_WORDS and (named := _written_out(" ".join(words[1:]), known)) is not None and named.part is Part.VALUE:
        return _of_unit(named, known)
    for repeat, rest in _without_repeat(words):
        for length in range(len(rest), 0, -1):
            header = _matched(rest[:length], rest[length:], repeat, known)
            if header is not None:
                return header
    last = _part_last(words)
    return (_written_out(last, known) if last else _of_history(words, known)) or _of_day(words, known)


def _of_history(words: list[str], known: Names) -> Header | None:
    """A header of an event that begins by saying that it happened at some time, ``history of stroke``; of what is so now that says nothing."""
    begins = next((place for place, word in enumerate(words) if word not in {*EVER_BEFORE, *KNOWN_BEFORE, *FILLERS}), len(words))
    said = {*words[:begins]} - FILLERS
    found = _written_out(" ".join(words[begins:]), known) if said else None
    events = found is not None and all(known.catalogue[name].kind is Kind.EVENT for name in found.variables)
    if found is None or not events or (said - KNOWN_BEFORE and any(known.catalogue[name].current for name in found.variables)):
        return None
    return found


def _of_day(words: list[str], known: Names) -> Header | None:
    """A header of a day whose word for a date is cut short, or that says it is of the latest: ``F. laboratorio``, ``Fecha de la última analítica``."""
    said = [word for word in (DATE_SHORT.get(words[0], words[0]), *words[1:]) if unaccented(word) not in LATEST_WORDS]
    for shorter in (said, [word for word in said if word not in LINKS]):
        found = _written_out(" ".join(shorter), known) if shorter and shorter != words else None
        if found is not None and known.catalogue[found.variables[0]].kind is Kind.DAY:
            return found
    return None


def _part_last(words: list[str]) -> str:
    """A header that begins with the word for its part as one that ends with it, ``date of stroke`` as ``stroke date``; empty if it does not."""
    part = "date" if words[0] in DATES_BEFORE else "end" if words[0] in END_WORDS else "value" if words[0] in VALUE_WORDS else ""
    rest = words[1:]
    while part and rest and rest[0] in LINKS:
        rest = rest[1:]
    return " ".join([*rest, part]) if part and rest and rest[0] not in {*DATES_BEFORE, *END_WORDS, *VALUE_WORDS} else ""


def _split(text: str) -> list[str]:
    return _WORDS.findall(text.casefold().replace("_", " "))


def _without_repeat(words: list[str]) -> Iterable[tuple[int | None, list[str]]]:
    """The words as they stand; then without one that is a repeat number, or without the digits one ends in, the last first."""
    yield None, words
    for position in range(len(words) - 1, 0, -1):
        if words[position].isdigit() and len(words[position]) <= 2:
            yield int(words[position]), words[:position] + words[position + 1 :]
    for position in range(len(words) - 1, -1, -1):
        if match := _TRAILING_DIGITS.match(words[position]):
            yield int(match[2]), [*words[:position], match[1], *words[position + 1 :]]


def _matched(head: list[str], tail: list[str], repeat: int | None, known: Names) -> Header | None:
    stem = "".join(plain(word) for word in head)
    for part, stems in (
        (Part.END, _stripped(stem, END_WORDS)),
        (Part.DATE, _stripped(stem, DATE_WORDS)),
        (Part.UNIT, _stripped(stem, UNIT_WORDS)),
        (Part.VALUE, _stripped(stem, VALUE_WORDS)),
    ):
        for shorter in stems:
            if (variables := _variables(shorter, known, part)) and not tail and _can_have(part, variables, known):
                header = Header(variables, part, repeat, matched=" ".join(head))
                return _of_unit(header, known) if part is Part.UNIT else header
    part_tail, rest = _part(tail)
    variables = _variables(stem, known, part_tail)
    if not variables or not _can_have(part_tail, variables, known):
        return None
    if part_tail is Part.UNIT:
        return None if rest else _of_unit(Header(variables, Part.UNIT, repeat, matched=" ".join(head)), known)
    variable = known.catalogue[variables[0]]
    if part_tail is Part.VALUE and (variable.kind is Kind.DAY or (variable.kind is Kind.EVENT and " ".join(head).endswith(tuple(DATE_WORDS)))):
        part_tail = Part.DATE
    if variable.kind is not Kind.EVENT:
        rest = [word for word in rest if word not in SAY_NOTHING or (variable.specimen == "urine" and word in BLOOD)]
    unit = None if variable.kind is not Kind.NUMBER else _unit(variable, rest)
    if rest and unit is None and not (variable.kind is Kind.EVENT and set(rest) <= {*FLAG_WORDS, *(() if variable.current else EVER)}):
        scaled = variable.kind is Kind.NUMBER and part_tail is Part.VALUE and _is_scaled(variable, rest)
        return Header(variables, repeat=repeat, unit_text=" ".join(rest), matched=" ".join(head)) if scaled else None
    fixed = "" if unit is not None or part_tail is not Part.VALUE else _fixed_by(variable, stem)
    return Header(variables, part_tail, repeat, variable.unit_of[fixed] if fixed else unit, matched=" ".join(head), unit_fixed_by=fixed)


def _of_unit(header: Header, known: Names) -> Header | None:
    """The header as that of a column of units; None for what has no unit."""
    return Header(header.variables, Part.UNIT, header.repeat, matched=header.matched) if known.catalogue[header.variables[0]].accepted_units else None


def _can_have(part: Part, variables: tuple[str, ...], known: Names) -> bool:
    """Whether the variables can have a part: only an event ends, and no day belongs to what a person is."""
    own = [known.catalogue[name] for name in variables]
    if part is Part.END:
        return all(each.kind is Kind.EVENT for each in own)
    return part is not Part.DATE or not any(each.of_person for each in own)


def _variables(stem: str, known: Names, part: Part) -> tuple[str, ...]:
    for written in (stem,) if stem.isascii() else (stem, plain(unaccented(stem))):
        if written in known.values:
            return (known.values[written],)
        if part is Part.DATE and written in known.panels:
            return known.panels[written]
    return ()


def _stripped(stem: str, words: Iterable[str]) -> list[str]:
    """The stem without a word for the part that is written on to it, as in Chinese, and in German ``Biopsiedatum``."""
    return [stem[: -len(plain(word))] for word in words if (_CJK.search(word) or word in GLUED) and stem.endswith(plain(word)) and len(stem) > len(plain(word))]


def _part(tail: list[str]) -> tuple[Part, list[str]]:
    joined = " ".join(tail)
    for part, words in ((Part.END, END_WORDS), (Part.DATE, DATE_WORDS), (Part.UNIT, UNIT_WORDS)):
        for word in words:
            if joined == word or joined.endswith(" " + word):
                return part, joined[: -len(word)].split()
            if joined.startswith(word + " "):
                return part, joined[len(word) :].split()
    return Part.VALUE, tail


def _unit(variable: Variable, rest: list[str]) -> str | None:
    written = (variable.recognise_unit(separator.join(rest)) for separator in ("/", " ", "_", ""))
    return next((unit for unit in written if unit is not None), None) if rest else None


def _is_scaled(variable: Variable, rest: list[str]) -> bool:
    """Whether words are one that changes what a unit means, alone or beside a unit."""
    others = [word for word in rest if word not in SCALES]
    return len(others) < len(rest) and (not others or _unit(variable, others) is not None)


def _fixed_by(variable: Variable, stem: str) -> str:
    """The column or code of this name whose definition fixes the unit; empty if there is none."""
    return next((name for name in variable.unit_of if plain(name) == stem), "")


def _alike(text: str, known: Names) -> Header | None:
    """The variable with a name most like the header's, if it is like enough to ask about; what follows the name must be a unit or a part."""
    words = _split(text)
    whole = _likest(words, known)
    if whole is not None:
        return Header((known.values[whole[0]],), likeness=whole[1], matched=whole[0])
    best: Header | None = None
    for repeat, rest in _without_repeat(words):
        for length in range(len(rest), 0, -1):
            part, unit_words = _part(rest[length:])
            found = _likest(rest[:length], known)
            if found is None or (best is not None and found[1] <= best.likeness):
                continue
            variable = known.catalogue[known.values[found[0]]]
            unit = _unit(variable, unit_words) if variable.kind is Kind.NUMBER else None
            if (not unit_words or unit is not None) and _can_have(part, (variable.name,), known):
                best = Header((variable.name,), part, repeat, unit, likeness=found[1], matched=found[0])
    return best


def _likest(words: list[str], known: Names) -> tuple[str, float] | None:
    """The name most like these words, as they stand or sorted, and how like it is."""
    best: tuple[str, float] | None = None
    for stem in dict.fromkeys((plain("".join(words)), plain("".join(sorted(words))))):
        found = _nearest(stem, known)
        if found is not None and (best is None or found[1] > best[1]):
            best = found[0], min(found[1], 99.0)
    return best


def _nearest(stem: str, known: Names) -> tuple[str, float] | None:
    """The name nearest to a stem; found once, as many columns begin alike."""
    if len(stem) < MIN_FUZZY:
        return None
    if stem not in known.nearest:
        if len(known.nearest) >= MOST_REMEMBERED:
            known.nearest.clear()
        found = process.extractOne(stem, known.near(len(stem)), scorer=fuzz.ratio, score_cutoff=ALIKE)
        known.nearest[stem] = None if found is None else (str(found[0]), float(found[1]))
    return known.nearest[stem]
