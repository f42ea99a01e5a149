"""What the data are like: rows, gaps, sites, contradictions, problems."""

from __future__ import annotations

from collections.abc import Sequence

from feasibility.cohort import Cohort, FileReport, Report
from feasibility.problems import Found
from feasibility.quality.checks import Checked
from feasibility.quality.lines import Line
from feasibility.quality.rows import FileRows, Repeats
from feasibility.quality.sites import FEWEST, OfSite
from feasibility.quality.spread import Distribution, Named
from feasibility.quality.thresholds import Threshold
from feasibility.quality.view import Costing
from feasibility.results.disclosure import Rounding
from feasibility.variables import Catalogue, Variable
from feasibility.wording.numbers import NOTHING, count, listed, several

ROWS_SET_ASIDE = {
    Found.BLANK_ROW: "blank",
    Found.HEADER_AGAIN: "the header again",
    Found.UNDER_TABLE: "under the table",
    Found.NO_PATIENT: "without a patient identifier",
    Found.SAME_ROW: "repeat another row word for word",
    Found.OTHER_ROW: "further rows of a patient, with other values",
    Found.AGAIN_IN_FILE: "of patients of an earlier file",
    Found.STRANGER: "of patients not in the patient file",
    Found.NO_NAME: "without a name of what was measured",
    Found.OTHER_SPECIMEN: "measured in another specimen",
    Found.NAME_NOT_USED: "with a name that is not used",
    Found.LEFT_OUT: "left out by the mapping",
    Found.WRONG_WIDTH: "with more or fewer cells than the header",
    None: "without a value that can be used",
}
FILE_ROW = ("File", "Rows read", "Used", "Set aside", "Why set aside")
GAP_ROW = (
    "Variable", "Asked by", "Missing", "Leaves open", "No value, %", "In part, %", "With a value", "Known in part", "Cell set aside", "Patients", "Unusual",
    "Values", "Converted",
)  # fmt: skip
GAP_SHARES = ("No value, %", "In part, %")
GAP_COUNTS = tuple(name for name in GAP_ROW if name not in ("Variable", "Asked by", *GAP_SHARES))
GAPS_EXPLAINED = {
    "Asked by": "The criteria that ask for it under this scenario.",
    "Leaves open": "Patients who are unknown on a criterion that asks for it and have no exact value of it.",
    "Patients": "Of whom it is asked: everybody; for what describes an event, those who may have had the event. They are those with a value, "
    "known in part, with a cell set aside, and missing.",
    "With a value": "At least one exact value (an event: yes or no, with its date where there are dates).",
    "Known in part": "At best a limit such as <0.3, a range, or an event whose date is not exactly known.",
    "Cell set aside": "No value, and a cell that could not be read or cannot be true.",
    "Missing": "Patients of whom nothing is recorded. Of events that is as a rule taken as not occurred.",
    "No value, %": "Patients of whom nothing is recorded, or only a cell that was set aside; of those asked.",
    "In part, %": "Patients of whom something is known, but no exact value; of those asked.",
    "Unusual": "Patients with a value outside the usual range; it is kept.",
    "Values": "Records with a value: a patient may have several.",
    "Converted": "Values written in another unit.",
}
NOT_IN_FILE = "no column"
CHECK_ROW = ("Contradiction", "Patients", "Of", "Looked for", "Why it matters", "What to do")
LINE_ROW = ("Severity", "File", "Row", "Column", "Variable", "Value found", "Number", "What is wrong", "Expected", "Remedy")
SITE_RULE = (
    "◆ marks a median outside the middle 80 % (10th to 90th percentile) of the values at more than half of the other sites; "
    f"sites with fewer than {FEWEST} values are neither marked nor compared with."
)
EVENTS_LEFT_OUT = "Events are left out on the left: that none is recorded is as a rule taken as not occurred, and no gap."
HIDDEN_CELLS = "Single rows are not listed while small counts are hidden."
OF_CELLS = ("Row", "Value found")
OF_PROBLEMS = ("Number",)
"""The columns that only lists of single cells have, and those that only lists of problems have."""


def file_row(file: FileRows, rounding: Rounding) -> tuple[str, int, int, int, str]:
    """One file's rows, in the order of ``FILE_ROW``."""
    return file.name, file.read, rounding.count(file.used), rounding.count(file.set_aside), rows_reasons(file, rounding)


def rows_reasons(file: FileRows, rounding: Rounding) -> str:
    """``2 repeat another row word for word, 1 without a patient identifier``."""
    return ", ".join(f"{count(rounding.count(number))} {ROWS_SET_ASIDE[reason]}" for reason, number in file.reasons)


def rows_accounted(report: Report, cohort: Cohort, rounding: Rounding) -> str:
    """``77 rows read = 73 used + 4 set aside; 73 patients``."""
    used, aside = rounding.count(report.rows_used), rounding.count(report.rows_set_aside)
    sign = "≈" if rounding.unit else "="
    return f"{several(report.rows_read, 'row')} read {sign} {count(used)} used + {count(aside)} set aside; {several(cohort.patients, 'patient')}"


def repeats(found: Sequence[Repeats], catalogue: Catalogue, rounding: Rounding) -> str:
    """What was recorded twice on a day, and what became of it; nothing where nothing was."""
    said = []
    for each in found:
        parts = [f"{count(rounding.count(each.identical))} dropped as identical"] if each.identical else []
        one = "with differing readings made one, numbers their mean, codes unknown"
        parts += [f"{several(rounding.count(each.differing), 'patient-day')} {one}"] if each.differing else []
        said.append(f"{catalogue[each.variable].label}: {', '.join(parts)}")
    return "; ".join(said)


def gap_row(costing: Costing, catalogue: Catalogue, rounding: Rounding) -> tuple[str | int | float | None, ...]:
    """One variable, in the order of ``GAP_ROW``."""
    gap = costing.gaps
    label = catalogue[gap.variable].label + ("" if gap.in_file else f" ({NOT_IN_FILE})")
    of = rounding.count(gap.of)
    shares = [100 * min(rounding.count(number) / of, 1.0) if of else None for number in (gap.missing + gap.set_aside, gap.partly)]
    rest = [rounding.count(number) for number in (gap.known, gap.partly, gap.set_aside, gap.of, gap.unusual, gap.values, gap.converted)]
    return label, ", ".join(costing.criteria), rounding.count(gap.missing), rounding.count(costing.leaves_open), *shares, *rest


def in_unit(variable: Variable) -> str:
    """``HbA1c, %``."""
    return f"{variable.label}, {variable.unit}" if variable.unit else variable.label


def threshold(found: Threshold) -> str:
    """``I7 < 9``."""
    return f"{found.criterion} {found.operator.replace('>=', '≥').replace('<=', '≤')} {found.value:g}"


def check_row(checked: Checked, catalogue: Catalogue, rounding: Rounding) -> tuple[str, str, str, str, str, str]:
    """One contradiction, in the order of ``CHECK_ROW``."""
    check = checked.check
    says = check.says + (f" {check.evidence}" if check.evidence else "")
    if checked.absent:
        return check.label, NOTHING, f"no column for {listed(catalogue[name].label for name in checked.absent)}", says, check.why, check.remedy
    of = "seen while reading" if checked.checked is None else count(rounding.count(checked.checked))
    return check.label, count(rounding.count(checked.patients)), of, says, check.why, check.remedy


def contradictions(checked: Sequence[Checked], rounding: Rounding) -> str:
    """``5 of 18 contradictions found, 2 could not be looked for``."""
    found = sum(each.patients > 0 for each in checked)
    lacking = sum(bool(each.absent) for each in checked)
    return f"{found} of {several(len(checked), 'contradiction')} found" + (f", {lacking} could not be looked for" if lacking else "")


def without_at_site(site: OfSite, rounding: Rounding) -> str:
    """``14 %``, ``100 % (98 set aside)``: the share without a value at a site; nothing where nobody is asked."""
    share, aside = share_without(site, rounding), share_set_aside(site, rounding)
    return NOTHING if share is None else f"{share:.0f} %" + (f" ({aside:.0f} set aside)" if aside >= 0.5 else "")


def share_without(site: OfSite, rounding: Rounding) -> float | None:
    """In percent of those asked at the site; None where nobody is."""
    of = rounding.count(site.of)
    return 100 * min(rounding.count(site.without) / of, 1.0) if of else None


def share_set_aside(site: OfSite, rounding: Rounding) -> float:
    of = rounding.count(site.of)
    return 100 * min(rounding.count(site.set_aside) / of, 1.0) if of else 0.0


def median_at_site(site: OfSite, rounding: Rounding) -> str:
    """``1.4``, ``◆ 126 (as if in µmol/L)``; nothing where there are no values, or few and small counts are hidden."""
    if site.median is None or (rounding.unit and site.values < FEWEST):
        return NOTHING
    fits = f" (as if in {site.fits})" if site.fits else ""
    median = f"{site.median:.4g}" if site.median < 10_000 else f"{site.median:,.0f}"
    return f"{'◆ ' if site.apart else ''}{median}{fits}"


def line_row(line: Line, catalogue: Catalogue) -> tuple[str, str, int | None, str, str, str, int | None, str, str, str]:
    """One problem or cell, in the order of ``LINE_ROW``."""
    number = line.number or None
    variable = catalogue[line.variable].label if line.variable in catalogue else line.variable
    return line.severity, line.file, line.row, line.column, variable, line.value, number, line.message, line.expected, line.remedy


def accounted(cohort: Cohort, rounding: Rounding) -> tuple[Line, ...]:
    """Every row accounted for, of all files and of each, as the last lines of an exported list."""
    report = cohort.report
    said = [(report.source, rows_accounted(report, cohort, rounding))]
    if len(report.files) > 1:
        said += [(file.name, _file_line(file, rounding)) for file in report.files]
    return tuple(Line("note", file, None, "", "", "", 0, message, "", "") for file, message in said)


def _file_line(file: FileReport, rounding: Rounding) -> str:
    used, aside = (count(rounding.count(rows)) for rows in (file.rows_used, file.rows_set_aside))
    return f"{several(file.rows_read, 'row')} read, {used} used, {aside} set aside"


def drawn(shown: Distribution, variable: Variable, asked: Sequence[Threshold], rounding: Rounding) -> str:
    """What the picture of a distribution shows: how many values, the ranges, the thresholds."""
    left = rounding.count(shown.values - shown.drawn)
    said = [f"{several(rounding.count(shown.values), 'value')}" + (f", of these {count(left)} known only in part and not drawn" if left else "")]
    ranges = (("shaded: usual", variable.soft), ("dotted: ends of the possible", variable.hard))
    said += [f"{how} {span[0]:g} to {span[1]:g}" for how, span in ranges if span is not None]
    said += [f"lines: {listed(threshold(each) for each in asked)}"] if asked else []
    return "; ".join(said) + "."


def named_values(shown: Named, rounding: Rounding) -> str:
    """``yes 12, no 1,985``."""
    pairs = zip(shown.labels, shown.counts, strict=True)
    return "Records: " + ", ".join(f"{label} {count(rounding.count(int(number)))}" for label, number in pairs if number) + "."


def listed_lines(found: int, shown: int) -> str:
    """``12 lines``; ``the first 1,000 of 12,345 lines; the file has them all``."""
    return f"{several(found, 'line')}." if found == shown else f"The first {count(shown)} of {count(found)} lines; the file has them all."
