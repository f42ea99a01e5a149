"""Why patients are UNKNOWN on a criterion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from feasibility.logic import UNKNOWN, Bools
from feasibility.protocol import Protocol
from feasibility.rules.nodes import Exposed, Occurred, Pick, certain, variables, walk
from feasibility.scenario import Scenario
from feasibility.screening.asked import Asked
from feasibility.screening.changing import steps
from feasibility.screening.events import open_for_want_of_a_date
from feasibility.screening.screen import Screener, Screening
from feasibility.screening.statistics import fewer_than_asked
from feasibility.variables import Catalogue, Kind

NONE_LACKING = ("no_column", "left_by_rule", "known_in_part", "undated", "fewer")


@dataclass(frozen=True)
class Lack:
    """One variable: how many of the UNKNOWN patients lack it, how many of them lack only it, and of how many something is recorded ``outside`` the window."""

    variable: str
    patients: int
    only: int
    outside: int = 0


@dataclass(frozen=True)
class MissingReasons:
    """The reasons of the ``unknown`` patients of one criterion, who are the denominator of all counts.

    ``lacks``: by variable, in order of appearance, who has nothing recorded of it where a limb looks for it that is UNKNOWN for them; a patient may
    lack several. The others lack none, and each is counted once: ``left_by_rule`` where the matter would be settled if what the rule takes for possible
    were certain; ``undated`` where that is not so, and an event that the rule looks for in a window is recorded without a date; ``no_column`` where neither
    is so, and something that is asked has no column, an alternative or something in a limb that is UNKNOWN; ``fewer`` of the rest where fewer values are
    recorded than the rule asks for, so many days apart; ``known_in_part`` where none of these is so: a value is censored, or dated only in part.
    """

    unknown: int
    lacks: tuple[Lack, ...]
    no_column: int
    left_by_rule: int
    known_in_part: int
    undated: int = 0
    fewer: int = 0


def missing_reasons(screener: Screener, protocol: Protocol, scenario: Scenario, criterion_id: str) -> MissingReasons | None:
    """Why patients are UNKNOWN on a criterion under a scenario; None where it is not assessable."""
    found = _counted(screener, protocol, scenario, criterion_id)
    return None if found is None else _reasons(found)


def missing_reasons_along(
    screener: Screener, screening: Screening, criterion_id: str, parameter: str, scenarios: Mapping[float, Scenario]
) -> Iterator[MissingReasons]:
    """The same at each stop of a parameter, rising with their scenarios, of an assessed criterion; only those are looked at again who may differ."""
    protocol = screening.protocol
    found = _counted(screener, protocol, next(iter(scenarios.values())), criterion_id)
    assert found is not None
    yield _reasons(found)
    for step in steps(screener, screening, criterion_id, parameter, scenarios):
        if len(step.patients):
            found.update(_counted(step.screener, protocol, step.after, criterion_id) or {})
            found.subtract(_counted(step.screener, protocol, step.before, criterion_id) or {})
        yield _reasons(found)


def _reasons(found: Counter[tuple[str, str]]) -> MissingReasons:
    variables_asked = dict.fromkeys(variable for variable, _ in found if variable)
    lacks = (Lack(variable, *(found[variable, what] for what in ("patients", "only", "outside"))) for variable in variables_asked)
    return MissingReasons(found["", "unknown"], tuple(each for each in lacks if each.patients), *(found["", kind] for kind in NONE_LACKING))


def _counted(screener: Screener, protocol: Protocol, scenario: Scenario, criterion_id: str) -> Counter[tuple[str, str]] | None:
    """Patients by reason, an entry for every variable asked for; they add up over any parts of the cohort."""
    outcome = screener.outcome(protocol, scenario, criterion_id)
    if outcome is None:
        return None
    unknown = np.flatnonzero(outcome == UNKNOWN)
    asked = screener.asked(protocol, scenario, criterion_id)
    lacking: dict[str, Bools] = {}
    any_open, settled_if_certain, without_column = np.zeros(len(unknown), bool), np.ones(len(unknown), bool), np.zeros(len(unknown), bool)
    for limb in asked.limbs:
        open_ = screener.limb_truth(asked.role, limb)[unknown] == UNKNOWN
        any_open |= open_
        if screener.evaluator.absent_variables(limb.stands):
            without_column |= open_
        settled_if_certain &= ~open_ | (screener.limb_truth(asked.role, replace(limb, stands=certain(limb.stands)))[unknown] != UNKNOWN)
        for variable in variables(limb.stands):
            lacks = screener.evaluator.open_for_lack(limb.stands, variable, limb.policies)[unknown]
            lacking[variable] = lacking.get(variable, np.zeros(len(unknown), bool)) | (lacks & open_)
    number = np.zeros(len(unknown), np.int64)
    for lacks in lacking.values():
        number += lacks
    none = number == 0
    found = Counter({("", "unknown"): len(unknown)})
    for variable, lacks in lacking.items():
        found[variable, "patients"], found[variable, "only"] = int(lacks.sum()), int((lacks & (number == 1)).sum())
        if lacks.any() and not _of_event(screener.catalogue, variable):
            found[variable, "outside"] = int((lacks & ~screener.evaluator.never_recorded(variable)[unknown]).sum())
    rest = none & any_open & ~settled_if_certain
    undated = rest & _undated(screener, asked)[unknown] if rest.any() else rest
    no_column = (none & ~any_open) | (rest & ~undated & without_column)
    rest &= ~undated & ~without_column
    fewer = rest & _fewer(screener, asked)[unknown] if rest.any() else rest
    for kind, meant in zip(NONE_LACKING, (no_column, none & any_open & settled_if_certain, rest & ~fewer, undated, fewer), strict=True):
        found["", kind] = int(meant.sum())
    return found


def _of_event(catalogue: Catalogue, variable: str) -> bool:
    """Whether it describes an event: then it is lacking of those recorded, not in a window."""
    of = catalogue[variable].of
    return of in catalogue and catalogue[of].kind is Kind.EVENT


def _undated(screener: Screener, asked: Asked) -> Bools:
    """The patients for whom an event in a limb that is UNKNOWN is open for want of its date."""
    found, evaluator = np.zeros(screener.cohort.patients, bool), screener.evaluator
    for limb in asked.limbs:
        open_ = screener.limb_truth(asked.role, limb) == UNKNOWN
        for term in walk(limb.stands):
            if isinstance(term, (Occurred, Exposed)) and (records := evaluator.records(term.event)) is not None:
                found |= open_ & (evaluator.truth(term, limb.policies) == UNKNOWN) & open_for_want_of_a_date(term, records)
    return found


def _fewer(screener: Screener, asked: Asked) -> Bools:
    """The patients who have fewer values than a limb asks for that is UNKNOWN for them."""
    found, evaluator = np.zeros(screener.cohort.patients, bool), screener.evaluator
    for limb in asked.limbs:
        open_ = screener.limb_truth(asked.role, limb) == UNKNOWN
        for term in walk(limb.stands):
            if isinstance(term, Pick) and term.last is not None and (records := evaluator.records(term.variable)) is not None:
                found |= open_ & fewer_than_asked(term, records)
    return found
