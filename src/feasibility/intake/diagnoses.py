"""Cells that hold codes of ICD-10, with the letters that German practices and hospitals write behind them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from feasibility.intake.words import LONGEST_CELL, bare, token

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


def with_certainty(texts: Iterable[str]) -> list[str]:
    """Those cells in which a code has a letter for its certainty."""
    return [text for text in texts if any(certainty for _, certainty in _diagnoses(bare(token(text))))]


def _diagnoses(written: str) -> list[tuple[str, str]]:
    """The codes in a token with their letters; none if anything else is in it."""
    if len(written) > LONGEST_CELL:
        return []
    found = [_DIAGNOSIS.fullmatch(part) for part in _BETWEEN.split(written)]
    return [(match[1], match[2]) for match in found if match is not None] if None not in found else []
