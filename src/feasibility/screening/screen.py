"""One outcome per patient and criterion, under a scenario; a move screens again only the criterion it moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from feasibility.cohort import Cohort
from feasibility.logic import FALSE, TRUE, UNKNOWN, Floats, Truth, and_, not_, or_
from feasibility.protocol import Criterion, Join, Limb, Protocol, Reading, Role
from feasibility.rules.nodes import All, AnyOf, Condition, Decided, Not, resolve, without_exceptions
from feasibility.scenario import Scenario, reading_id, values
from feasibility.screening.evaluate import Evaluator
from feasibility.screening.memory import Memory
from feasibility.variables import Catalogue, MissingPolicy, builtin_catalogue

FAIL, PASS = FALSE, TRUE
"""Outcomes are truth values of "the patient meets the criterion": FAIL 0, UNKNOWN 1, PASS 2."""


@dataclass(frozen=True)
class Assessment:
    """On which limbs of a criterion the cohort's columns say anything. ``absent``: the variables there is no column for."""

    assessed: tuple[str, ...]
    not_assessed: tuple[str, ...]
    absent: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return not self.not_assessed


@dataclass(frozen=True, eq=False)
class Screening:
    """The outcomes of a cohort under a scenario.

    ``outcomes`` has one int8 a patient for every criterion assessed at least in part: FAIL 0, UNKNOWN 1, PASS 2. A criterion of which no limb is
    assessable is not in it: set aside, counted neither as passed nor as failed.
    """

    cohort: Cohort
    protocol: Protocol
    scenario: Scenario
    outcomes: Mapping[str, Truth]
    assessments: Mapping[str, Assessment]

    @property
    def assessed(self) -> tuple[str, ...]:
        """Criteria with outcomes, switched off or not, in protocol order."""
        return tuple(each for each in self.protocol.ids if each in self.outcomes)

    @property
    def not_assessed(self) -> tuple[str, ...]:
        return tuple(each for each in self.protocol.ids if each not in self.outcomes)

    @property
    def partly_assessed(self) -> Mapping[str, tuple[str, ...]]:
        """Criteria some of whose limbs are not assessable → the limbs that are."""
        return {each: self.assessments[each].assessed for each in self.assessed if not self.assessments[each].whole}


@dataclass(frozen=True)
class _Limb:
    label: str
    stands: Condition  # the rule with its exception worked in
    rule: Condition
    policies: Mapping[str, MissingPolicy]


@dataclass(eq=False)
class Screener:
    """Screens one cohort under scenario after scenario, remembering what has not changed."""

    cohort: Cohort
    catalogue: Catalogue = field(default_factory=builtin_catalogue)
    memory: Memory = field(default_factory=Memory)
    _outcomes: dict[str, tuple[object, Truth | None, Assessment]] = field(default_factory=dict)

    def screen(self, protocol: Protocol, scenario: Scenario) -> Screening:
        """The outcome of every patient on every criterion."""
        outcomes: dict[str, Truth] = {}
        assessments: dict[str, Assessment] = {}
        given = values(protocol, scenario)
        for criterion in protocol.criteria:
            limbs, reading = self._limbs(protocol, scenario, criterion, given)
            key = (criterion.role, reading and reading.join, tuple((limb.stands, tuple(sorted(limb.policies.items()))) for limb in limbs))
            remembered = self._outcomes.get(criterion.id)
            if remembered is None or remembered[0] != key:
                outcome, assessment = self._criterion(criterion, reading, limbs)
                self._outcomes[criterion.id] = remembered = (key, outcome, assessment)
            assessments[criterion.id] = remembered[2]
            if remembered[1] is not None:
                outcomes[criterion.id] = remembered[1]
        return Screening(self.cohort, protocol, scenario, outcomes, assessments)

    @property
    def evaluator(self) -> Evaluator:
        return Evaluator(self.cohort, self.catalogue, self.memory)

    def _limbs(
        self, protocol: Protocol, scenario: Scenario, criterion: Criterion, given: Mapping[str, float | bool | str]
    ) -> tuple[tuple[_Limb, ...], Reading | None]:
        chosen = reading_id(protocol, scenario, criterion.id)
        if chosen is None:
            return (), None
        reading = criterion.reading(chosen)
        overridden = {
            name.partition(".")[2]: policy for name, policy in scenario.missing.items() if name.partition(".")[0] == criterion.id
        }
        return tuple(_resolved(limb, criterion.role, given, overridden) for limb in reading.limbs), reading

    def _criterion(self, criterion: Criterion, reading: Reading | None, limbs: tuple[_Limb, ...]) -> tuple[Truth | None, Assessment]:
        if reading is None:
            return None, Assessment((), (), ())
        # A limb that a switch has settled so that it decides nothing is not part of the question asked.
        neutral = Decided(reading.join is Join.ALL)
        asked = [limb for limb in limbs if limb.stands != neutral] or list(limbs)
        evaluator = self.evaluator
        assessed = [limb for limb in asked if evaluator.assessable(limb.stands)]
        others = [limb for limb in asked if limb not in assessed]
        absent = tuple(dict.fromkeys(name for limb in asked for name in evaluator.absent_variables(limb.stands)))
        assessment = Assessment(tuple(limb.label for limb in assessed), tuple(limb.label for limb in others), absent)
        if not assessed:
            return None, assessment
        truths = [self._limb(criterion.role, limb) for limb in assessed]
        if others and necessary(criterion.role, reading.join) is False:
            # The limbs are alternatives: the one the data cannot show might have been met, so without it nobody fails.
            truths.append(np.full(self.cohort.patients, UNKNOWN))
        rule = and_(*truths) if reading.join is Join.ALL else or_(*truths)
        return outcome(criterion.role, rule), assessment

    def _limb(self, role: Role, limb: _Limb) -> Truth:
        evaluator = self.evaluator
        truth = evaluator.truth(limb.stands, limb.policies)
        for variable, policy in limb.policies.items():
            if policy is MissingPolicy.FAIL:
                against = FALSE if role is Role.INCLUSION else TRUE
                truth = np.where((truth == UNKNOWN) & evaluator.lacks(limb.stands, variable), against, truth)
        return truth

    def outcome(self, protocol: Protocol, scenario: Scenario, criterion_id: str) -> Truth | None:
        """One criterion's outcomes under a scenario, without remembering them; None where it is not assessable."""
        criterion = protocol[criterion_id]
        limbs, reading = self._limbs(protocol, scenario, criterion, values(protocol, scenario))
        return self._criterion(criterion, reading, limbs)[0]

    def limb_outcomes(self, protocol: Protocol, scenario: Scenario, criterion_id: str) -> Mapping[str, Truth]:
        """Whether each patient meets each assessable limb of a criterion, by the limb's label."""
        criterion = protocol[criterion_id]
        limbs, _ = self._limbs(protocol, scenario, criterion, values(protocol, scenario))
        return {limb.label: outcome(criterion.role, self._limb(criterion.role, limb)) for limb in limbs if self.evaluator.assessable(limb.stands)}

    def saved(self, protocol: Protocol, scenario: Scenario, criterion_id: str) -> int | None:
        """How many patients' outcome changes when the criterion's exceptions are taken away; None if it has none or is not assessed."""
        criterion = protocol[criterion_id]
        limbs, reading = self._limbs(protocol, scenario, criterion, values(protocol, scenario))
        plain = tuple(_Limb(limb.label, without_exceptions(limb.rule), limb.rule, limb.policies) for limb in limbs)
        if all(limb.stands == other.stands for limb, other in zip(limbs, plain, strict=True)):
            return None
        with_them, without = self._criterion(criterion, reading, limbs)[0], self._criterion(criterion, reading, plain)[0]
        return None if with_them is None or without is None else int((with_them != without).sum())

    def pass_rates(self, protocol: Protocol, scenario: Scenario, criterion_id: str, patients: NDArray[np.intp]) -> Floats:
        """The assumed pass rate of some patients (by row) on a criterion that data cannot show; where no rate is given for one, 1.

        The first rate whose condition holds; where a condition is UNKNOWN, the lowest of the rates that may hold.
        """
        rates = np.ones(len(patients))
        if criterion_id in scenario.rates:
            rates[:] = scenario.rates[criterion_id]
            return rates
        given = values(protocol, scenario)
        open_ = np.ones(len(patients), bool)
        for assumed in protocol[criterion_id].assumed:
            everybody = np.full(len(patients), TRUE)
            meant = everybody if assumed.when is None else self.evaluator.truth(resolve(assumed.when, given), {})[patients]
            rates = np.where(open_ & (meant != FALSE), np.minimum(rates, assumed.rate), rates)
            open_ &= meant != TRUE
        return rates


def outcome(role: Role, rule: Truth) -> Truth:
    """The outcome from the truth of a criterion's rule: an exclusion criterion fails when its rule is TRUE."""
    return rule if role is Role.INCLUSION else not_(rule)


def necessary(role: Role, join: Join) -> bool:
    """Whether passing the criterion takes passing each limb; otherwise its limbs are alternatives."""
    return (role is Role.INCLUSION) == (join is Join.ALL)


def _resolved(limb: Limb, role: Role, given: Mapping[str, float | bool | str], overridden: Mapping[str, MissingPolicy]) -> _Limb:
    rule = resolve(limb.rule, given)
    stands = rule
    if limb.unless is not None:
        unless = resolve(limb.unless, given)
        both: Condition = AnyOf((rule, unless)) if role is Role.INCLUSION else All((rule, Not(unless)))
        stands = resolve(both, {})
    return _Limb(limb.label, stands, rule, {**limb.missing, **overridden})
