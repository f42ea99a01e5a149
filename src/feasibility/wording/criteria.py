"""Criteria, their parameters, readings and assumptions."""

from __future__ import annotations

import math
from collections.abc import Sequence

from feasibility.parameters import Choice, Number, Parameter, decimals, worded
from feasibility.protocol import Assumed, Criterion, Join, Preset, Protocol, Role, Stage
from feasibility.results.overview import Overview
from feasibility.scenario import Order
from feasibility.variables import MissingPolicy
from feasibility.wording.numbers import NO_LIMIT, listed, patients, plain, rate, several

ROLES = {Role.INCLUSION: "Inclusion", Role.EXCLUSION: "Exclusion"}
ORDERS = {Order.PROTOCOL: "Protocol", Order.STAGE: "Stage", Order.LARGEST_LOSS: "Largest loss"}
POLICIES = {
    MissingPolicy.UNKNOWN: "unknown: it stays open",
    MissingPolicy.ABSENT: "absent: taken as not so",
    MissingPolicy.FAIL: "fail: the patient does not pass",
}
SAVED_PROTOCOL = "The protocol as written, with the stage costs given here. What was changed on the chips travels in the link."
NOT_IN_THE_DATA = "Not in the data"
SET_ASIDE_EXPLAINED = "They count neither as passed nor as failed. The assumed pass rates apply after the counts, as if independent."
NO_DATES = "The cohort has no dates, so a length of time changes nothing. Every value counts as current at the index date."


def name(criterion: Criterion) -> str:
    """``I5 eGFR``."""
    return f"{criterion.id} {criterion.label}"


def in_part(criterion_id: str, overview: Overview) -> str:
    """``1 of 4 limbs: hepatitis B``; nothing for a criterion assessed as a whole."""
    assessment = overview.screening.assessments[criterion_id]
    if assessment.whole:
        return ""
    limbs = len(assessment.assessed) + len(assessment.not_assessed)
    return f"{len(assessment.assessed)} of {several(limbs, 'limb')}: {', '.join(assessment.assessed)}"


def label_of(parameter: Parameter) -> str:
    """A control's label with its unit: ``24-h protein at least, g/24h``."""
    unit = parameter.unit if isinstance(parameter, Number) else ""
    return f"{parameter.label}, {unit}" if unit else parameter.label


def of_number(parameter: Number) -> str:
    """``E5 LDL cholesterol below``; a shared one by its label alone."""
    owner, dot, _ = parameter.name.partition(".")
    return f"{owner} {parameter.label}" if dot else parameter.label


def value_of(parameter: Number, value: float) -> str:
    """A parameter's value without its unit: ``3.5``, ``1,000``, ``no limit``."""
    return NO_LIMIT if math.isinf(value) else f"{value:,.{decimals(parameter)}f}"


def option_of(parameter: Choice, option: str) -> str:
    return option.replace("_", " ").replace("-", " ")


def title(protocol: Protocol) -> str:
    return f"{protocol.title} · {protocol.registry}" if protocol.registry else protocol.title


def preset(protocol: Protocol, chosen: Preset) -> str:
    """What a preset sets."""
    set_to = (f"{protocol.parameters[each].label} {worded(protocol.parameters[each], value)}" for each, value in chosen.values.items())
    return plain(f"Sets {listed(set_to)}.")


def policy(chosen: str, written: MissingPolicy) -> str:
    """A missing policy as a choice, or the one written."""
    return POLICIES[MissingPolicy(chosen)] if chosen in set(MissingPolicy) else f"as written ({written})"


def how_joined(role: Role, join: Join, limbs: int) -> str:
    """What becomes of a patient by the limbs: ``Passes if all of these hold:``."""
    verb = "Passes" if role is Role.INCLUSION else "Excluded"
    if limbs == 1:
        return f"{verb} if this holds:"
    return f"{verb} if {'all' if join is Join.ALL else 'any'} of these hold{'' if join is Join.ALL else 's'}:"


def saved(number: int) -> str:
    """How many an exception saves."""
    return f"The exception changes the outcome of {patients(number)}."


def stage(protocol: Protocol, shown: Stage) -> str:
    """What comes before a stage of screening, and what is noted of it."""
    labels = {each.id: each.label for each in protocol.stages}
    after = f"After {listed(labels.get(each, each) for each in shown.after)}." if shown.after else ""
    return " ".join(filter(None, (after, " ".join(shown.note.split()))))


def assumed(given: Assumed) -> str:
    """An assumed pass rate with whom it is for: ``97 % where sex == "female"; from memory``."""
    whom = f" where {given.source}" if given.source else ""
    return f"{rate(given.rate)} assumed to pass{whom}" + (f". {given.note}" if given.note else "")


def protocol_refused(file: str, problems: int) -> str:
    return f"{file} was not loaded, the protocol stays as it is: {several(problems, 'mistake')} to mend."


def rates_of(given: Sequence[Assumed]) -> str:
    """The assumed pass rates as written: ``50 %``, or ``97–100 %`` where they differ from patient to patient."""
    rates = sorted({each.rate for each in given} | ({1.0} if not given or given[-1].when is not None else set()))
    return rate(rates[0]) if len(rates) == 1 else f"{100 * rates[0]:.3g}–{rate(rates[-1])}"
