"""The same rule over the same patients by the product and by the judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

import numpy as np

from feasibility.parameters import Number, Parameter, Value
from feasibility.protocol import Protocol, read_protocol
from feasibility.rules.nodes import Condition, resolve
from feasibility.rules.parse import Scope, read_rule
from feasibility.scenario import AS_WRITTEN, Scenario, reading_id, values
from feasibility.screening.evaluate import Evaluator
from feasibility.screening.screen import Screener
from feasibility.variables import MissingPolicy, builtin_catalogue
from oracle import judge
from oracle.judge import NAMES, Case
from oracle.patients import Columns, Patient, cohort, columns_for

Policies = Mapping[str, MissingPolicy]


class Layout(StrEnum):
    """How a file holds its records: many rows a patient, or one, where each patient has no more than one."""

    LONG = "long"
    WIDE = "wide"


def number(value: float, unit: str = "") -> Number:
    """A parameter with room on both sides."""
    return Number("p", "p", value, -1e9, 1e9, 1, unit)


def rule(text: str, parameters: Mapping[str, Parameter] | None = None) -> Condition:
    given = parameters or {}
    condition, mistakes = read_rule(text, Scope(builtin_catalogue(), {name: (name, parameter) for name, parameter in given.items()}))
    assert condition is not None, mistakes
    return resolve(condition, {name: parameter.value for name, parameter in given.items()})


def by_product(condition: Condition, patients: Sequence[Patient], columns: Columns, policies: Policies | None = None) -> list[int]:
    truth = Evaluator(cohort(patients, columns), builtin_catalogue()).truth(condition, policies or {})
    assert truth.shape == (len(patients),)
    assert truth.dtype == np.int8
    return truth.tolist()


def by_judge(condition: Condition, patients: Sequence[Patient], columns: Columns, policies: Policies | None = None) -> list[int]:
    """Exact dates are judged as they are, partial ones in every way they may turn out."""
    return [judge.over_worlds(lambda world: judge.truth(condition, Case(world, columns, {}, policies or {})), each, columns) for each in patients]


def verdicts(
    text: str,
    patient: Patient,
    *columns: str,
    parameters: Mapping[str, Parameter] | None = None,
    policies: Policies | None = None,
    layouts: Sequence[Layout] = tuple(Layout),
) -> set[str]:
    """What the judge and the product say, in each layout, alone and among others: one name, if all is well."""
    condition = rule(text, parameters)
    nobody = Patient({})
    said = set()
    for layout in layouts:
        asked = columns_for([patient], *columns, wide=layout is Layout.WIDE)
        said |= {(f"judge, {layout}", each) for each in by_judge(condition, [patient], asked, policies)}
        for crowd in ([patient], [nobody, patient, nobody], [patient, patient]):
            held = by_product(condition, crowd, asked, policies)
            said.add((f"product, {layout}, {len(crowd)} patients", held[1 if len(crowd) == 3 else 0]))
    names = {NAMES[held] for _, held in said}
    return names if len(names) == 1 else {f"{who}: {NAMES[held]}" for who, held in said}


def screened(protocol: Protocol, patients: Sequence[Patient], columns: Columns, scenario: Scenario = AS_WRITTEN) -> dict[str, list[int]]:
    """The product's outcomes by criterion."""
    screening = Screener(cohort(patients, columns)).screen(protocol, scenario)
    return {criterion_id: truth.tolist() for criterion_id, truth in screening.outcomes.items()}


def judged(protocol: Protocol, patients: Sequence[Patient], columns: Columns, scenario: Scenario = AS_WRITTEN) -> dict[str, list[int]]:
    """The judge's outcomes by criterion."""
    given: Mapping[str, Value] = values(protocol, scenario)
    found: dict[str, list[int]] = {}
    for criterion in protocol.criteria:
        chosen = reading_id(protocol, scenario, criterion.id)
        if chosen is None:
            continue
        reading = criterion.reading(chosen)
        overridden = {key.partition(".")[2]: policy for key, policy in scenario.missing.items() if key.partition(".")[0] == criterion.id}
        blank = Case(Patient({}), columns, given)
        if not judge.assessed_limbs(criterion.role, reading, blank)[0]:
            continue
        found[criterion.id] = [
            judge.over_worlds(lambda world, c=criterion, r=reading, o=overridden: judge.outcome(c, r, Case(world, columns, given), o), each, columns)
            for each in patients
        ]
    return found


def protocol_of(*limbs: str, role: str = "inclusion", join: str | None = None, parameters: str = "", unless: str = "", missing: str = "") -> Protocol:
    """A protocol with one criterion C of one reading with these rules as limbs."""
    joined = f'join = "{join}"\n' if join else ""
    text = f'title = "t"\n[[criterion]]\nid = "C"\nrole = "{role}"\nlabel = "c"\ntext = "c"\n[criterion.parameters]\n{parameters}\n'
    text += f'[[criterion.reading]]\nid = "r"\nlabel = "r"\n{joined}'
    for place, limb in enumerate(limbs):
        text += f"[[criterion.reading.limb]]\nlabel = 'limb {place + 1}'\nrule = '''{limb}'''\n"
        text += f"unless = '''{unless}'''\n" if unless else ""
        text += f"missing = {missing}\n" if missing else ""
    return read_protocol(text, builtin_catalogue())
