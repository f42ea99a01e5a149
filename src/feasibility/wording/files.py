"""Cohorts, files and what their columns are taken for."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence

from feasibility.cohort import Cohort, ColumnReport, Report, Undated
from feasibility.intake import About, ColumnUse, DateNumbers, DateOrder, Part, Question, Weight, meanings
from feasibility.problems import Problem
from feasibility.screening.screen import Screening
from feasibility.variables import Catalogue, Kind
from feasibility.wording.numbers import MOST_LISTED, count, listed, patients, plain, several

NOT_USED = "not used"
SURE = {"asked": "?", "chosen": "●", "written": "✓", "alike": "≈", "unused": ""}
SURE_EXPLAINED = "? to be answered first · ✓ the header says so · ≈ the header is like it · ● chosen by you"
LOADED_BEFORE = "The cohort loaded is still the one read before this was changed."
TO_BE_ANSWERED, SET_ASIDE = "to be answered", "set aside"
CODES_LEFT = "Taken when every code is answered."
TOO_MANY_CODES = "So many are not answered one by one here: say it in the mapping (save it, add coding, load it), or leave the column out."
EDITED_SO = "double-click a meaning or a unit, or press Enter on it, to change it"
TABLE_ROLES = {
    "data": "variables as columns",
    "measurements": "measurements, one a row",
    "events": "events, one a row",
    "left out": "left out",
}
OF_MEASUREMENTS = {"patient": "The patient", "name": "What is measured", "value": "The value", "unit": "Its unit", "date": "The day"}
OF_EVENTS = {"patient": "The patient", "name": "What happened", "date": "When it began", "end": "When it ended", "status": "Whether it occurred"}
FILES_EXPLAINED = (
    "One file or several: tables with a row a patient or a visit, which are joined by patient, and long tables with a measurement or an event a row. "
    "What each is shows in its columns; it can be changed."
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SEVERITIES = {"error": "Errors", "warning": "Warnings", "note": "Notes"}
PARTS = {Part.VALUE: "value", Part.DATE: "date", Part.END: "end", Part.UNIT: "unit"}
DATE_ORDERS = {
    None: "as the dates show",
    DateOrder.DAY_MONTH: "day, month, year",
    DateOrder.MONTH_DAY: "month, day, year",
    DateOrder.YEAR_FIRST: "year, month, day",
}
DATE_NUMBERS = {
    None: "as the numbers show",
    DateNumbers.EXCEL: "workbook days",
    DateNumbers.EXCEL_1904: "workbook days since 1904",
    DateNumbers.SAS: "days since 1960 (SAS)",
    DateNumbers.UNIX_DAYS: "days since 1970",
    DateNumbers.SAS_SECONDS: "seconds since 1960 (SAS)",
    DateNumbers.UNIX: "seconds since 1970",
    DateNumbers.STATA: "milliseconds since 1960 (Stata)",
    DateNumbers.UNIX_MS: "milliseconds since 1970",
}
DECIMALS = {None: "as the numbers show", ".": "a decimal point", ",": "a decimal comma"}
UNDATED = {
    None: "at some time before",
    Undated.EVER: "at some time before",
    Undated.WITHIN: "within the window asked for",
    Undated.CURRENT: "now",
}
COLUMN_ROW = ("Column", "Taken as", "Use", "With value", "Empty", "Converted", "Censored", "Set aside")


def cohort_line(cohort: Cohort) -> str:
    """``dkd_wide.csv, 2,000 patients at 31 Jan 2026``."""
    return f"{cohort.name}, {patients(cohort.patients)}{index_dates(cohort)}"


def largely_set_aside(cohort: Cohort) -> str:
    """``column Kreatinin: 303 of 320 cells set aside``, of every column of which more was set aside than used; nothing where there is none."""
    found = [f"{each.column} {count(each.set_aside)} of {count(each.rows)}" for each in cohort.report.largely_set_aside]
    return f"cells set aside: {listed(found[:MOST_LISTED])}{' …' if len(found) > MOST_LISTED else ''}" if found else ""


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


def rows_line(report: Report) -> str:
    """Every row accounted for: ``2,000 rows read = 1,998 used + 2 set aside``."""
    return f"{several(report.rows_read, 'row')} read = {count(report.rows_used)} used + {count(report.rows_set_aside)} set aside"


def column_row(said: ColumnReport) -> tuple[str, str, str, int, int, int, int, int]:
    """What became of one column, in the order of ``COLUMN_ROW``."""
    return said.column, said.variable or "", said.use, said.with_value, said.missing, said.converted, said.censored, said.set_aside


def severity(kind: str, problems: Iterable[Problem]) -> str:
    """``Warnings 3``."""
    return f"{SEVERITIES[kind]} {sum(problem.severity == kind for problem in problems)}"


def use_of(catalogue: Catalogue, use: ColumnUse) -> str:
    """What a column is taken as: ``HbA1c``, ``HbA1c, date``, ``not used``."""
    if not use.variables:
        return NOT_USED
    labels = listed(catalogue[each].label for each in use.variables)
    repeat = f" {use.repeat}" if use.repeat is not None else ""
    return f"{labels}{repeat}" + (f", {PARTS[use.part]}" if use.part is not Part.VALUE and not catalogue[use.variables[0]].is_date else "")


def entry(table: str, name: str) -> str:
    """A column or a name in a long table: ``hba1c_percent``, ``GLYCO (measurements)``."""
    return name if table == "data" else f"{name} ({table})"


def choice_of(catalogue: Catalogue, question: Question, choice: str) -> str:
    """An answer that can be chosen."""
    if question.about is About.DATE_ORDER:
        return DATE_ORDERS[DateOrder(choice)]
    if question.about is About.DATE_NUMBERS:
        return DATE_NUMBERS[DateNumbers(choice)]
    if question.about is About.DECIMAL:
        return DECIMALS[choice]
    return catalogue[choice].label if question.about is About.VARIABLE and choice in catalogue else choice


def meant_by_codes(catalogue: Catalogue, variable: str) -> dict[str, str]:
    """What a code may stand for, with what that is called. Typing chooses the first that has the letters, so what stands within another goes before it."""
    may, entry = meanings(catalogue, variable), catalogue[variable]
    labels = {each: entry.value_label(each) for each in dict.fromkeys((*entry.values, "yes", "no", "unknown", "missing")) if each in may}
    ordered: list[str] = []
    for each, label in labels.items():
        place = next((at for at, other in enumerate(ordered) if label.casefold() in labels[other].casefold()), len(ordered))
        ordered.insert(place, each)
    return {each: labels[each] for each in ordered}


def previewed(catalogue: Catalogue, example: tuple[str, str, float, float]) -> str:
    """What becomes of one cell: ``“7.5” → 7.5 %``, ``“<0.3” → below 0.3``."""
    return f"“{example[0]}” → {became(catalogue, example)}"


def became(catalogue: Catalogue, example: tuple[str, str, float, float]) -> str:
    """What one cell became: ``7.5 %``, ``0.3 or less``, ``yes``."""
    _, variable, low, high = example
    entry = catalogue[variable]
    named = next((label for label, span in entry.values.items() if span == (low, high)), None)
    if named is None and entry.kind is Kind.EVENT:
        named = {(1.0, 1.0): "yes", (0.0, 0.0): "no"}.get((low, high), "unknown")
    unit = f" {entry.unit}" if entry.unit else ""
    if named is not None:
        return named
    if low == high:
        return f"{low:.4g}{unit}"
    if math.isinf(low) and math.isinf(high):
        return "unknown"
    if math.isinf(high):
        return f"{low:.6g}{unit} or more"
    return f"{high:.6g}{unit} or less" if math.isinf(low) else f"{low:.6g} to {high:.6g}{unit}"


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


def assessed_briefly(screening: Screening | None) -> str:
    """``18 of 21 criteria``."""
    return "Criteria" if screening is None else f"{len(screening.assessed)} of {len(screening.protocol.criteria)} criteria"


def lacking(screening: Screening, catalogue: Catalogue, waiting: Collection[str]) -> list[tuple[str, str]]:
    """Each variable that no column gives, with the criteria it costs wholly or in part; what costs most first. Columns of those ``waiting`` are asked about."""
    costs: dict[str, tuple[list[str], list[str]]] = {}
    for criterion in screening.protocol.ids:
        for variable in screening.assessments[criterion].absent:
            wholly, partly = costs.setdefault(variable, ([], []))
            (partly if criterion in screening.outcomes else wholly).append(criterion)
    ordered = sorted(costs.items(), key=lambda cost: (-len(cost[1][0]), -len(cost[1][1])))
    return [
        (
            f"{catalogue[variable].label} ({TO_BE_ANSWERED})" if variable in waiting else catalogue[variable].label,
            "; ".join(filter(None, [listed(wholly), f"{listed(partly)} in part" if partly else ""])),
        )
        for variable, (wholly, partly) in ordered
    ]


def taken_as(catalogue: Catalogue, question: Question) -> str:
    """``as Myocardial infarction``: what the column asked about would be taken for; nothing where that is the question."""
    names = question.proposed.variables if question.proposed is not None else ()
    return f"as {listed(catalogue[name].label for name in names)}" if names else ""


def questions(asked: Sequence[Question]) -> str:
    """``9 questions, 7 to be answered before the columns are used``."""
    must = sum(question.weight is Weight.MUST for question in asked)
    return several(len(asked), "question") + (f", {must} to be answered before the columns are used" if must else "")


def yes_to_all(agreed: int, asked: int) -> str:
    """What saying yes to everything answers."""
    rest = " The others are answered one by one: what a header is only like or does not say, and what nothing is proposed for." if agreed < asked else ""
    return f"Answers {count(agreed)} of {several(asked, 'question')} as proposed.{rest}"
