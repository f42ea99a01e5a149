"""Why patients are UNKNOWN on a criterion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from feasibility.logic import UNKNOWN, Bools
from feasibility.protocol import Protocol
from feasibility.rules.nodes import variables
from feasibility.scenario import Scenario
from feasibility.screening.screen import Screener


@dataclass(frozen=True)
class Lack:
    """One variable: how many of the UNKNOWN patients lack it, and how many of them lack only it."""

    variable: str
    patients: int
    only: int


@dataclass(frozen=True)
class MissingReasons:
    """The reasons of the ``unknown`` patients of one criterion, who are the denominator of all counts.

    ``lacks``: by variable, in order of appearance, who has nothing recorded of it where a limb looks for it that is UNKNOWN for them; a patient may
    lack several. ``none_lacking`` lack none: a value is censored, a date known in part, the rule itself leaves the matter open, or an alternative
    has no column.
    """

    unknown: int
    lacks: tuple[Lack, ...]
    none_lacking: int


def missing_reasons(screener: Screener, protocol: Protocol, scenario: Scenario, criterion_id: str) -> MissingReasons | None:
    """Why patients are UNKNOWN on a criterion under a scenario; None where it is not assessable."""
    outcome = screener.outcome(protocol, scenario, criterion_id)
    if outcome is None:
        return None
    unknown = np.flatnonzero(outcome == UNKNOWN)
    asked = screener.asked(protocol, scenario, criterion_id)
    lacking: dict[str, Bools] = {}
    for limb in asked.limbs:
        open_ = screener.limb_truth(asked.role, limb)[unknown] == UNKNOWN
        for variable in variables(limb.stands):
            lacks = screener.evaluator.open_for_lack(limb.stands, variable, limb.policies)[unknown]
            lacking[variable] = lacking.get(variable, np.zeros(len(unknown), bool)) | (lacks & open_)
    number = np.zeros(len(unknown), np.int64)
    for lacks in lacking.values():
        number += lacks
    found = (Lack(variable, int(lacks.sum()), int((lacks & (number == 1)).sum())) for variable, lacks in lacking.items())
    return MissingReasons(len(unknown), tuple(each for each in found if each.patients), int((number == 0).sum()))
