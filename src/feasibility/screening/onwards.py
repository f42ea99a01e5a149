"""What is found of every patient in something that is asked, counted on from what was found when one of its numbers was another.

A rule compares its numbers with what is known of a patient. Of whom nothing known lies between the old number and the new one, the same is found, whatever
else is left open in what is asked; so that after a move the others alone are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from feasibility.rules.numbers import form_and_numbers, left_open
from feasibility.screening.changing import Turning
from feasibility.screening.memory import Held
from feasibility.screening.screen import Asked, Screener

Rows = NDArray[np.intp]
Found = TypeVar("Found", bound=Held)

MOVED = "moved "  # what a number that is another is called
MOST = 0.5  # of all patients, beyond which all are looked at


def found_onwards(
    screener: Screener, asked: Asked, what: tuple[Hashable, ...], find: Callable[[Screener], Found], changed: Callable[[Found, Rows, Found], Found]
) -> Found:
    """What ``find`` finds of all patients of a screener in what is asked; remembered, ``what`` telling apart what may be found in the same.

    ``changed`` is what was found before, with what is found now of some patients, by row.
    """

    def found() -> Found:
        form, numbers = _form_and_numbers(asked)
        # Another thread may be asked to go on from what is not yet found here: then it looks at all.
        before = screener.last_asked((form, what), asked)
        known: Found | None = None if before is None else screener.memory.known((before.key, *what))
        patients = None if before is None or known is None else _between(screener, asked, numbers, before)
        if known is None or patients is None:
            return find(screener)
        return changed(known, patients, find(screener.of(patients))) if len(patients) else known

    return screener.memory.recall((asked.key, *what), found)


def _form_and_numbers(asked: Asked) -> tuple[Hashable, list[tuple[float, ...]]]:
    forms, numbers = zip(*(form_and_numbers(limb.stands) for limb in asked.limbs), strict=True)
    policies = tuple(tuple(sorted(limb.policies.items())) for limb in asked.limbs)
    return (asked.role, asked.join, asked.open, forms, policies), list(numbers)


def _between(screener: Screener, asked: Asked, numbers: list[tuple[float, ...]], before: Asked) -> Rows | None:
    """Of whom something known lies between a number now and that before; None where these are many, or who they are cannot be told."""
    earlier, evaluator = _form_and_numbers(before)[1], screener.aside().evaluator
    pairs = {pair for now, then in zip(numbers, earlier, strict=True) for pair in zip(now, then, strict=True) if pair[0] != pair[1]}
    if not np.isfinite([end for pair in pairs for end in pair]).all():  # without a limit another feed is asked for, of everybody
        return None
    names = {pair: f"{MOVED}{place}" for place, pair in enumerate(sorted(pairs))}
    patients = np.zeros(screener.cohort.patients, bool)
    for pair, name in names.items():
        turning = Turning(evaluator, name, sorted(pair))
        for limb, then in zip(asked.limbs, earlier, strict=True):
            turning.look_at(left_open(limb.stands, then, names), limb.policies)
        if turning.anybody:
            return None
        patients[turning.at(1)] = True
    rows = np.flatnonzero(patients)
    return rows if len(rows) <= MOST * len(patients) else None
