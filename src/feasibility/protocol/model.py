"""What a protocol is: stages, parameters, and criteria with their readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from feasibility.parameters import Parameter, Value
from feasibility.rules.nodes import Condition, Exposed, Pick, Ref, Window, parameters, walk
from feasibility.variables import MissingPolicy


class Role(StrEnum):
    INCLUSION = "inclusion"
    EXCLUSION = "exclusion"


class Join(StrEnum):
    """How the limbs of a reading combine: the rule holds if all of them hold, or any."""

    ALL = "all"
    ANY = "any"


@dataclass(frozen=True)
class Stage:
    """Where in screening a limb is assessed; ``after`` names the stages that must come before."""

    id: str
    label: str
    cost: float
    after: tuple[str, ...] = ()
    note: str = ""


def coming_before(stages: Sequence[Stage], stage_id: str) -> frozenset[str]:
    """The stages that must come before one, by way of others too."""
    after = {stage.id: [each for each in stage.after if any(each == other.id for other in stages)] for stage in stages}
    before: set[str] = set()
    waiting = [*after[stage_id]]
    while waiting:
        each = waiting.pop()
        if each not in before:
            before.add(each)
            waiting += after[each]
    return frozenset(before)


@dataclass(frozen=True)
class Preset:
    """Parameter values that are set together."""

    id: str
    label: str
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Remark:
    """Something a designer should know of the text itself, whatever the patients: a gap, a likely slip, two clauses that are one."""

    title: str
    text: str


@dataclass(frozen=True, eq=False)
class Limb:
    """One part of a reading with a rule of its own. ``unless`` is an exception: where it holds, the limb does not stand against the patient.

    Each is itself, whatever it says: what it is at some values is remembered under it (``screening.screen``).
    """

    label: str
    stage: str | None
    rule: Condition
    source: str
    unless: Condition | None = None
    missing: Mapping[str, MissingPolicy] = field(default_factory=dict)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The full names of the parameters it uses."""
        rules = (self.rule,) if self.unless is None else (self.rule, self.unless)
        return tuple(dict.fromkeys(name for rule in rules for name in parameters(rule)))


@dataclass(frozen=True)
class Reading:
    """One machine interpretation of a clause. ``short`` is what it is called where there is little room; empty where its label has to do."""

    id: str
    label: str
    join: Join
    limbs: tuple[Limb, ...]
    note: str = ""
    short: str = ""


@dataclass(frozen=True)
class Assumed:
    """The fraction expected to pass what data cannot show, for the patients ``when`` names (all, if None)."""

    rate: float
    when: Condition | None = None
    source: str = ""
    stage: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Criterion:
    """One clause. The first reading is the one used as written; a criterion without readings is judged by its assumed pass rate alone.

    In the file, limbs of the criterion itself belong to every reading.
    """

    id: str
    role: Role
    label: str
    text: str
    parameters: tuple[str, ...]
    readings: tuple[Reading, ...]
    assumed: tuple[Assumed, ...] = ()
    modifiable: bool = False
    note: str = ""

    def reading(self, reading_id: str) -> Reading:
        return next(reading for reading in self.readings if reading.id == reading_id)


@dataclass(frozen=True)
class Protocol:
    """A protocol as written. ``parameters`` holds all of them by full name: ``lab_window`` (shared) or ``I5.egfr_min``. ``text`` is the file itself."""

    title: str
    registry: str
    target_enrolment: int | None
    source: str
    parameters: Mapping[str, Parameter]
    presets: tuple[Preset, ...]
    stages: tuple[Stage, ...]
    criteria: tuple[Criterion, ...]
    remarks: tuple[Remark, ...]
    text: str

    def __getitem__(self, criterion_id: str) -> Criterion:
        return next(criterion for criterion in self.criteria if criterion.id == criterion_id)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(criterion.id for criterion in self.criteria)

    @cached_property
    def written(self) -> Mapping[str, Value]:
        """All parameters' values as written, by full name."""
        return {name: parameter.value for name, parameter in self.parameters.items()}

    @cached_property
    def lengths_of_time(self) -> frozenset[str]:
        """The parameters that rules use as a window, a distance between dates or a duration."""
        limbs = [limb for criterion in self.criteria for reading in criterion.readings for limb in reading.limbs]
        rules = [rule for limb in limbs for rule in (limb.rule, limb.unless) if rule is not None]
        lengths: list[object] = []
        for node in (node for rule in rules for node in walk(rule)):
            match node:
                case Window(length=length):
                    lengths.append(length)
                case Pick(apart=apart, span=span):
                    lengths += (apart, span)
                case Exposed(longer_than=longer, gap=gap):
                    lengths += (longer, gap)
                case _:
                    pass
        return frozenset(length.name for length in lengths if isinstance(length, Ref))

    def shared_parameters(self) -> tuple[Parameter, ...]:
        return tuple(parameter for name, parameter in self.parameters.items() if "." not in name)
