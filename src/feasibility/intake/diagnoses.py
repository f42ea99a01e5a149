"""Codes of diagnoses: of ICD-10 in cells and as names of events, with the letters that German practices and hospitals write behind them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from feasibility.intake.places import Place, values_said
from feasibility.intake.words import LONGEST_CELL, OTHER_CODES, bare, token
from feasibility.problems import Problem, Severity
from feasibility.variables import Catalogue, Kind

_CODE = r"[a-z]\d[0-9a-z](?:\.[0-9a-z]{1,4}?|\.\d?-|\d{1,4}?)?(?:x\d{2,3})?"
_DIAGNOSIS = re.compile(rf"({_CODE})[†*+!#]*\s*[rlb]?\s*\(?([gvza]?)\)?\s*[rlb]?")
_BETWEEN = re.compile(r"\s*[,;、|/&]\s*|\s+(?=[a-z]\d)|(?<=\d)\+(?=[a-z]\d)")
"""Codes beside each other, also the two of a cross and an asterisk (``E11.2† N08.3*``, ``E11.200x021+N08.3*``)."""

_OTHER_CODES = re.compile(OTHER_CODES)
_SAYS = {"": "yes", "g": "yes", "a": "no", "v": "unknown", "z": "unknown"}
CERTAINTY = "G (certain) as yes, A (ruled out) as no, V (suspected) and Z (state after) as unknown"
NO_CERTAINTY = "may say how certain it is or be digits of a national version, as no code beside them is certain (G): left unknown"

_CLASS = re.compile(r"[a-z]\d\d(?:[a-z](?:[a-z](?:\d\d)?)?)?")
_SUBCLASS = re.compile(r"[a-z]\d\d[a-z]{2}(?:\d\d)?")
_GROUP = re.compile(r"[a-z]\d\d([a-z])")
_LONGER_THAN_GERMAN = re.compile(r"\.[0-9a-z]{3}")


@dataclass(frozen=True)
class Writing:
    """How a column writes diagnoses: whether it has any, whether classes of drugs (ATC) stand beside them, whether letters say how certain they are."""

    diagnoses: bool = True
    classes: bool = False
    certainty: bool = True


USUAL = Writing()


def writing_of(header: str, texts: Iterable[str]) -> Writing:
    """How a column with this header writes diagnoses, by all its texts.

    A column of drugs or procedures has none. C09AA05 beside C10 says that C10 is a class of drugs, and so does C09A, but where longer codes of diagnoses
    or those of certain ones show that A is a letter behind the code. Letters mean certainty only beside a G: elsewhere they may be digits of other national
    versions (C83.3A), and leave open what they say.
    """
    if _OTHER_CODES.search(token(header).replace("_", " ")):
        return Writing(diagnoses=False)
    written = {part for text in texts for part in _BETWEEN.split(bare(token(text))) if part and len(text) <= LONGEST_CELL}
    letters = {match[1] for text in written if (match := _GROUP.fullmatch(text)) is not None}
    german = "g" in letters and letters <= set(_SAYS)
    longer = any(_CLASS.fullmatch(text) is None and _DIAGNOSIS.fullmatch(text) is not None for text in written)
    classes = any(map(_SUBCLASS.fullmatch, written)) or bool(letters and not german and not longer)
    certain = any(letter == "g" for text in written if not (classes and _CLASS.fullmatch(text)) for _, letter in _diagnoses(text, USUAL))
    return Writing(True, classes, certain)


def diagnosed(written: str, codes: Iterable[str], writing: Writing = USUAL) -> str | None:
    """Whether a token that is nothing but codes says that one of these diagnoses is there: yes, no or unknown; None if it says nothing of them."""
    found = [
        _SAYS[certainty] if writing.certainty or not certainty else "unknown"
        for code, certainty in _diagnoses(written, writing)
        if any(code.startswith(own.casefold()) for own in codes)
    ]
    return next((meaning for meaning in ("yes", "unknown", "no") if meaning in found), None)


def events_of_code(text: str, catalogue: Catalogue, writing: Writing = USUAL) -> tuple[str, ...]:
    """The events that a code stands for: of ICD-10 with everything beneath it, of SNOMED CT and OMOP as it stands; none for what is no code."""
    written = token(text)
    events = [variable for variable in catalogue.variables.values() if variable.kind is Kind.EVENT]
    if _diagnoses(written, writing):
        return tuple(each.name for each in events if diagnosed(written, each.codes.get("icd10", ()), writing) is not None)
    return tuple(each.name for each in events if any(written in each.codes.get(system, ()) for system in ("snomed", "omop")))


def said_of_letters(texts: Iterable[str], writing: Writing, place: Place) -> list[Problem]:
    """What letters behind codes are taken to say, if any of these cells has one."""
    if not (lettered := [text for text in texts if any(letter for _, letter in _diagnoses(bare(token(text)), writing))]):
        return []
    said = f"say how certain it is: {CERTAINTY}" if writing.certainty else NO_CERTAINTY
    severity: Severity = "note" if writing.certainty else "warning"
    return [place.whole(severity, f"letters behind a code, as in {values_said(lettered)}, {said}.")]


def _diagnoses(written: str, writing: Writing) -> list[tuple[str, str]]:
    """The codes in a token with their letters; none if anything else is in it."""
    if len(written) > LONGEST_CELL or not writing.diagnoses:
        return []
    parts = _BETWEEN.split(written)
    found = [None if writing.classes and _CLASS.fullmatch(part) else _DIAGNOSIS.fullmatch(part) for part in parts]
    codes = [(match[1], match[2]) for match in found if match is not None]
    return [(code, "" if _LONGER_THAN_GERMAN.search(code) and "x" not in code else letter) for code, letter in codes] if None not in found else []
