"""A column of a table of measurements that says in what each value was measured: one test in serum and in urine is two variables."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from feasibility.intake.words import BLOOD, OTHER_SPECIMENS, SPECIMEN, URINE, token
from feasibility.logic import Bools
from feasibility.variables import Kind, Variable, plain

_WORDS = re.compile(r"[^\s,;:()\[\]/_-]+")


def specimen_column(columns: Iterable[str], taken: Iterable[str | None]) -> str | None:
    """The column that says so, by its header; none of those ``taken`` for something else."""
    others, wanted = set(taken), [plain(name) for name in SPECIMEN]
    found = {plain(column): column for column in columns if column not in others}
    return next((found[name] for name in wanted if name in found), None)


def of_other_specimen(texts: Iterable[str], variable: Variable) -> Bools:
    """Which of these cells say that a value beside them was measured in something else than the variable is; what is not known says nothing."""
    own = variable.specimen or "blood"
    return np.array([variable.kind is not Kind.EVENT and _specimen(text) not in ("", own) for text in texts], np.bool_)


def _specimen(text: str) -> str:
    """Blood, urine or another; empty where no word says one of them."""
    written = token(text)
    for name, words in (("urine", URINE), ("other", OTHER_SPECIMENS), ("blood", BLOOD)):
        if written in words:
            return name
    said = set(_WORDS.findall(written))
    for name, words in (("urine", URINE), ("other", OTHER_SPECIMENS), ("blood", BLOOD)):
        if said & words or (name == "urine" and "尿" in written):
            return name
    return ""
