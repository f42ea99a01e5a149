"""How numbers, proportions, outcomes and changes are said to people: on screen, in figures, in a shell."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from feasibility.cohort import Cohort
from feasibility.parameters import Choice, Number, Parameter, decimals, worded
from feasibility.problems import Problem
from feasibility.protocol import Criterion, Preset, Protocol, Role
from feasibility.results.accounting import Comparison, Loss, Tally
from feasibility.results.overview import Overview
from feasibility.scenario import Order
from feasibility.variables import MissingPolicy

ELIGIBLE, UNDETERMINED, LOST = "eligible", "undetermined", "lost here"
NO_LIMIT = "no limit"
NOTHING = "–"

ROLES = {Role.INCLUSION: "Inclusion", Role.EXCLUSION: "Exclusion"}
ORDERS = {Order.PROTOCOL: "Protocol", Order.STAGE: "Stage", Order.LARGEST_LOSS: "Largest loss"}
POLICIES = {
    None: "as written",
    MissingPolicy.UNKNOWN: "unknown: leaves it open",
    MissingPolicy.ABSENT: "absent: did not happen",
    MissingPolicy.FAIL: "does not pass",
}
SEVERITIES = {"error": "Errors", "warning": "Warnings", "note": "Notes"}


# Numbers


def count(number: int) -> str:
    """``1,497``."""
    return f"{number:,}"


def signed(number: int) -> str:
    """``+21``, ``−5``, ``0``: a true minus sign."""
    return "0" if number == 0 else f"{'+' if number > 0 else '−'}{abs(number):,}"


def percent(share: float | None) -> str:
    """``15.6 %``, or ``<0.1 %`` for little that is not nothing; ``–`` of nobody."""
    if share is None:
        return NOTHING
    return "<0.1 %" if 0 < share < 0.0005 else f"{100 * share:.1f} %"


def percent_range(low: float, high: float) -> str:
    """``14.1–17.3 %``."""
    return f"{100 * low:.1f}–{100 * high:.1f} %"


def rate(share: float) -> str:
    """An assumed pass rate: ``50 %``, ``99.5 %``."""
    return f"{100 * share:.3g} %"


def ratio(number: float) -> str:
    """Patients for one eligible: ``6.4``, ``143``; ``–`` where there is none."""
    if math.isinf(number):
        return NOTHING
    return f"{number:,.1f}" if number < 100 else f"{number:,.0f}"


def patients(number: int) -> str:
    return f"{number:,} patient" if number == 1 else f"{number:,} patients"


def several(number: int, one: str, many: str | None = None) -> str:
    """``1 row``, ``2,000 rows``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(words: Iterable[str]) -> str:
    """``a, b and c``."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} and {last}" if first else last


# Text that came from a file


MARKED = frozenset("\\`*_{}[]()<>#+-.!|~$:&\"'=^@")


def plain(text: object) -> str:
    """Text from a file as Markdown that shows exactly that text: no markup, links, formulas, icons or line breaks."""
    spaced = " ".join(str(text).split())
    return "".join(f"&#{ord(character)};" if character in MARKED else character for character in spaced)


# The headline


@dataclass(frozen=True)
class Headline:
    """One of the numbers always in view: ``detail`` stands under it, ``more`` is said on asking."""

    id: str
    label: str
    value: str
    detail: str
    more: str = ""


def on_criteria(overview: Overview) -> str:
    """On how many criteria the numbers stand: ``on 16 of 21 criteria, 3 in part``."""
    part = [each for each in overview.order if each in overview.screening.partly_assessed]
    off = f", {len(overview.off)} off" if overview.off else ""
    return f"on {len(overview.order)} of {len(overview.screening.protocol.criteria)} criteria" + (f", {len(part)} in part" if part else "") + off


def if_resolved(tally: Tally) -> str:
    """What the gaps in the data could change."""
    best = tally.eligible + tally.undetermined
    if not tally.undetermined:
        return "no missing value leaves anybody open"
    return f"up to {count(best)} if missing data resolve: {percent_range(*tally.honest_interval)}"


def headlines(overview: Overview) -> tuple[Headline, ...]:
    """The numbers always in view, in order."""
    tally, assumed = overview.tally, overview.assumed
    now, best = tally.to_screen
    spread = f"{ratio(best)} if missing data resolve" if tally.undetermined and not math.isinf(best) else f"of {patients(tally.patients)}"
    if assumed:
        enrol = f"if {several(len(assumed), 'criterion', 'criteria')} not in the data {'is' if len(assumed) == 1 else 'are'} passed as assumed"
    else:
        enrol = "every criterion is in the data"
    return (
        Headline(
            "eligible",
            f"Eligible, {on_criteria(overview)}",
            count(tally.eligible),
            f"{percent(tally.proportion.value)} (95 % CI {percent_range(*tally.proportion.interval)}) · {if_resolved(tally)}",
            f"{count(tally.eligible)} of {patients(tally.patients)} pass every criterion assessed; {count(tally.undetermined)} fail none, but a missing value "
            f"leaves at least one open. The wider range runs from the lower bound for the eligible to the upper bound for both.",
        ),
        Headline("change", "Against as written", signed(overview.comparison.change), compared(overview.comparison), f"As written: {count(overview.written.eligible)} eligible. The same patients, compared one by one."),
        Headline("ineligible", "Ineligible on the data", percent(tally.ineligible / tally.patients if tally.patients else None), f"{count(tally.ineligible)} of {count(tally.patients)}", "They fail at least one criterion. A screen failure proper is a consented person, which data cannot show."),
        Headline("to-screen", "To screen for one eligible", ratio(now), spread, "Patients of this cohort for each eligible one."),
        Headline("expected", "Expected to enrol", count(round(overview.expected)), enrol, assumption(overview)),
    )


def compared(comparison: Comparison) -> str:
    return f"{count(comparison.gained)} gained, {count(comparison.lost)} lost"


def assumption(overview: Overview) -> str:
    """Which pass rates stand behind the number expected to enrol."""
    if not overview.assumed:
        return "No pass rate is assumed."
    rates = listed(f"{each.id} {overview.screening.protocol[each.id].label.lower()} {rate(each.rate)}{'' if each.given else ' (none given)'}" for each in overview.assumed)
    return f"Eligible × assumed pass rates, taken as independent: {plain(rates)}."


# Criteria


def name(criterion: Criterion) -> str:
    """``I5 eGFR``."""
    return f"{criterion.id} {criterion.label}"


def cost(loss: Loss | None) -> str:
    """What a criterion costs now."""
    if loss is None:
        return "off: not counted"
    possible = f", possible {signed(loss.gain_possible)}" if loss.gain_possible != loss.gain else ""
    return f"if off {signed(loss.gain)}{possible} · fails {count(loss.fails)} · unknown {count(loss.unknown)}"


def in_part(criterion_id: str, overview: Overview) -> str:
    """``1 of 4 limbs: hepatitis B``; nothing for a criterion assessed as a whole."""
    assessment = overview.screening.assessments[criterion_id]
    if assessment.whole:
        return ""
    limbs = len(assessment.assessed) + len(assessment.not_assessed)
    return f"{len(assessment.assessed)} of {several(limbs, 'limb')}: {', '.join(assessment.assessed)}"


# Parameters


def unit_of(parameter: Parameter) -> str:
    return parameter.unit if isinstance(parameter, Number) else ""


def label_of(parameter: Parameter) -> str:
    """A control's label with its unit: ``24-h protein at least, g/24h``."""
    unit = unit_of(parameter)
    return f"{parameter.label}, {unit}" if unit else parameter.label


def value_of(parameter: Number, value: float) -> str:
    """A parameter's value without its unit: ``3.5``, ``1,000``, ``no limit``."""
    return NO_LIMIT if math.isinf(value) else f"{value:,.{decimals(parameter)}f}"


def option_of(parameter: Choice, option: str) -> str:
    return option.replace("_", " ").replace("-", " ")


# The cohort


def title(protocol: Protocol) -> str:
    return f"{protocol.title} · {protocol.registry}" if protocol.registry else protocol.title


def cohort_line(cohort: Cohort) -> str:
    """``dkd_wide.csv, 2,000 patients``."""
    return f"{cohort.name}, {patients(cohort.patients)}"


def problem_count(problems: Iterable[Problem]) -> str:
    """``2 errors, 1 warning``; ``no problems``."""
    found = list(problems)
    kinds = [(kind, sum(problem.severity == kind for problem in found)) for kind in ("error", "warning", "note")]
    return ", ".join(several(number, kind) for kind, number in kinds if number) or "no problems"


# Figures


def plain_for_figure(text: str) -> str:
    """Text from a file inside a figure's label, where a few HTML tags would be markup."""
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def share_of(share: float, ineligible: int) -> str:
    """A Shapley share of the loss: ``17 %`` of the ineligible."""
    return f"{100 * share / ineligible:.0f} %" if ineligible else NOTHING


def preset(protocol: Protocol, chosen: Preset) -> str:
    """What a preset sets."""
    set_to = (f"{protocol.parameters[each].label} {worded(protocol.parameters[each], value)}" for each, value in chosen.values.items())
    return plain(f"Sets {listed(set_to)}.")
