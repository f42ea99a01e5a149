"""Codes of diagnoses: of ICD-10 in cells and as names of events, with the letters that German practices and hospitals write behind them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from feasibility.intake.words import LONGEST_CELL, bare, token
from feasibility.variables import Catalogue, Kind

_CODE = r"[a-z]\d[0-9a-z](?:\.[0-9a-z]{1,4}?|\.\d?-|\d{1,4}?)?(?:x\d{2,3})?"
_DIAGNOSIS = re.compile(rf"({_CODE})[†*+!#]*\s*[rlb]?\s*\(?([gvza]?)\)?\s*[rlb]?")
_BETWEEN = re.compile(r"\s*[,;、|/&]\s*|\s+(?=[a-z]\d)|(?<=\d)\+(?=[a-z]\d)")
"""Codes beside each other, also the two of a cross and an asterisk (``E11.2† N08.3*``, ``E11.200x021+N08.3*``)."""

_SAYS = {"": "yes", "g": "yes", "a": "no", "v": "unknown", "z": "unknown"}
CERTAINTY = "G (certain) as yes, A (ruled out) as no, V (suspected) and Z (state after) as unknown"


def diagnosed(written: str, codes: Iterable[str]) -> str | None:
    """Whether a token that is nothing but codes says that one of these diagnoses is there: yes, no or unknown; None if it says nothing of them."""
    found = [_SAYS[certainty] for code, certainty in _diagnoses(written) if any(code.startswith(own.casefold()) for own in codes if len(own) > 1)]
    return next((meaning for meaning in ("yes", "unknown", "no") if meaning in found), None)


def events_of_code(text: str, catalogue: Catalogue) -> tuple[str, ...]:
    """The events that a code stands for: of ICD-10 with everything beneath it, of SNOMED CT and OMOP as it stands; none for what is no code."""
    written = token(text)
    events = [variable for variable in catalogue.variables.values() if variable.kind is Kind.EVENT]
    if _diagnoses(written):
        return tuple(each.name for each in events if diagnosed(written, each.codes.get("icd10", ())) is not None)
    return tuple(each.name for each in events if any(written in each.codes.get(system, ()) for system in ("snomed", "omop")))


def with_certainty(texts: Iterable[str]) -> list[str]:
    """Those cells in which a code has a letter for its certainty."""
    return [text for text in texts if any(certainty for _, certainty in _diagnoses(bare(token(text))))]


def _diagnoses(written: str) -> list[tuple[str, str]]:
    """The codes in a token with their letters; none if anything else is in it."""
    if len(written) > LONGEST_CELL:
        return []
    found = [_DIAGNOSIS.fullmatch(part) for part in _BETWEEN.split(written)]
    return [(match[1], match[2]) for match in found if match is not None] if None not in found else []
