"""One outcome per patient and criterion, under a scenario; a move screens again only the criterion it moved."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from feasibility.cohort import Cohort
from feasibility.logic import FALSE, TRUE, UNKNOWN, Bools, Floats, Truth, and_, or_
from feasibility.protocol import Join, Protocol, Role
from feasibility.rules.nodes import Condition, Decided, resolve, without_exceptions
from feasibility.scenario import Scenario, values
from feasibility.screening.asked import Asked, Assessment, Resolved, ResolvedLimb, asked_alone, given_values, necessary, outcome, reading_in_use
from feasibility.screening.evaluate import Evaluator
from feasibility.screening.memory import Memory
from feasibility.screening.subset import subset
from feasibility.variables import Catalogue, MissingPolicy, builtin_catalogue

FAIL, PASS = FALSE, TRUE
"""Outcomes are truth values of "the patient meets the criterion": FAIL 0, UNKNOWN 1, PASS 2."""

ASIDE_BYTES = 200_000_000
MOST_FORMS = 1024  # of which it is known what was asked lately
MOST_OF_A_FORM = 8
MOST_OF_SOME = 2  # screeners of some patients that are kept


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


@dataclass(frozen=True, eq=False)
class PassRates:
    """The ``rates`` assumed on a criterion, rising, and which of them is each patient's."""

    rates: Floats
    of_patient: NDArray[Any]

    @property
    def nbytes(self) -> int:
        return self.of_patient.nbytes

    def take(self, rows: NDArray[np.intp]) -> PassRates:
        """Those of some patients."""
        return PassRates(self.rates, self.of_patient[rows])

    def of(self, patients: NDArray[np.intp]) -> Floats:
        """The rate of some patients, by row."""
        rates: Floats = self.rates[self.of_patient[patients]]
        return rates


@dataclass(eq=False)
class Screener:
    """Screens one cohort under scenario after scenario, remembering what has not changed."""

    cohort: Cohort
    catalogue: Catalogue = field(default_factory=builtin_catalogue)
    memory: Memory = field(default_factory=Memory)
    _outcomes: dict[str, tuple[object, Truth | None, Assessment]] = field(default_factory=dict)
    _shown: WeakKeyDictionary[ResolvedLimb, tuple[bool, tuple[str, ...]]] = field(default_factory=WeakKeyDictionary)
    _of_some: tuple[tuple[NDArray[np.intp], Screener], ...] = ()
    _lately: OrderedDict[Hashable, tuple[Asked, ...]] = field(default_factory=OrderedDict)
    _lock: RLock = field(default_factory=RLock)

    def screen(self, protocol: Protocol, scenario: Scenario, find: Callable[[Screener, Asked], Truth] | None = None) -> Screening:
        """The outcome of every patient on every criterion; what a criterion asks that it did not ask last is found by ``find``, or anew."""
        outcomes: dict[str, Truth] = {}
        assessments: dict[str, Assessment] = {}
        given = values(protocol, scenario)
        for criterion in protocol.criteria:
            resolved = reading_in_use(protocol, scenario, criterion, given)
            key = (resolved.role, resolved.join, tuple((limb.label, limb.key) for limb in resolved.limbs))
            remembered = self._outcomes.get(criterion.id)
            if remembered is None or remembered[0] != key:
                asked = self._asked(resolved)
                outcome = find(self, asked) if find is not None and asked.limbs else self.outcome_of(asked)
                self._outcomes[criterion.id] = remembered = (key, outcome, asked.assessment)
            assessments[criterion.id] = remembered[2]
            if remembered[1] is not None:
                outcomes[criterion.id] = remembered[1]
        return Screening(self.cohort, protocol, scenario, outcomes, assessments)

    def aside(self) -> Screener:
        """A screener that knows what this one knows and leaves it as it is."""
        with self._lock:
            lately = self._lately.copy()
        return Screener(self.cohort, self.catalogue, Memory(ASIDE_BYTES, behind=self.memory), dict(self._outcomes), self._shown, _lately=lately)

    def of(self, patients: NDArray[np.intp]) -> Screener:
        """The same as ``among``, and again for the very same array, if it was one of the last."""
        with self._lock:
            some = next((some for rows, some in self._of_some if rows is patients), None)
            if some is None:
                some = self.among(patients)
            self._of_some = ((patients, some), *(each for each in self._of_some if each[0] is not patients))[:MOST_OF_SOME]
        return some

    def among(self, patients: NDArray[np.intp]) -> Screener:
        """A screener of some of the patients, by row, that knows of them what this one knows of all and leaves it as it is."""
        memory = Memory(ASIDE_BYTES, behind=self.memory, rows=patients)
        return Screener(subset(self.cohort, patients, self.cohort.records), self.catalogue, memory, _shown=self._shown)

    def ask(self, what: Hashable, asked: Asked) -> tuple[Asked, ...]:
        """Notes what is ``asked`` under a name; what of the same form was asked lately, the latest first."""
        form = what, asked.form
        with self._lock:
            before = self._lately.pop(form, ())
            self._lately[form] = (asked, *before)[:MOST_OF_A_FORM]
            if len(self._lately) > MOST_FORMS:
                self._lately.popitem(last=False)
        return before

    @property
    def evaluator(self) -> Evaluator:
        return Evaluator(self.cohort, self.catalogue, self.memory)

    def asked(self, protocol: Protocol, scenario: Scenario, criterion_id: str, *moving: str) -> Asked:
        """What a criterion asks under a scenario; parameters that are ``moving`` are left open in it."""
        return self._asked(reading_in_use(protocol, scenario, protocol[criterion_id], given_values(protocol, scenario, *moving)))

    def asked_without_exceptions(self, protocol: Protocol, scenario: Scenario, criterion_id: str, moving: str | None = None) -> Asked | None:
        """What it would ask without its exceptions; None if it has none."""
        with_them = reading_in_use(protocol, scenario, protocol[criterion_id], given_values(protocol, scenario, moving))
        plain = tuple(replace(limb, stands=without_exceptions(limb.rule)) for limb in with_them.limbs)
        return None if [limb.key for limb in plain] == [limb.key for limb in with_them.limbs] else self._asked(replace(with_them, limbs=plain))

    def assessable_limbs(self, protocol: Protocol, scenario: Scenario, criterion_id: str, moving: str | None = None) -> tuple[ResolvedLimb, ...]:
        """The limbs of the reading in use that the cohort's columns can show, those that a switch has settled among them."""
        limbs = reading_in_use(protocol, scenario, protocol[criterion_id], given_values(protocol, scenario, moving)).limbs
        return tuple(limb for limb in limbs if self._shows(limb)[0])

    def _shows(self, limb: ResolvedLimb) -> tuple[bool, tuple[str, ...]]:
        """Whether the cohort's columns show a limb, and the variables it speaks of for which there is none."""
        if limb not in self._shown:
            self._shown[limb] = self.evaluator.assessable(limb.stands), self.evaluator.absent_variables(limb.stands)
        return self._shown[limb]

    def _asked(self, criterion: Resolved) -> Asked:
        # A limb that a switch has settled so that it decides nothing is not part of the question asked.
        neutral = Decided(criterion.join is Join.ALL)
        asked = [limb for limb in criterion.limbs if limb.stands != neutral] or list(criterion.limbs)
        assessed = [limb for limb in asked if self._shows(limb)[0]]
        others = [limb for limb in asked if limb not in assessed]
        absent = tuple(dict.fromkeys(name for limb in asked for name in self._shows(limb)[1]))
        assessment = Assessment(tuple(limb.label for limb in assessed), tuple(limb.label for limb in others), absent)
        open_ = bool(others) and necessary(criterion.role, criterion.join) is False
        return Asked(criterion.role, criterion.join, tuple(assessed), assessment, open_)

    def outcome_of(self, asked: Asked) -> Truth | None:
        """The outcome of every patient on what is asked, nothing being left open; None where nothing of it is assessable."""
        if not asked.limbs:
            return None
        truths = [self.limb_truth(asked.role, limb) for limb in asked.limbs]
        if asked.open:
            truths.append(np.full(self.cohort.patients, UNKNOWN))
        rule = and_(*truths) if asked.join is Join.ALL else or_(*truths)
        return outcome(asked.role, rule)

    def outcome_remembered(self, asked: Asked) -> Truth:
        """The outcome of every patient on what is asked, of which something is assessable; remembered."""

        def compute() -> Truth:
            found = self.outcome_of(asked)
            assert found is not None
            return found

        return self.memory.recall((asked.key,), compute)

    def limb_truth(self, role: Role, limb: ResolvedLimb) -> Truth:
        """The truth of a limb's rule for every patient, lacks counted against those who have them where the policy says so."""
        evaluator = self.evaluator
        truth = evaluator.truth(limb.stands, limb.policies)
        against = FALSE if role is Role.INCLUSION else TRUE
        for lacking in self.lacking(limb):
            truth = np.where((truth == UNKNOWN) & lacking, against, truth)
        return truth

    def lacking(self, limb: ResolvedLimb) -> Iterator[Bools]:
        """By each variable of which a lack counts against the patient: the patients who lack it."""
        for variable, policy in limb.policies.items():
            if policy is MissingPolicy.FAIL:
                yield self.evaluator.lacks(limb.stands, variable)

    def outcome(self, protocol: Protocol, scenario: Scenario, criterion_id: str) -> Truth | None:
        """One criterion's outcomes under a scenario, without remembering them; None where it is not assessable."""
        return self.outcome_of(self.asked(protocol, scenario, criterion_id))

    def limb_outcomes(
        self, protocol: Protocol, scenario: Scenario, criterion_id: str, find: Callable[[Screener, Asked], Truth] | None = None
    ) -> Mapping[str, Truth]:
        """Whether each patient meets each assessable limb of a criterion, by the limb's label; found by ``find``, or anew."""
        role, limbs = protocol[criterion_id].role, self.assessable_limbs(protocol, scenario, criterion_id)
        if find is None:
            return {limb.label: outcome(role, self.limb_truth(role, limb)) for limb in limbs}
        return {limb.label: find(self, asked_alone(role, limb)) for limb in limbs}

    def saved(self, protocol: Protocol, scenario: Scenario, criterion_id: str) -> int | None:
        """How many patients' outcome changes when the criterion's exceptions are taken away; None if it has none or is not assessed."""
        plain = self.asked_without_exceptions(protocol, scenario, criterion_id)
        if plain is None:
            return None
        with_them, without = self.outcome(protocol, scenario, criterion_id), self.outcome_of(plain)
        return None if with_them is None or without is None else int((with_them != without).sum())

    def pass_rates(self, protocol: Protocol, scenario: Scenario, criterion_id: str) -> PassRates:
        """The pass rates assumed on a criterion that data cannot show; where no rate is given for somebody, 1.

        The first rate whose condition holds; where a condition is UNKNOWN, the lowest of the rates that may hold. Remembered.
        """
        given = values(protocol, scenario)
        assumed = [(None if each.when is None else resolve(each.when, given), each.rate) for each in protocol[criterion_id].assumed]
        if criterion_id in scenario.rates:
            assumed = [(None, scenario.rates[criterion_id])]
        assumed.append((None, 1.0))
        of_everybody = next(place for place, (condition, _) in enumerate(assumed) if condition is None)
        asked = tuple(assumed[: of_everybody + 1])
        return self.memory.recall(("pass rates", asked), lambda: self._pass_rates(asked))

    def _pass_rates(self, assumed: tuple[tuple[Condition | None, float], ...]) -> PassRates:
        rates, patients = sorted({rate for _, rate in assumed}), self.cohort.patients
        places = np.full(patients, len(rates) - 1, np.min_scalar_type(len(rates)))
        open_ = np.ones(patients, bool)
        for condition, rate in assumed:
            meant = np.full(patients, TRUE) if condition is None else self.evaluator.truth(condition, {})
            places = np.where(open_ & (meant != FALSE), np.minimum(places, places.dtype.type(rates.index(rate))), places)
            open_ &= meant != TRUE
        return PassRates(np.array(rates), places)
