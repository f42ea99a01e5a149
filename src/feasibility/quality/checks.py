"""Contradictions: what cannot be so, or hardly, looked for in every patient. The checks are data, in the language of the rules."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import TRUE, UNKNOWN, Bools, Truth
from feasibility.problems import Found
from feasibility.quality.beside import BESIDE
from feasibility.rules.nodes import Condition, Node, Not, Occurred, children, variables
from feasibility.rules.parse import Scope, read_rule
from feasibility.rules.sentence import sentence
from feasibility.screening.evaluate import Evaluator
from feasibility.screening.rows import any_row
from feasibility.variables import Catalogue, builtin_catalogue

KEYS = frozenset({"id", "label", "rule", "beside", "found", "says", "why", "remedy", "evidence"})
MOST_LISTED = 1_000


@dataclass(frozen=True)
class Check:
    """One thing that should not be: a rule, or the name of what a rule cannot say (``beside``), or what reading the files found (``found``).

    ``says`` is what it looks for as a sentence, ``evidence`` what its limits rest on where that has to be said.
    """

    id: str
    label: str
    says: str
    why: str
    remedy: str
    evidence: str = ""
    rule: Condition | None = None
    beside: str = ""
    found: Found | None = None


@dataclass(frozen=True)
class Checked:
    """A check on a cohort: ``patients`` for whom it is certainly so, of the ``checked`` for whom it could be looked for (None: it was seen while reading
    the files, in ``patients`` cells). ``absent`` are the variables without a column, for lack of which nobody can be checked.
    """

    check: Check
    patients: int
    checked: int | None
    absent: tuple[str, ...] = ()


def read_checks(text: str, catalogue: Catalogue) -> tuple[Check, ...]:
    """The checks of a TOML file; raises ``ValueError`` with every entry that does not hold together."""
    faults: list[str] = []
    checks: list[Check] = []
    for entry in tomllib.loads(text).get("check", []):
        try:
            checks.append(_check(entry, catalogue))
        except (KeyError, ValueError) as fault:
            faults.append(f"check {entry.get('id', '?')}: {fault}")
    if len({check.id for check in checks}) < len(checks):
        faults.append("two checks have one id")
    if faults:
        raise ValueError("\n".join(faults))
    return tuple(checks)


def _check(entry: Mapping[str, Any], catalogue: Catalogue) -> Check:
    if unknown := sorted(set(entry) - KEYS):
        raise ValueError(f"unknown keys {', '.join(unknown)}")
    ways = [key for key in ("rule", "beside", "found") if key in entry]
    if len(ways) != 1:
        raise ValueError("expected one of rule, beside and found")
    rule: Condition | None = None
    says = entry.get("says", "")
    if "rule" in entry:
        rule, mistakes = read_rule(entry["rule"], Scope(catalogue, {}))
        if rule is None:
            raise ValueError("; ".join(mistakes))
        says = sentence(rule, catalogue)
    elif "beside" in entry and entry["beside"] not in BESIDE:
        raise ValueError(f"beside is one of {', '.join(BESIDE)}")
    return Check(
        entry["id"],
        entry["label"],
        says,
        entry["why"],
        entry["remedy"],
        entry.get("evidence", ""),
        rule,
        entry.get("beside", ""),
        Found(entry["found"]) if "found" in entry else None,
    )


@cache
def builtin_checks() -> tuple[Check, ...]:
    """The checks that come with the product."""
    return read_checks(resources.files("feasibility").joinpath("data", "checks.toml").read_text(encoding="utf-8"), builtin_catalogue())


def run(evaluator: Evaluator, checks: tuple[Check, ...]) -> tuple[Checked, ...]:
    """Every check on the cohort, by the catalogue's missing policies: where no record means that something did not happen, it did not."""
    return tuple(_run(evaluator, check) for check in checks)


def _run(evaluator: Evaluator, check: Check) -> Checked:
    if check.found is not None:
        details = (problem.detail for problem in evaluator.cohort.report.problems)
        return Checked(check, sum(detail.number for detail in details if detail.found is check.found), None)
    truth = truth_of(evaluator, check)
    if truth is None:
        return Checked(check, 0, 0, absent(evaluator, check))
    so = truth == TRUE
    return Checked(check, int(np.count_nonzero(so)), int(np.count_nonzero(so | ((truth != UNKNOWN) & _answered(evaluator, check)))))


def _answered(evaluator: Evaluator, check: Check) -> Bools:
    """Those with an answer on every event that a rule asks to have occurred, of which *no* is recorded too; where only what occurred is, everybody."""
    answered = np.ones(evaluator.cohort.patients, bool)
    for name in _occurring(check.rule) if check.rule is not None else ():
        records = evaluator.records(name)
        if records is not None and name in records.fields and bool((records.fields[name].hi < 1).any()):
            answered &= any_row(records.fields[name].something_known, records)
    return answered


def _occurring(condition: Node) -> Iterator[str]:
    """The events that a condition asks to have occurred; not those that it asks not to have."""
    if isinstance(condition, Occurred):
        yield condition.event
    elif not isinstance(condition, Not):
        for inner in children(condition):
            yield from _occurring(inner)


def truth_of(evaluator: Evaluator, check: Check) -> Truth | None:
    """Whether it is so of each patient; None where the cohort has no column to tell."""
    if check.beside:
        return BESIDE[check.beside].truth(evaluator)
    if check.rule is None or absent(evaluator, check):
        return None
    return evaluator.truth(check.rule, {})


def absent(evaluator: Evaluator, check: Check) -> tuple[str, ...]:
    """The variables a check needs that the cohort has no column for."""
    names = BESIDE[check.beside].needs if check.beside else variables(check.rule) if check.rule is not None else ()
    return tuple(name for name in names if evaluator.records(name) is None)


def those(evaluator: Evaluator, check: Check) -> NDArray[np.object_]:
    """The identifiers of the patients of whom it is certainly so: at most the first ``MOST_LISTED``."""
    truth = truth_of(evaluator, check)
    rows = np.zeros(0, np.intp) if truth is None else np.flatnonzero(truth == TRUE)
    return evaluator.cohort.ids[rows[:MOST_LISTED]]
