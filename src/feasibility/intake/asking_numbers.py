"""What a column of numbers leaves to ask: its unit, how it writes numbers, codes for missing, where it is cut off."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pyarrow as pa

from feasibility.intake.mapping import ColumnUse
from feasibility.intake.numerals import PLAIN
from feasibility.intake.places import shown
from feasibility.intake.questions import COLUMNS, About, Question, Weight, entry, sample_texts
from feasibility.intake.words import token
from feasibility.logic import Floats
from feasibility.units import convert
from feasibility.variables import Variable

PILE = 3.0


def ask_number(
    column: str, variable: Variable, use: ColumnUse, cells: pa.ChunkedArray, unit_text: str | None, section: str = COLUMNS, fixed_by: str = ""
) -> tuple[ColumnUse, list[Question]]:
    """Unit, top-code and sentinel codes of a column of numbers.

    ``unit_text`` is a unit that is written and not known; ``fixed_by`` the name whose definition gave the unit of ``use``, where nobody wrote it.
    """
    texts = sample_texts(cells)
    questions: list[Question] = []
    if finding := _finding(column, variable, use, texts, section):
        return use, [finding]
    if unit_text is not None:
        text = f"The unit '{shown(unit_text)}' is not known for {variable.label}."
        return use, [Question(column, About.UNIT, Weight.MUST, text, _unit_remedy(column, variable, use, section), None, variable.accepted_units)]
    values = np.array([float(text) for text in map(str.strip, texts) if re.match(PLAIN, text)])
    if fixed_by and variable.only_unit is None and texts:
        guess = sniffed(values, variable) if len(values) else None
        if guess not in (None, use.unit):
            text = f"'{shown(fixed_by)}' is defined or usually kept in {use.unit}, but the values (median {np.median(values):.3g}) look like {guess}."
            remedy = _unit_remedy(column, variable, replace(use, unit=None), section)
            return use, [Question(column, About.UNIT, Weight.MUST, text, remedy, None, variable.accepted_units)]
        text = f"No unit is written; '{shown(fixed_by)}' is defined or usually kept in {use.unit}: taken as {use.unit}."
        questions.append(Question(column, About.UNIT, Weight.SETTLED, text, _unit_remedy(column, variable, use, section), use, variable.accepted_units))
    if use.unit is None and variable.only_unit is None:
        if len(values) == 0:
            return use, [] if not texts else [_unit_question(column, variable, use, section)]
        unit = sniffed(values, variable)
        if unit is None:
            return use, [_unit_question(column, variable, use, section)]
        use = replace(use, unit=unit)
        text = f"No unit is given; the values (median {np.median(values):.3g}) look like {unit}: taken as {unit}."
        questions.append(Question(column, About.UNIT, Weight.SETTLED, text, _unit_remedy(column, variable, use, section), use, variable.accepted_units))
    if len(values) and (top := _pile(values, variable.top_codes)) is not None:
        text = f"{variable.label} {top:g} is far more frequent than the values just below: taken as '{top:g} or older'."
        remedy = f"To take it as written, leave out censored_at. {entry(column, use, section)}"
        use = replace(use, censored_at=top)
        questions.append(Question(column, About.CENSORED, Weight.SETTLED, text, remedy, use))
    if len(values) and (codes := _sentinels(values, variable, use)):
        listed = ", ".join(f"{code:g}" for code in codes)
        text = f"{listed} cannot be true and is repeated: it looks like a code for missing."
        proposed = replace(use, sentinels=tuple(f"{code:g}" for code in codes))
        questions.append(Question(column, About.SENTINELS, Weight.OFFERED, text, entry(column, proposed, section), proposed))
    return use, questions


def sniffed(values: Floats, variable: Variable) -> str | None:
    """The one accepted unit that the column's median suggests and in which that median is a usual value; None where there is none, or several."""
    median = float(np.median(values))
    fitting = []
    for unit, (low, high) in variable.sniff.items():
        canonical = float(convert(np.array([median]), variable.conversion(unit))[0])
        if low <= median < high and variable.soft is not None and variable.soft[0] <= canonical <= variable.soft[1]:
            fitting.append(unit)
    return fitting[0] if len(fitting) == 1 else None


def _unit_remedy(column: str, variable: Variable, use: ColumnUse, section: str) -> str:
    where = "the header" if section == COLUMNS else "the table's column of units"
    return f"Write the unit in {where} ({', '.join(variable.accepted_units)}). " + entry(column, use, section, 'unit = "…"')


def _unit_question(column: str, variable: Variable, use: ColumnUse, section: str) -> Question:
    text = f"No unit is given for {variable.label}, and the values do not settle it."
    return Question(column, About.UNIT, Weight.MUST, text, _unit_remedy(column, variable, use, section), None, variable.accepted_units)


def _finding(column: str, variable: Variable, use: ColumnUse, texts: list[str], section: str) -> Question | None:
    """A load of which only 0 and 1 is recorded is a finding: not detected, detected."""
    if "detected" not in variable.values or not texts or set(map(token, texts)) - {"0", "1"}:
        return None
    proposed = replace(use, unit=variable.unit, coding={"0": "not detected", "1": "detected"})
    text = f"The column holds only 0 and 1: not an amount in {variable.unit}, it seems, but whether it was detected."
    return Question(column, About.CODING, Weight.MUST, text, entry(column, proposed, section), proposed)


def _pile(ages: Floats, top_codes: tuple[float, ...]) -> float | None:
    counts = Counter(ages.tolist())
    return next((code for code in top_codes if counts[code] > PILE * max(counts[code - 1], counts[code - 2], 1)), None)


def _sentinels(values: Floats, variable: Variable, use: ColumnUse) -> list[float]:
    if variable.hard is None:
        return []
    unit = use.unit or variable.unit
    if variable.recognise_unit(unit) is None:
        return []
    canonical = convert(values, variable.conversion(variable.recognise_unit(unit) or unit))
    impossible = Counter(values[(canonical < variable.hard[0]) | (canonical > variable.hard[1])].tolist())
    return sorted(code for code, times in impossible.items() if times >= 2 and _like_code(code))


def _like_code(number: float) -> bool:
    return number < 0 or bool(re.match(r"^(9{2,}|8{2,}|7{2,}|6{3,})(\.0)?$", str(number)))
