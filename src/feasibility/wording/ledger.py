"""What the ledger and the findings say."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from feasibility.parameters import SHORT_UNITS, Number
from feasibility.results.accounting import Tally
from feasibility.screening.reasons import MissingReasons
from feasibility.variables import Catalogue, MissingPolicy, Variable
from feasibility.wording.criteria import NOT_IN_THE_DATA, value_of
from feasibility.wording.numbers import NO_LIMIT, count, left, patients, several, signed

ELIGIBLE, UNDETERMINED, LOST = "eligible", "undetermined", "lost here"
LEFT_EXPLAINED = "Eligible + undetermined after this step, in the order shown; in red the patients lost at it."
FAIL_EXPLAINED = "All patients who fail it; in brackets those who pass everything else."
UNKNOWN_EXPLAINED = "Patients whose data leave it open, whatever the other criteria say."
GAIN_EXPLAINED = "Change in the number eligible with the criterion switched off: those who fail only it, and those who are unknown only on it."
SHARE_EXPLAINED = "Its part of the loss: each ineligible patient gives 1/k to each of the k criteria failed."
LARGEST_GAIN = "the largest gain"
UNDO_EXPLAINED = "Takes the last change back. By keyboard Ctrl+Z or ⌘Z."
REDO_EXPLAINED = "Brings back what was undone last. By keyboard Ctrl+Shift+Z, ⌘⇧Z or Ctrl+Y."
OF_THE_TEXT_AS_WRITTEN = "of the protocol as written, whatever has been changed since."
TEXT_LEAVES_OPEN = "Whatever the cohort, of the text itself"
HEADS = {
    "criterion": ("Criterion", "Press a name for the clause, the rule and the counts behind them."),
    "threshold": (
        "Threshold",
        "Grey: all patients. Teal: those who pass every other criterion, "
        "drawn to their own height. Values beyond the axis are piled at its ends. Drag a line, or type a value.",
    ),
    "fails": (
        "Fail it",
        "Patients who fail it, out of all patients, whatever the other criteria say. Many of them fail others too: without this one they would still be lost.",
    ),
    "gain": ("Gain if off", f"What the criterion costs. {GAIN_EXPLAINED} {LARGEST_GAIN.capitalize()} stands in a filled box."),
    "unknown": ("Unknown", "Patients, out of all, whose data leave it open, as a value is missing or known only in part; whatever the other criteria say."),
    "share": ("Share", f"{SHARE_EXPLAINED} All shares together are 100 % of the ineligible."),
    "left": (
        "Left after this step",
        "Patients eligible, and + undetermined, after this step and those before it, out of all patients; then, in red, those lost here: "
        "they fail this criterion and none before it, so that their number depends on the order.",
    ),
    "skip": ("Skip to the lines", ""),
    "showAll": ("show all", ""),
    "showFewer": ("show fewer", ""),
    "explain": ("what the columns count", ""),
    "largest": (LARGEST_GAIN, ""),
    "everybody": ("all patients", ""),
    "rest": ("pass everything else", ""),
    "eligible": (ELIGIBLE, ""),
    "undetermined": (UNDETERMINED, ""),
    "lost": (LOST, ""),
    "move": ("Move", "Drag the row to another place in the funnel, or press Alt with an arrow."),
    "moreOf": ("Details of", ""),
    "readingOf": ("Reading of", ""),
    "back": ("back to", ""),
    "was": ("was", ""),
    "undo": ("undo", ""),
    "drag": ("drag the line, or type the value", ""),
    "typed": ("type another value", ""),
    "dismiss": ("dismiss", ""),
    "order": ("Order", "In which order the funnel takes the criteria. A row can be dragged by its number."),
}
COUNTED = {"fails": "of all patients", "gain": "in eligible", "unknown": "of all", "share": "of loss"}
"""What a column counts, or out of what, as it stands under its head."""
NOTHING_CHANGED = "As written: nothing is changed."
WITHOUT_NUMBERS = "recorded, yes or no"
SIGNS = {">=": "≥", ">": ">", "<": "<", "<=": "≤"}
LONGEST_UNIT = 6
NO_RATE = "no rate given"
SAVE_EXACT = "Save exact counts"
EXACT_NOT_SAVED = "Exact counts: see Share before saving."
SAVING_EXPLAINED = (
    "Patients from a file: with small counts hidden pictures can be saved; with this on, pictures with exact counts and lists of single patients too, which "
    "are not shown while small counts are hidden. It holds for the cohort loaded."
)
FINDINGS_COUNT = "The findings name exact counts: they are not shown while small counts are hidden."
NOT_IN_THIS_FILE = "not in this file: set aside"


def what_is_shown(notes: int, remarks: int) -> str:
    """What the list of findings holds from top to bottom."""
    return f"{several(notes, 'finding')} in this cohort" + (f", then {several(remarks, 'remark')} on the text" if remarks else "")


def things_shown(notes: Sequence[object] | None) -> str:
    """The line that opens the findings."""
    return "Findings" if notes is None else several(len(notes), "finding")


def stop_of(parameter: Number, value: float, operator: str, *, with_unit: bool) -> str:
    """A value beside its handle: ``≥ 3.5 g/24h``, ``≤ 6 mo``, ``no limit``."""
    if math.isinf(value):
        return NO_LIMIT
    unit = SHORT_UNITS.get(parameter.unit, parameter.unit if with_unit and len(parameter.unit) <= LONGEST_UNIT else "")
    return " ".join(filter(None, (SIGNS.get(operator, ""), value_of(parameter, value), unit)))


def told_apart(parameters: Sequence[Number]) -> tuple[str, ...]:
    """What each of several values in one line is called: its short word, else its label without the words all of them begin or end with.

    A value that stands alone needs no name.
    """
    if len(parameters) < 2:
        return ("",) * len(parameters)
    labels = [each.label.split() for each in parameters]
    ahead, behind = _in_common(labels), _in_common([each[::-1] for each in labels])
    own = (" ".join(each[ahead : len(each) - behind]) or " ".join(each) for each in labels)
    return tuple(parameter.short or words for parameter, words in zip(parameters, own, strict=True))


def _in_common(texts: Sequence[Sequence[str]]) -> int:
    """How many words all begin with."""
    return next((at for at, words in enumerate(zip(*texts, strict=False)) if len(set(words)) > 1), min(map(len, texts)))


def rounded_to(unit: int) -> str:
    """What must be known of rounded counts; nothing of exact ones."""
    return f"Counts rounded to {count(unit)}: 1 to {count(unit)} are shown as {count(unit)}, sums need not agree." if unit else ""


def as_shown(unit: int, *, may_save: bool) -> str:
    """What must be known of counts away from the workbench: that they are rounded, or exact and not to be saved; nothing where there is nothing to know."""
    if unit:
        return f"Counts rounded to {count(unit)}, fewer shown as {count(unit)}."
    return "" if may_save else EXACT_NOT_SAVED


def unit_beside(parameter: Number) -> str:
    """The unit where the values beside the handle leave it out."""
    return "" if parameter.unit in SHORT_UNITS or len(parameter.unit) <= LONGEST_UNIT else parameter.unit


def left_under(tally: Tally | None, shown: Callable[[Tally], Tally]) -> str:
    """Who is left under a reading: ``135 + 307``."""
    return NOT_IN_THE_DATA.lower() if tally is None else left(shown(tally))


def saves(number: int | None) -> str:
    """``saves 12``; nothing without an exception."""
    return "" if number is None else f"saves {count(number)}"


FEWER = "something is recorded, but not as many values as the clause asks for, in the window and as many days apart"
KNOWN_IN_PART = "a value known only as below or above a limit, one dated only in part, or an estimate that holds of adults only"


def reasons(found: MissingReasons, catalogue: Catalogue, shown: Callable[[int], int]) -> tuple[tuple[str, str], ...]:
    """Why patients are unknown on a criterion, each count out of all who are."""
    of = f"of the {count(shown(found.unknown))} unknown"
    said = []
    for lack in found.lacks:
        label, elsewhere = catalogue[lack.variable].label, f"; {count(shown(lack.outside))} have one outside it" if shown(lack.outside) else ""
        name = f"no {label} in the window" if elsewhere else f"no record of {label}"
        said.append((name, f"{count(shown(lack.patients))} {of}{elsewhere}; {count(shown(lack.only))} lack only this"))
    others = (
        ("recorded without a date", found.undated, "an event is recorded, not when it was, and the clause asks for it within a window"),
        ("fewer values than asked for", found.fewer, FEWER),
        ("known only in part", found.known_in_part, KNOWN_IN_PART),
        ("left open by the rule", found.left_by_rule, "all it asks for is there, and it takes that for possible, not for certain"),
        ("no column", found.no_column, "the clause also asks for something that has no column in the files"),
    )
    said += [(label, f"{count(shown(number))} {of}: {why}") for label, number, why in others if number]
    return tuple(said)


def facts(everybody: int, fails: int, unknown: int, gain: int, gain_possible: int) -> tuple[tuple[str, str], ...]:
    """The counts behind a criterion, each with what it is counted out of."""
    of = f"of {patients(everybody)}"
    return (
        ("fail it", f"{count(fails)} {of}, whatever the other criteria say"),
        ("unknown", f"{count(unknown)} {of}, whatever the other criteria say"),
        ("switched off", f"eligible {signed(gain)}, eligible or undetermined {signed(gain_possible)}"),
    )


def policy_in_use(variable: Variable, chosen: MissingPolicy) -> str:
    """What no record means: ``no record of LDL cholesterol: unknown``."""
    return f"no record of {variable.label}: {chosen}"
