"""Brackets behind the name of a variable: those that say no more than the name does, and those that may say of whom, of what, or that it is not so."""

from __future__ import annotations

import re

from feasibility.intake.diagnoses import diagnosed
from feasibility.intake.words import BLOOD, IN_BRACKETS, NO, URINE, YES, token
from feasibility.variables import Variable

_BETWEEN = re.compile(r"[\s,;/|=:、，；.]+|(?<=\d)-")
_LEGEND = re.compile(r"(?<![\w.])-?\d{1,2}\s*[=:]|=\s*-?\d{1,2}\b|(?<!\w)\d{1,2}[^\x00-\x7f]")
_SYSTEM = re.compile(r"^icd[\s-]*(?:10)?(?:[\s-]*(?:cm|gm))?\s*[:=]?\s*")


def says_nothing(written: str, variable: Variable) -> bool:
    """Whether what stands in a bracket leaves what the name before it says as it is: a specimen that goes without saying, a legend of codes, its code."""
    text = token(written).strip(" .:")
    if not text or text in IN_BRACKETS or token(written) in (URINE if variable.specimen == "urine" else BLOOD) or _LEGEND.search(text):
        return True
    return _names_values(text, variable) or diagnosed(_SYSTEM.sub("", text), variable.codes.get("icd10", ())) == "yes"


def _names_values(text: str, variable: Variable) -> bool:
    """Whether it is a list of the values that cells have, or says that the value yes is meant."""
    own = {token(word) for label in variable.values for word in (label, *variable.words.get(label, ()))}
    own |= {letter for letters in variable.letters for letter in letters.codes}
    own |= {"m", "f", "w", "d", "x"} if own & {"male"} else set()
    words = [word for word in _BETWEEN.split(text) if word]
    return text in YES or (len(words) > 1 and all(word in YES | NO | own or word.isdigit() for word in words))
