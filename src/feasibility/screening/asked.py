"""What a criterion asks of the patients under a scenario: of the reading in use the limbs, with their parameters' values or with some left open."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from feasibility.logic import Truth, not_
from feasibility.parameters import Value
from feasibility.protocol import Criterion, Join, Limb, Protocol, Role
from feasibility.rules.nodes import All, AnyOf, Condition, Not, Ref, parameters, resolve
from feasibility.rules.numbers import form_and_numbers
from feasibility.scenario import Scenario, reading_id, values
from feasibility.screening.memory import Key
from feasibility.variables import MissingPolicy

MOST_LIMBS = 4096  # remembered as they are under some values


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
class ResolvedLimb:
    """A limb with its parameters' values; ``stands`` is its rule with its exception worked in. Each is itself: what is found of it is kept under it."""

    label: str
    stands: Condition
    rule: Condition
    policies: Mapping[str, MissingPolicy]

    @cached_property
    def key(self) -> Hashable:
        """What its truth depends on."""
        return Key((self.stands, tuple(sorted(self.policies.items()))))

    @cached_property
    def moved(self) -> frozenset[str]:
        """The parameters left open in what stands."""
        return frozenset(parameters(self.stands))

    @cached_property
    def spoken_of(self) -> frozenset[str]:
        """Those left open in it or in its rule."""
        return self.moved | frozenset(parameters(self.rule))


@dataclass(frozen=True)
class Resolved:
    """The reading in use of a criterion, with its parameters' values."""

    role: Role
    join: Join
    limbs: tuple[ResolvedLimb, ...]


@dataclass(frozen=True)
class Asked:
    """What is asked of the patients: of a reading's limbs those that decide something and that the cohort's columns can show.

    ``open``: the limbs are alternatives and the data cannot show all of them, so that without the others nobody fails.
    """

    role: Role
    join: Join
    limbs: tuple[ResolvedLimb, ...]
    assessment: Assessment
    open: bool

    @cached_property
    def key(self) -> Hashable:
        """What the outcomes depend on."""
        return Key((self.role, self.join, self.open, tuple(limb.key for limb in self.limbs)))

    @cached_property
    def form(self) -> Hashable:
        """What things that differ in nothing but numbers have alike."""
        policies = tuple(tuple(sorted(limb.policies.items())) for limb in self.limbs)
        return Key((self.role, self.join, self.open, tuple(form_and_numbers(limb.stands)[0] for limb in self.limbs), policies))

    @cached_property
    def numbers(self) -> tuple[tuple[float, ...], ...]:
        """The numbers, limb by limb, in the order in which they stand."""
        return tuple(form_and_numbers(limb.stands)[1] for limb in self.limbs)


def asked_alone(role: Role, limb: ResolvedLimb) -> Asked:
    """A limb as if nothing else were asked."""
    return Asked(role, Join.ALL, (limb,), Assessment((limb.label,), (), ()), open=False)


def outcome(role: Role, rule: Truth) -> Truth:
    """The outcome from the truth of a criterion's rule: an exclusion criterion fails when its rule is TRUE."""
    return rule if role is Role.INCLUSION else not_(rule)


def necessary(role: Role, join: Join) -> bool:
    """Whether passing the criterion takes passing each limb; otherwise its limbs are alternatives."""
    return (role is Role.INCLUSION) == (join is Join.ALL)


def given_values(protocol: Protocol, scenario: Scenario, *moving: str | None) -> Mapping[str, Value | Ref]:
    """The values of all parameters under a scenario; those that are ``moving`` are left open."""
    given: dict[str, Value | Ref] = {**values(protocol, scenario)}
    return {**given, **{name: Ref(name) for name in moving if name is not None}}


def reading_in_use(protocol: Protocol, scenario: Scenario, criterion: Criterion, given: Mapping[str, Value | Ref]) -> Resolved:
    """A criterion by its reading in use, with the values given; without limbs where no reading can be used."""
    chosen = reading_id(protocol, scenario, criterion.id)
    if chosen is None:
        return Resolved(criterion.role, Join.ALL, ())
    reading = criterion.reading(chosen)
    overridden = {name.partition(".")[2]: policy for name, policy in scenario.missing.items() if name.partition(".")[0] == criterion.id}
    return Resolved(criterion.role, reading.join, tuple(_resolved_limb(limb, criterion.role, given, overridden) for limb in reading.limbs))


def _resolved_limb(limb: Limb, role: Role, given: Mapping[str, Value | Ref], overridden: Mapping[str, MissingPolicy]) -> ResolvedLimb:
    return _limb_at(limb, role, tuple((name, given[name]) for name in limb.parameters), tuple(overridden.items()))


@lru_cache(maxsize=MOST_LIMBS)
def _limb_at(limb: Limb, role: Role, given: tuple[tuple[str, Value | Ref], ...], overridden: tuple[tuple[str, MissingPolicy], ...]) -> ResolvedLimb:
    values = dict(given)
    rule = resolve(limb.rule, values)
    stands = rule
    if limb.unless is not None:
        unless = resolve(limb.unless, values)
        both: Condition = AnyOf((rule, unless)) if role is Role.INCLUSION else All((rule, Not(unless)))
        stands = resolve(both, values)
    return ResolvedLimb(limb.label, stands, rule, {**limb.missing, **dict(overridden)})
