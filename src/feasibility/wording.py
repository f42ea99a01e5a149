"""How numbers, proportions, outcomes and changes are said to people: on screen, in figures, in a shell."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from feasibility.cohort import Cohort, ColumnReport, Report, Undated
from feasibility.intake import About, ColumnUse, DateOrder, Part, Question, Weight
from feasibility.parameters import Choice, Number, Parameter, decimals, worded
from feasibility.problems import Problem
from feasibility.protocol import Assumed, Criterion, Join, Preset, Protocol, Role, Stage
from feasibility.results.accounting import Comparison, Loss, Tally
from feasibility.results.overview import Overview
from feasibility.scenario import Order
from feasibility.screening.screen import Screening
from feasibility.variables import Catalogue, Kind, MissingPolicy, Variable

ELIGIBLE, UNDETERMINED, LOST = "eligible", "undetermined", "lost here"
NO_LIMIT = "no limit"
NOTHING = "–"
MOST_LISTED = 5

ROLES = {Role.INCLUSION: "Inclusion", Role.EXCLUSION: "Exclusion"}
ORDERS = {Order.PROTOCOL: "Protocol", Order.STAGE: "Stage", Order.LARGEST_LOSS: "Largest loss"}
POLICIES = {
    MissingPolicy.UNKNOWN: "unknown: it stays open",
    MissingPolicy.ABSENT: "absent: taken as not so",
    MissingPolicy.FAIL: "fail: the patient does not pass",
}
SAVED_PROTOCOL = "The protocol as written, with the stage costs given here. What was changed on the chips travels in the link."
NOT_IN_THE_DATA = "Not in the data"
SMALL_CHOICES = "more"
LEFT_EXPLAINED = "Eligible + undetermined after this step, in the order shown; in red the patients lost at it."
FAIL_EXPLAINED = "All patients who fail it; in brackets those who pass everything else."
UNKNOWN_EXPLAINED = "Patients whose data leave it open, whatever the other criteria say."
GAIN_EXPLAINED = "Change in the number eligible with the criterion switched off."
SHARE_EXPLAINED = "Its part of the loss: each ineligible patient gives 1/k to each of the k criteria failed."
COST_EXPLAINED = (
    "Off: with the criterion switched off, the change in the number eligible and in the number left, eligible or undetermined. "
    "Fails and unknown count every patient, whatever the other criteria say."
)
OF_THE_TEXT_AS_WRITTEN = "Of the protocol as written, whatever has been changed since."
SET_ASIDE_EXPLAINED = "They count neither as passed nor as failed. The assumed pass rates apply after the counts, as if independent."
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SEVERITIES = {"error": "Errors", "warning": "Warnings", "note": "Notes"}


# Numbers


def count(number: int) -> str:
    """``1,497``."""
    return f"{number:,}"


def signed(number: int) -> str:
    """``+21``, ``−5``, ``0``: a true minus sign."""
    return "0" if number == 0 else f"{'+' if number > 0 else '−'}{abs(number):,}"


def percent(share: float | None) -> str:
    """``15.6 %``, ``0.10 %``, or ``<0.01 %`` for little that is not nothing; ``–`` of nobody."""
    if share is None:
        return NOTHING
    if 0 < share < 0.00005:
        return "<0.01 %"
    return f"{100 * share:.{2 if 0 < share < 0.01 else 1}f} %"


def percent_range(low: float, high: float) -> str:
    """``14.1–17.3 %``, and ``0.07–0.14 %`` where a tenth would hide the difference."""
    places = 2 if high < 0.01 else 1
    return f"{100 * low:.{places}f}–{100 * high:.{places}f} %"


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


# What Markdown would take for markup: signs anywhere, marks of lists and headings at the beginning, what makes a link, an icon or a colour.
MARKUP = re.compile(r"[\\`*_\[\]<>~|$&@]|:(?=\S)|(?<=www)\.|^[#+-]|^\d+(?=[.)])", re.IGNORECASE)


def plain(text: object) -> str:
    """Text from a file as Markdown that shows exactly that text: no markup, links, formulas, icons or line breaks."""
    return MARKUP.sub(lambda found: "".join(f"&#{ord(sign)};" for sign in found[0]), " ".join(str(text).split()))


# The headline


@dataclass(frozen=True)
class Headline:
    """One of the numbers always in view: the lines of ``detail`` stand under it, ``more`` is said on asking."""

    id: str
    label: str
    value: str
    detail: tuple[str, ...]
    more: str = ""


def on_criteria(overview: Overview) -> str:
    """On how many criteria the numbers stand: ``on 16 of 21 criteria, 3 in part``."""
    part = [each for each in overview.order if each in overview.screening.partly_assessed]
    off = f", {len(overview.off)} off" if overview.off else ""
    return f"on {len(overview.order)} of {len(overview.screening.protocol.criteria)} criteria" + (f", {len(part)} in part" if part else "") + off


def if_resolved(tally: Tally) -> str:
    """What the gaps in the data could change."""
    if not tally.undetermined:
        return "no missing value leaves anybody open"
    low, high = tally.honest_interval
    return f"up to {count(tally.eligible + tally.undetermined)} if missing data resolve: {percent_range(low, high)}"


def headlines(overview: Overview) -> tuple[Headline, ...]:
    """The numbers always in view, in order."""
    tally = overview.tally
    now, best = tally.to_screen
    if math.isinf(best):
        screen = "nobody could be eligible"
    elif math.isinf(now):
        screen = f"at best {ratio(best)}, if missing data resolve"
    else:
        screen = f"{ratio(best)} to {ratio(now)} as missing data resolve" if tally.undetermined else f"{count(tally.patients)} for {count(tally.eligible)}"
    return (
        Headline(
            "eligible",
            f"Eligible {on_criteria(overview)}",
            count(tally.eligible),
            (f"{percent(tally.proportion.value)} (95 % CI {percent_range(*tally.proportion.interval)})", if_resolved(tally)),
            f"{count(tally.eligible)} of {patients(tally.patients)} pass every criterion assessed. {count(tally.undetermined)} more fail none, but a missing "
            "value leaves at least one open. The wider range is the honest one: from the lower bound for the eligible to the upper bound for both.",
        ),
        Headline(
            "change",
            "Against as written",
            signed(overview.comparison.change),
            (compared(overview.comparison), f"as written {count(overview.written.eligible)}"),
            "Eligible now and not as written, and the reverse: the same patients, compared one by one.",
        ),
        Headline(
            "ineligible",
            "Ineligible on the data",
            percent(tally.ineligible / tally.patients if tally.patients else None),
            (f"{count(tally.ineligible)} of {count(tally.patients)} fail at least one criterion",),
            "A screen failure proper is a consented person, which data cannot show.",
        ),
        Headline("to-screen", "To screen for one eligible", ratio(now), (screen,), "Patients of this cohort for each eligible one."),
        Headline(
            "expected",
            f"Expected to enrol{target(overview.screening.protocol)}",
            count(round(overview.expected)),
            (at_rates(overview),),
            assumption(overview),
        ),
    )


def compared(comparison: Comparison) -> str:
    return f"{count(comparison.gained)} gained, {count(comparison.lost)} lost"


def at_rates(overview: Overview) -> str:
    """Which criteria's assumed pass rates are applied."""
    given = [each.id for each in overview.assumed if each.given]
    without = [each.id for each in overview.assumed if not each.given]
    if not overview.assumed:
        return "no pass rate is assumed"
    said = f"at assumed pass rates of {listed(given)}, taken as independent" if given else ""
    none = f"{listed(without) if len(without) <= MOST_LISTED else several(len(without), 'criterion', 'criteria')} set aside without a rate" if without else ""
    return "; ".join(filter(None, (said, none)))


def in_a_line(overview: Overview) -> str:
    """``134 eligible and 307 undetermined of 2,000 patients, on 18 of 21 criteria.``"""
    tally = overview.tally
    return f"**{count(tally.eligible)} eligible** and {count(tally.undetermined)} undetermined of {patients(tally.patients)}, {on_criteria(overview)}."


def assumption(overview: Overview) -> str:
    """Which pass rates stand behind the number expected to enrol."""
    if not overview.assumed:
        return "No pass rate is assumed."
    protocol = overview.screening.protocol
    rates = (f"{name(protocol[each.id])} {rate(each.rate)}{'' if each.given else ' (none given)'}" for each in overview.assumed)
    return f"Eligible × assumed pass rates, taken as independent: {listed(rates)}."


# Criteria


def name(criterion: Criterion) -> str:
    """``I5 eGFR``."""
    return f"{criterion.id} {criterion.label}"


def cost(loss: Loss | None) -> tuple[str, str]:
    """What a criterion costs now: what switching it off would bring, and whom it stops."""
    if loss is None:
        return "off: not counted", ""
    possible = f", left {signed(loss.gain_possible)}" if loss.gain_possible != loss.gain else ""
    return f"off: eligible {signed(loss.gain)}{possible}", f"fails {count(loss.fails)} · unknown {count(loss.unknown)}"


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
    """``dkd_wide.csv, 2,000 patients at 31 Jan 2026``."""
    return f"{cohort.name}, {patients(cohort.patients)}{index_dates(cohort)}"


def index_dates(cohort: Cohort) -> str:
    """`` at 31 Jan 2026``, or `` from 3 Jan 2025 to 31 Jan 2026``; nothing without index dates."""
    if cohort.index_dates is None:
        return ""
    first, last = (f"{day.day} {MONTHS[day.month - 1]} {day.year}" for day in cohort.index_dates)
    return f" at {last}" if first == last else f" from {first} to {last}"


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


TEXT_LEAVES_OPEN = "Whatever the cohort, of the text itself"


def things_shown(notes: Sequence[object] | None) -> str:
    """The line that opens the findings."""
    return "Findings" if notes is None else several(len(notes), "finding")


# Files

PARTS = {Part.VALUE: "value", Part.DATE: "date", Part.END: "end"}
DATE_ORDERS = {None: "as the dates show", DateOrder.DAY_MONTH: "day, month, year", DateOrder.MONTH_DAY: "month, day, year"}
UNDATED = {
    None: "at some time before",
    Undated.EVER: "at some time before",
    Undated.WITHIN: "within the window asked for",
    Undated.CURRENT: "now",
}


def rows_line(report: Report) -> str:
    """Every row accounted for: ``2,000 rows read = 1,998 used + 2 set aside``."""
    return f"{several(report.rows_read, 'row')} read = {count(report.rows_used)} used + {count(report.rows_set_aside)} set aside"


COLUMN_ROW = ("Column", "Taken as", "Use", "With value", "Empty", "Converted", "Censored", "Set aside")


def column_row(said: ColumnReport) -> tuple[str, str, str, int, int, int, int, int]:
    """What became of one column, in the order of ``COLUMN_ROW``."""
    return said.column, said.variable or "", said.use, said.with_value, said.missing, said.converted, said.censored, said.set_aside


def severity(kind: str, problems: Iterable[Problem]) -> str:
    """``Warnings 3``."""
    return f"{SEVERITIES[kind]} {sum(problem.severity == kind for problem in problems)}"


def use_of(catalogue: Catalogue, use: ColumnUse) -> str:
    """What a column is taken as: ``HbA1c``, ``HbA1c, date``, ``not used``."""
    if not use.variables:
        return "not used"
    labels = listed(catalogue[each].label for each in use.variables)
    repeat = f" {use.repeat}" if use.repeat is not None else ""
    return f"{labels}{repeat}" + (f", {PARTS[use.part]}" if use.part is not Part.VALUE else "")


def entry(table: str, name: str) -> str:
    """A column or a name in a long table: ``hba1c_percent``, ``GLYCO (measurements)``."""
    return name if table == "data" else f"{name} ({table})"


def choice_of(catalogue: Catalogue, question: Question, choice: str) -> str:
    """An answer that can be chosen."""
    if question.about is About.DATE_ORDER:
        return DATE_ORDERS[DateOrder(choice)]
    return catalogue[choice].label if question.about is About.VARIABLE and choice in catalogue else choice


def previewed(catalogue: Catalogue, example: tuple[str, str, float, float]) -> str:
    """What becomes of one cell: ``“7.5” → 7.5 %``, ``“<0.3” → below 0.3``."""
    written, variable, low, high = example
    entry = catalogue[variable]
    named = next((label for label, span in entry.values.items() if span == (low, high)), None)
    if named is None and entry.kind is Kind.EVENT:
        named = {(1.0, 1.0): "yes", (0.0, 0.0): "no"}.get((low, high), "unknown")
    unit = f" {entry.unit}" if entry.unit else ""
    if named is not None:
        became = named
    elif low == high:
        became = f"{low:.6g}{unit}"
    elif math.isinf(low) and math.isinf(high):
        became = "unknown"
    elif math.isinf(high):
        became = f"{low:.6g}{unit} or more"
    elif math.isinf(low):
        became = f"{high:.6g}{unit} or less"
    else:
        became = f"{low:.6g} to {high:.6g}{unit}"
    return f"“{written}” → {became}"


def assessable(screening: Screening) -> str:
    """Which criteria a cohort's columns can show."""
    whole = [each for each in screening.assessed if each not in screening.partly_assessed]
    part = list(screening.partly_assessed)
    said = [f"{len(whole) + len(part)} of {len(screening.protocol.criteria)} criteria can be assessed"]
    if part:
        said.append(f"of these in part {listed(part)}")
    if screening.not_assessed:
        said.append(f"not in this file {listed(screening.not_assessed)}")
    return plain("; ".join(said))


# The criteria page


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


def taken_as(catalogue: Catalogue, question: Question) -> str:
    """``as Myocardial infarction``: what the column asked about would be taken for; nothing where that is the question."""
    names = question.proposed.variables if question.proposed is not None else ()
    return f"as {listed(catalogue[name].label for name in names)}" if names else ""


def target(protocol: Protocol) -> str:
    """What the number expected to enrol is held against: `` of 120 planned``; nothing where the protocol names no number."""
    return "" if protocol.target_enrolment is None else f" of {count(protocol.target_enrolment)} planned"


def assumed(given: Assumed) -> str:
    """An assumed pass rate with whom it is for: ``97 % where sex == "female"; from memory``."""
    whom = f" where {given.source}" if given.source else ""
    return f"{rate(given.rate)} assumed to pass{whom}" + (f". {given.note}" if given.note else "")


def protocol_refused(file: str, problems: int) -> str:
    return f"{file} was not loaded, the protocol stays as it is: {several(problems, 'mistake')} to mend."


def questions(asked: Sequence[Question]) -> str:
    """``9 questions, 7 to be answered before the columns are used``."""
    must = sum(question.weight is Weight.MUST for question in asked)
    return several(len(asked), "question") + (f", {must} to be answered before the columns are used" if must else "")


# The ledger

HEADS = {
    "criterion": ("Criterion", "Press a name for the clause, the rule and the counts behind them."),
    "threshold": (
        "Threshold · all patients and those who pass everything else",
        "Grey: all patients. Teal: those who pass everything else. Drag a line, or type a value.",
    ),
    "fails": ("Fail it", "All patients who fail it, whatever the other criteria say."),
    "gain": ("Gain if off", GAIN_EXPLAINED),
    "unknown": ("Unknown", UNKNOWN_EXPLAINED),
    "share": ("Share", SHARE_EXPLAINED),
    "left": ("Left after this step", "Eligible, and + undetermined, after this step in the order shown; then the patients lost at it."),
    "eligible": (ELIGIBLE, ""),
    "undetermined": (UNDETERMINED, ""),
    "lost": (LOST, ""),
    "order": ("Order", "In which order the funnel takes the criteria. A row can be dragged by its number."),
}
NOTHING_CHANGED = "As written: nothing is changed."
WITHOUT_NUMBERS = "recorded, yes or no"
SIGNS = {">=": "≥", ">": ">", "<": "<", "<=": "≤"}
SHORT_UNITS = {"days": "d", "months": "mo", "years": "y"}
LONGEST_UNIT = 6
NO_DATES = "The cohort has no dates, so a length of time changes nothing. Every value counts as current at the index date."
NO_RATE = "no rate given: counts as 100 %"


def stop_of(parameter: Number, value: float, operator: str, *, with_unit: bool) -> str:
    """A value beside its handle: ``≥ 3.5 g/24h``, ``≤ 6 mo``, ``no limit``."""
    if math.isinf(value):
        return NO_LIMIT
    unit = SHORT_UNITS.get(parameter.unit, parameter.unit if with_unit and len(parameter.unit) <= LONGEST_UNIT else "")
    return " ".join(filter(None, (SIGNS.get(operator, ""), value_of(parameter, value), unit)))


FINDINGS_COUNT = "The findings name exact counts: they are not shown while small counts are hidden."


def rounded_to(unit: int) -> str:
    """What must be known of rounded counts; nothing of exact ones."""
    return f"Small counts hidden: rounded to {count(unit)}, from 1 to {count(unit)} shown as {count(unit)}; sums need not agree." if unit else ""


def unit_beside(parameter: Number) -> str:
    """The unit where the values beside the handle leave it out."""
    return "" if parameter.unit in SHORT_UNITS or len(parameter.unit) <= LONGEST_UNIT else parameter.unit


def saves(number: int | None) -> str:
    """``exception saves 12``; nothing without an exception."""
    return "" if number is None else f"exception saves {count(number)}"


def rates_of(given: Sequence[Assumed]) -> str:
    """The assumed pass rates as written: ``50 %``, or ``97–100 %`` where they differ from patient to patient."""
    rates = sorted({each.rate for each in given})
    if not rates:
        return rate(1.0)
    return rate(rates[0]) if len(rates) == 1 else f"{100 * rates[0]:.3g}–{rate(rates[-1])}"


def left(tally: Tally) -> str:
    """``135 + 307``: the eligible, and the undetermined where there are any."""
    return count(tally.eligible) + (f" + {count(tally.undetermined)}" if tally.undetermined else "")


def facts(overview: Overview, criterion_id: str) -> tuple[tuple[str, str], ...]:
    """The counts behind a criterion, each with what it is counted out of."""
    loss, everybody = overview.loss(criterion_id), patients(overview.tally.patients)
    if loss is None:
        return ()
    said = [
        ("fail it", f"{count(loss.fails)} of {everybody}; {count(loss.only_fail)} of them fail or leave open nothing else"),
        ("unknown", f"{count(loss.unknown)} of {everybody}; {count(loss.only_unknown)} of them pass everything else"),
        ("switched off", f"eligible {signed(loss.gain)}, eligible or undetermined {signed(loss.gain_possible)}"),
    ]
    return tuple(said)


NOT_IN_THIS_FILE = "not in this file: set aside"


def policy_in_use(variable: Variable, chosen: MissingPolicy) -> str:
    """What no record means: ``no record of LDL cholesterol: unknown``."""
    return f"no record of {variable.label}: {chosen}"
