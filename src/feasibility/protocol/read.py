"""A protocol from its TOML file; every mistake in it named with its place, all together."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from feasibility.parameters import Choice, Direction, Number, Parameter, Switch, Unbounded, accept
from feasibility.problems import Problem, Unusable
from feasibility.protocol.model import Assumed, Criterion, Join, Limb, Preset, Protocol, Reading, Remark, Role, Stage, coming_before
from feasibility.rules.nodes import Condition
from feasibility.rules.parse import Scope, read_rule
from feasibility.rules.polarity import Polarity, joined, polarity
from feasibility.variables import Catalogue, MissingPolicy, builtin_catalogue

MOST_CRITERIA = 63  # one bit each in an int64
LOOSENS = {Polarity.RISES: Direction.UP, Polarity.FALLS: Direction.DOWN}
OFF_STEP = 1e-9  # what floating point may add to a whole number of steps
PLAIN_ID = re.compile(r"[\w-]+")  # a link and the shell write lists of ids, and ``I5.egfr_min=15``


@cache
def builtin_protocol() -> Protocol:
    """The protocol that comes with the product: NCT06969807."""
    text = resources.files("feasibility").joinpath("data", "amimestrocel.toml").read_text(encoding="utf-8")
    return read_protocol(text, builtin_catalogue())


def read_protocol(text: str, catalogue: Catalogue) -> Protocol:
    """A protocol from TOML text.

    Raises ``Unusable`` with every mistake found: which criterion, where in it, what was expected.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Unusable([Problem("error", "protocol file", f"is not valid TOML: {error}.", "Mend the line named and load it again.")]) from None
    reader = _Reader(catalogue)
    protocol = reader.protocol(data, text)
    if reader.problems:
        raise Unusable(reader.problems)
    return protocol


class _Wrong(Exception):
    """A value that is not what was expected there."""


def _expect(entry: Mapping[str, Any], key: str, kind: type | tuple[type, ...], expected: str, default: Any = None) -> Any:
    value = entry.get(key, default)
    if value is None and key not in entry:
        raise _Wrong(f"{key} is missing; expected {expected}")
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise _Wrong(f"{key} is {value!r}; expected {expected}")
    return value


class _Reader:
    """Reads a protocol file part by part, noting what is wrong and going on, so that all mistakes come together."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.problems: list[Problem] = []

    def wrong(self, where: str, message: str) -> None:
        self.problems.append(Problem("error", f"protocol, {where}", message.rstrip(".") + "."))

    def only(self, where: str, entry: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for key in entry.keys() - set(known):
            self.wrong(where, f"{key!r} is not known here; expected one of {', '.join(known)}")

    def protocol(self, data: dict[str, Any], text: str) -> Protocol:
        self.only("top level", data, ("title", "registry", "target_enrolment", "source", "parameters", "preset", "stage", "criterion", "remark"))
        parameters: dict[str, Parameter] = {}
        for name, entry in self.table("top level", data, "parameters").items():
            self.parameter(f"parameter {name}", name, name, entry, parameters)
        stages = tuple(stage for number, entry in enumerate(self.tables("top level", data, "stage"), 1) if (stage := self.stage(number, entry)))
        stage_ids = [stage.id for stage in stages]
        for stage in stages:
            if stage_ids.count(stage.id) > 1:
                self.wrong(f"stage {stage.id}", "this id is used twice")
            for before in stage.after:
                if before not in stage_ids:
                    self.wrong(f"stage {stage.id}", f"after names {before!r}, which is not a stage")
            if stage.id in coming_before(stages, stage.id):
                self.wrong(f"stage {stage.id}", "by what after names it would come after itself")
        criteria: list[Criterion] = []
        for number, entry in enumerate(self.tables("top level", data, "criterion"), 1):
            criterion = self.criterion(number, entry, parameters, stage_ids)
            if criterion is not None:
                if criterion.id in [other.id for other in criteria]:
                    self.wrong(f"criterion {criterion.id}", "this id is used twice")
                criteria.append(criterion)
        if not data.get("criterion"):
            self.wrong("top level", "there is no [[criterion]]; expected at least one")
        if len(criteria) > MOST_CRITERIA:
            self.wrong("top level", f"there are {len(criteria)} criteria; expected at most {MOST_CRITERIA}")
        presets = tuple(preset for entry in self.tables("top level", data, "preset") if (preset := self.preset(entry, parameters)))
        try:
            title = _expect(data, "title", str, "a text")
            target = _expect(data, "target_enrolment", int, "a whole number") if "target_enrolment" in data else None
            registry, source = _expect(data, "registry", str, "a text", ""), _expect(data, "source", str, "a text", "")
        except _Wrong as wrong:
            self.wrong("top level", str(wrong))
            title, target, registry, source = "", None, "", ""
        remarks = tuple(remark for number, entry in enumerate(self.tables("top level", data, "remark"), 1) if (remark := self.remark(number, entry)))
        return Protocol(title, registry, target, source, parameters, presets, stages, tuple(criteria), remarks, text)

    def tables(self, where: str, entry: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
        value = entry.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.wrong(where, f"{key} is not a list of tables; write [[{key}]]")
            return []
        return value

    def table(self, where: str, entry: Mapping[str, Any], key: str) -> dict[str, Any]:
        value = entry.get(key, {})
        if not isinstance(value, dict):
            self.wrong(where, f"{key} is not a table")
            return {}
        return value

    def parameter(self, where: str, name: str, full: str, entry: Any, parameters: dict[str, Parameter]) -> None:
        try:
            if not isinstance(entry, dict):
                raise _Wrong("expected { value = …, label = … }")
            value = entry.get("value")
            label = _expect(entry, "label", str, "a text")
            if not name.isidentifier():
                raise _Wrong("its name may hold letters, digits and _ only")
            if name in self.catalogue:
                raise _Wrong("its name is a variable's; choose another")
            if isinstance(value, bool):
                self.only(where, entry, ("value", "label"))
                parameters[full] = Switch(full, label, value)
            elif isinstance(value, str) and "min" in entry:
                raise _Wrong(f"value is {value!r}; expected a number")
            elif isinstance(value, str):
                self.only(where, entry, ("value", "label", "options"))
                options = tuple(_expect(entry, "options", list, "a list of texts"))
                if value not in options:
                    raise _Wrong(f"value {value!r} is not one of its options")
                parameters[full] = Choice(full, label, value, options)
            else:
                parameters[full] = self.number(where, full, label, entry)
        except _Wrong as wrong:
            self.wrong(where, str(wrong))

    def number(self, where: str, full: str, label: str, entry: dict[str, Any]) -> Number:
        self.only(where, entry, ("value", "label", "short", "min", "max", "step", "unit", "loosens", "scale", "unbounded"))
        value, low, high, step = (float(_expect(entry, key, (int, float), "a number")) for key in ("value", "min", "max", "step"))
        if not (low < high and step > 0):
            raise _Wrong("expected min < max and a step above 0")
        unbounded = self.one_of(entry, "unbounded", Unbounded)
        if math.isnan(value) or not (low <= value <= high or (math.isinf(value) and unbounded == ("up" if value > 0 else "down"))):
            raise _Wrong(f"value {value:g} lies outside {low:g} to {high:g}")
        for key, each in (("value", value), ("min", low), ("max", high)):
            if math.isfinite(each) and abs(each / step - round(each / step)) > OFF_STEP:
                raise _Wrong(f"{key} {each:g} is no multiple of the step {step:g}")
        scale = _expect(entry, "scale", str, "linear or log", "linear")
        if scale not in ("linear", "log") or (scale == "log" and low <= 0):
            raise _Wrong("scale is linear or log, and a log scale needs a min above 0")
        unit, short = (_expect(entry, key, str, "a text", "") for key in ("unit", "short"))
        return Number(full, label, value, low, high, step, unit, self.one_of(entry, "loosens", Direction), scale, unbounded, short)

    def one_of(self, entry: dict[str, Any], key: str, kind: Any) -> Any:
        if key not in entry:
            return None
        if entry[key] not in set(kind):
            raise _Wrong(f"{key} is {entry[key]!r}; expected one of {', '.join(kind)}")
        return kind(entry[key])

    def stage(self, number: int, entry: dict[str, Any]) -> Stage | None:
        where = f"stage {entry.get('id', number)}"
        self.only(where, entry, ("id", "label", "cost", "after", "note"))
        try:
            stage = Stage(
                _expect(entry, "id", str, "a text"),
                _expect(entry, "label", str, "a text"),
                float(_expect(entry, "cost", (int, float), "a number")),
                tuple(_expect(entry, "after", list, "a list of stage ids", [])),
                _expect(entry, "note", str, "a text", ""),
            )
            if not 0 <= stage.cost < math.inf:
                raise _Wrong(f"cost is {stage.cost:g}; expected a number from 0")
            return stage
        except _Wrong as wrong:
            self.wrong(where, str(wrong))
            return None

    def preset(self, entry: dict[str, Any], parameters: Mapping[str, Parameter]) -> Preset | None:
        where = f"preset {entry.get('id', '')}"
        self.only(where, entry, ("id", "label", "set"))
        try:
            values = _expect(entry, "set", dict, "a table of parameters")
            accepted = {}
            for name, value in values.items():
                if name not in parameters:
                    raise _Wrong(f"{name} is not a parameter")
                try:
                    accepted[name] = accept(parameters[name], value)
                except ValueError as error:
                    raise _Wrong(f"{name}: {error}") from None
            return Preset(_expect(entry, "id", str, "a text"), _expect(entry, "label", str, "a text"), accepted)
        except _Wrong as wrong:
            self.wrong(where, str(wrong))
            return None

    def remark(self, number: int, entry: dict[str, Any]) -> Remark | None:
        self.only(f"remark {number}", entry, ("title", "text"))
        try:
            return Remark(_expect(entry, "title", str, "a text"), " ".join(_expect(entry, "text", str, "a text").split()))
        except _Wrong as wrong:
            self.wrong(f"remark {number}", str(wrong))
            return None

    def criterion(self, number: int, entry: dict[str, Any], parameters: dict[str, Parameter], stage_ids: list[str]) -> Criterion | None:
        where = f"criterion {entry.get('id', number)}"
        self.only(where, entry, ("id", "role", "label", "text", "note", "modifiable", "parameters", "limb", "reading", "assumed"))
        try:
            criterion_id = _expect(entry, "id", str, "a text")
            if not PLAIN_ID.fullmatch(criterion_id):
                raise _Wrong(f"its id {criterion_id!r} may hold letters, digits, - and _ only")
            role = self.one_of({"role": _expect(entry, "role", str, "inclusion or exclusion")}, "role", Role)
            label, text = _expect(entry, "label", str, "a text"), _expect(entry, "text", str, "a text")
            note = _expect(entry, "note", str, "a text", "")
            modifiable = _expect(entry, "modifiable", bool, "true or false", False)
        except _Wrong as wrong:
            self.wrong(where, str(wrong))
            return None
        own: dict[str, Parameter] = {}
        for name, parameter in self.table(where, entry, "parameters").items():
            self.parameter(f"{where}, parameter {name}", name, f"{criterion_id}.{name}", parameter, own)
        shared = {name: (name, parameter) for name, parameter in parameters.items() if "." not in name}
        scope = Scope(self.catalogue, shared | {full.partition(".")[2]: (full, parameter) for full, parameter in own.items()})
        parameters.update(own)
        common = self.limbs(where, entry, scope, stage_ids)
        readings: list[Reading] = []
        for order, reading in enumerate(self.tables(where, entry, "reading"), 1):
            if (read := self.reading(f"{where}, reading {reading.get('id', order)}", reading, role, common, scope, stage_ids)) is not None:
                if read.id in [other.id for other in readings]:
                    self.wrong(where, f"the reading id {read.id!r} is used twice")
                readings.append(read)
        assumed = tuple(rate for item in self.tables(where, entry, "assumed") if (rate := self.assumed(f"{where}, assumed pass rate", item, scope, stage_ids)))
        if entry.get("limb") and not entry.get("reading"):
            self.wrong(where, "it has limbs but no [[criterion.reading]] they could belong to")
        if not entry.get("reading") and not entry.get("assumed"):
            self.wrong(where, "it has neither a [[criterion.reading]] nor a [[criterion.assumed]] rate; expected one or both")
        for name, (_, parameter) in scope.parameters.items():
            if isinstance(parameter, Number) and parameter.loosens is not None:
                self.directions(f"{where}, parameter {name}", parameter, role, readings)
        return Criterion(criterion_id, role, label, " ".join(text.split()), tuple(own), tuple(readings), assumed, modifiable, " ".join(note.split()))

    def directions(self, where: str, parameter: Number, role: Role, readings: list[Reading]) -> None:
        """A direction in which a parameter is said to loosen must not be the one in which, by the form of a rule, it can only tighten."""
        for reading in readings:
            for limb in reading.limbs:
                way = polarity(limb.rule, parameter.name)
                exception = Polarity.STAYS if limb.unless is None else polarity(limb.unless, parameter.name)
                loosens = LOOSENS.get(joined([way.mirrored if role is Role.EXCLUSION else way, exception]))
                if loosens not in (None, parameter.loosens):
                    message = f"loosens is {str(parameter.loosens)!r}, but by the rule of reading {reading.id}, limb {limb.label}, fewer patients pass that way"
                    self.wrong(where, f"{message}; expected {str(loosens)!r}")
                    return

    def reading(
        self, where: str, entry: dict[str, Any], role: Role, common: tuple[Limb, ...], scope: Scope, stage_ids: list[str]
    ) -> Reading | None:
        self.only(where, entry, ("id", "label", "short", "note", "join", "limb"))
        limbs = self.limbs(where, entry, scope, stage_ids) + common
        twice = sorted({limb.label for limb in limbs if sum(other.label == limb.label for other in limbs) > 1})
        if twice:
            self.wrong(where, f"two limbs are labelled {', '.join(twice)}; expected a label of its own for each")
        try:
            if not entry.get("limb") and not common:
                raise _Wrong("it has no [[criterion.reading.limb]]; expected at least one")
            join = self.one_of(entry, "join", Join) or (Join.ALL if role is Role.INCLUSION else Join.ANY)
            return Reading(
                _expect(entry, "id", str, "a text"),
                _expect(entry, "label", str, "a text"),
                join,
                limbs,
                " ".join(_expect(entry, "note", str, "a text", "").split()),
                _expect(entry, "short", str, "a text", ""),
            )
        except _Wrong as wrong:
            self.wrong(where, str(wrong))
            return None

    def limbs(self, where: str, entry: dict[str, Any], scope: Scope, stage_ids: list[str]) -> tuple[Limb, ...]:
        read = [self.limb(where, number, limb, scope, stage_ids) for number, limb in enumerate(self.tables(where, entry, "limb"), 1)]
        return tuple(limb for limb in read if limb is not None)

    def limb(self, where: str, number: int, entry: dict[str, Any], scope: Scope, stage_ids: list[str]) -> Limb | None:
        where = f"{where}, limb {entry.get('label', number)}"
        self.only(where, entry, ("label", "stage", "rule", "unless", "missing"))
        try:
            label = _expect(entry, "label", str, "a text")
            stage = _expect(entry, "stage", str, "a stage id") if "stage" in entry else None
            source = " ".join(_expect(entry, "rule", str, "a rule").split())
            missing = _expect(entry, "missing", dict, "a table variable = policy", {})
        except _Wrong as wrong:
            self.wrong(where, str(wrong))
            return None
        if stage is not None and stage not in stage_ids:
            self.wrong(where, f"{stage!r} is not a stage; expected one of {', '.join(stage_ids)}")
        policies = {}
        for variable, policy in missing.items():
            if variable not in self.catalogue or policy not in set(MissingPolicy):
                self.wrong(where, f"missing {variable} = {policy!r}; expected a variable and one of {', '.join(MissingPolicy)}")
            else:
                policies[variable] = MissingPolicy(policy)
        rule = self.rule(where, source, scope)
        unless = self.rule(f"{where}, unless", " ".join(str(entry["unless"]).split()), scope) if "unless" in entry else None
        return None if rule is None else Limb(label, stage, rule, source, unless, policies)

    def assumed(self, where: str, entry: dict[str, Any], scope: Scope, stage_ids: list[str]) -> Assumed | None:
        self.only(where, entry, ("rate", "when", "stage", "note"))
        try:
            rate = float(_expect(entry, "rate", (int, float), "a number from 0 to 1"))
            if not 0 <= rate <= 1:
                raise _Wrong(f"rate is {rate:g}; expected a number from 0 to 1")
            source, note = _expect(entry, "when", str, "a rule", ""), _expect(entry, "note", str, "a text", "")
            stage = _expect(entry, "stage", str, "a stage id") if "stage" in entry else None
            if stage is not None and stage not in stage_ids:
                raise _Wrong(f"{stage!r} is not a stage; expected one of {', '.join(stage_ids)}")
        except _Wrong as wrong:
            self.wrong(where, str(wrong))
            return None
        return Assumed(rate, self.rule(f"{where}, when", source, scope) if source else None, source, stage, note)

    def rule(self, where: str, source: str, scope: Scope) -> Condition | None:
        condition, mistakes = read_rule(source, scope)
        for mistake in mistakes:
            self.wrong(where, mistake)
        return condition
