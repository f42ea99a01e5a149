"""Columns that say both yes and no, and nothing of many patients: nothing said counts as no, and that is warned of."""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Set

import numpy as np
from numpy.typing import NDArray

from feasibility.cohort import Records
from feasibility.intake.places import counted
from feasibility.logic import Bools
from feasibility.problems import Detail, Problem
from feasibility.variables import Catalogue, Kind, MissingPolicy, Variable

MANY = 0.2
"""From this share of the patients on it is said that nothing is."""


def blank_as_no(records: Map[str, Records], covered: Set[str], catalogue: Catalogue) -> list[Problem]:
    """Events of which no record means that they did not happen, where answers are recorded, *no* among them, but not of many patients.

    Where only what happened is recorded, nothing else is to be expected; kinds that a table of events covers are known to be complete.
    """
    found = []
    for name, held in records.items():
        variable = catalogue.variables.get(name)
        if variable is None or variable.kind is not Kind.EVENT or variable.missing is not MissingPolicy.ABSENT or name in covered or name not in held.fields:
            continue
        values = held.fields[name]
        unanswered = _asked(records, variable)
        unanswered[_owners(held)[values.something_known]] = False
        asked, blank = int(np.count_nonzero(_asked(records, variable))), int(np.count_nonzero(unanswered))
        if blank and blank >= MANY * asked and bool((values.hi < 1).any()):
            said = f"counts as no: there is no answer for {counted(blank, 'patient')} of {asked:,}, in a column that has yes and no."
            remedy = (
                "If they were not asked or tested, take what is missing as unknown: on the Criteria page, under “Thresholds and missing values”, "
                f"or with --missing CRITERION.{name}=unknown."
            )
            each = "no answer counts as no, for many patients, in a column that has yes and no."
            found.append(Problem("warning", variable.label, said, remedy, Detail(variable=name, number=blank, each=each)))
    return found


def _owners(held: Records) -> NDArray[np.intp]:
    """The patient of each row."""
    patients = np.arange(held.patients)
    return patients if held.starts is None else np.repeat(patients, np.diff(held.starts))


def _asked(records: Map[str, Records], variable: Variable) -> Bools:
    """The patients who may be asked: of what only one sex can be, those not known to be of the other."""
    sex = records.get("sex")
    asked = np.ones(next(iter(records.values())).patients, bool)
    if sex is not None and variable.of_sex is not None:
        values = sex.fields["sex"]
        asked[_owners(sex)[(values.lo == values.hi) & (values.lo != variable.of_sex)]] = False
    return asked
