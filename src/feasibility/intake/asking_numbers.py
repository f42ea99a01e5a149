"""What a column of numbers leaves to ask: its unit, how it writes numbers, codes for missing, where it is cut off."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from feasibility.intake.converted import distinct_texts, is_text
from feasibility.intake.mapping import ColumnUse
from feasibility.intake.numerals import PLAIN, POINT_AND_THREE, SINGLE, Sign, cleaned, number, separators
from feasibility.intake.places import counted, shown
from feasibility.intake.questions import COLUMNS, About, Question, Weight, entry, sample_texts
from feasibility.intake.words import token
from feasibility.logic import Floats
from feasibility.units import convert
from feasibility.variables import Variable

PILE, FEWEST, FEWEST_SHORT = 3.0, 3, 5
"""How many times as frequent as any value near it a number must be to look like a code, and at least how often: three figures, two figures."""

APART = 10.0
"""By what factor two groups of values are apart that nothing lies between in one unit."""

SHARE = 0.05

_PLAIN = re.compile(PLAIN)

Asked = tuple[ColumnUse, list[Question]]


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
    values, own_units = _amounts(texts, variable)
    use, asked = _ask_unit(column, variable, use, cells, values, own_units, section, fixed_by)
    questions += asked
    if any(question.weight is Weight.MUST for question in asked):
        return use, questions
    use, asked = _ask_decimal(column, variable, use, texts if is_text(cells) else [], section)
    questions += asked
    if len(values) and (top := _pile(values, variable.top_codes)) is not None:
        text = f"{variable.label} {top:g} is far more frequent than the values just below: taken as '{top:g} or older'."
        remedy = f"To take it as written, leave out censored_at. {entry(column, use, section)}"
        use = replace(use, censored_at=top)
        questions.append(Question(column, About.CENSORED, Weight.SETTLED, text, remedy, use))
    return use, questions + _ask_sentinels(column, variable, use, values, section)


def _amounts(texts: list[str], variable: Variable) -> tuple[Floats, list[str]]:
    """The numbers without a unit, and the units that other numbers carry themselves."""
    times = Counter(text.strip() for text in texts)
    odd = [text for text in times if not _PLAIN.match(text)]
    how = separators(odd)
    bare = {text: float(text) for text in times if _PLAIN.match(text)}
    units = []
    for text in odd:
        match = SINGLE.match(cleaned(text))
        value = None if match is None else number(match[1], how)
        if match is None or value is None:
            continue
        if not match[2]:
            bare[text] = value
        elif (unit := variable.recognise_unit(match[2])) is not None:
            units += [unit] * times[text]
    return np.repeat(np.array(list(bare.values()), np.float64), [times[text] for text in bare]), units


def _ask_unit(
    column: str, variable: Variable, use: ColumnUse, cells: pa.ChunkedArray, values: Floats, own_units: list[str], section: str, fixed_by: str
) -> Asked:
    """The unit of numbers that carry none: by the definition of the column's name, else by their size, else asked."""
    if variable.only_unit is not None:
        return use, []
    guess = sniffed(values, variable) if len(values) else None
    if fixed_by and (len(values) or own_units):
        if guess not in (None, use.unit):
            text = f"'{shown(fixed_by)}' is defined or usually kept in {use.unit}, but the values (median {np.median(values):.3g}) look like {guess}."
            remedy = _unit_remedy(column, variable, replace(use, unit=None), section)
            return use, [Question(column, About.UNIT, Weight.MUST, text, remedy, None, variable.accepted_units)]
        text = f"No unit is written; '{shown(fixed_by)}' is defined or usually kept in {use.unit}: taken as {use.unit}."
        return use, [Question(column, About.UNIT, Weight.SETTLED, text, _unit_remedy(column, variable, use, section), use, variable.accepted_units)]
    if use.unit is not None:
        return use, []
    if not len(values) and own_units and not len(_amounts(distinct_texts(cells), variable)[0]):
        use = replace(use, unit=Counter(own_units).most_common(1)[0][0])
        text = f"Every value carries its unit ({', '.join(dict.fromkeys(own_units))}): each is read in its own."
        return use, [Question(column, About.UNIT, Weight.SETTLED, text, _unit_remedy(column, variable, use, section), use, variable.accepted_units)]
    if not len(values) and not sample_texts(cells):
        return use, []
    if len(values) and (groups := _two_groups(values, variable, guess)):
        text = f"No unit is given for {variable.label}, and the values fall into groups: {groups}. Two units in one column, it seems."
        remedy = "Add a column that says the unit of each row (its header ending in 'unit'), or give the files of each site by themselves. "
        remedy += _unit_remedy(column, variable, use, section)
        return use, [Question(column, About.UNIT, Weight.MUST, text, remedy, None, variable.accepted_units)]
    if guess is None:
        return use, [_unit_question(column, variable, use, section)]
    use = replace(use, unit=guess)
    text = f"No unit is given; the values (median {np.median(values):.3g}) look like {guess}: taken as {guess}."
    return use, [Question(column, About.UNIT, Weight.SETTLED, text, _unit_remedy(column, variable, use, section), use, variable.accepted_units)]


def _two_groups(values: Floats, variable: Variable, guess: str | None) -> str:
    """What to say of values of which some are usual in one unit and others only in another; nothing where one unit fits."""
    counts = Counter(values.tolist())
    values = np.array([value for value in values.tolist() if not (counts[value] > 1 and _like_code(value))])
    if not variable.sniff or not len(values) or variable.soft is None:
        return ""
    guess = guess or max(variable.sniff, key=lambda unit: int(_usual(values, variable, unit).sum()))
    enough = max(2, SHARE * len(values))
    for other, (low, high) in variable.sniff.items():
        if other == guess:
            continue
        would = (low <= values) & (values < high) & _usual(values, variable, other)
        foreign = would & ~_usual(values, variable, guess)
        own_low, own_high = variable.sniff[guess]
        there = (low <= values) & (values < high) & ~((own_low <= values) & (values < own_high))
        if foreign.sum() < enough and there.sum() >= enough and (~there).sum() >= enough:
            smaller, larger = (there, ~there) if values[there].max() < values[~there].min() else (~there, there)
            foreign = there if values[smaller].max() * APART <= values[larger].min() else foreign
        if foreign.sum() >= enough and (~foreign).sum() >= enough:
            return " and ".join(
                f"{int(part.sum())} like {unit} (median {np.median(values[part]):.3g})" for unit, part in ((guess, ~foreign), (other, foreign))
            )
    return ""


def _usual(values: Floats, variable: Variable, unit: str) -> NDArray[np.bool_]:
    assert variable.soft is not None
    canonical = convert(values, variable.conversion(unit))
    usual: NDArray[np.bool_] = (variable.soft[0] <= canonical) & (canonical <= variable.soft[1])
    return usual


def _ask_decimal(column: str, variable: Variable, use: ColumnUse, texts: list[str], section: str) -> Asked:
    """Whether the point in 1.234 is decimal or separates thousands, where every point in the column stands before three last figures."""
    plain = [text for text in dict.fromkeys(text.strip() for text in texts) if _PLAIN.match(text)]
    pointed = [text for text in plain if "." in text]
    if use.decimal is not None or not pointed or not all(re.match(POINT_AND_THREE, text) for text in pointed) or variable.hard is None:
        return use, []
    unit = use.unit if use.unit is not None else variable.only_unit
    accepted = None if unit is None else variable.recognise_unit(unit)
    if accepted is None or separators(text for text in texts if "," in text).point is not Sign.DECIMAL:
        return use, []
    possible = []
    for decimal in (".", ","):
        how = separators((), decimal)
        canonical = convert(np.array([number(text, how) for text in pointed], np.float64), variable.conversion(accepted))
        possible.append(bool(np.all((variable.hard[0] <= canonical) & (canonical <= variable.hard[1]))))
    whole = [float(text) for text in plain if "." not in text]
    if possible == [False, True]:
        use = replace(use, decimal=",")
        text = f"Numbers such as '{pointed[0]}' are possible only with the point between thousands: taken so."
        return use, [Question(column, About.DECIMAL, Weight.SETTLED, text, entry(column, use, section), use)]
    if possible == [True, True] and not any(value >= 1000 for value in whole):
        text = f"In numbers such as '{pointed[0]}' the point may be decimal or separate thousands."
        return use, [Question(column, About.DECIMAL, Weight.MUST, text, entry(column, use, section, "decimal = '.' or ','"), None, (".", ","))]
    return use, []


def _ask_sentinels(column: str, variable: Variable, use: ColumnUse, values: Floats, section: str) -> list[Question]:
    """Numbers that look like codes for missing: impossible ones that are repeated, and possible ones in a pile far above the values near them."""
    unit = use.unit if use.unit is not None else variable.unit
    accepted = variable.recognise_unit(unit)
    if variable.hard is None or accepted is None or not len(values):
        return []
    canonical = convert(values, variable.conversion(accepted))
    impossible = Counter(values[(canonical < variable.hard[0]) | (canonical > variable.hard[1])].tolist())
    counts = Counter(values.tolist())
    false = sorted(code for code, times in impossible.items() if times >= 2 and (_like_code(code) or code in (7.0, 8.0, 9.0)))
    doubtful = sorted(code for code in counts if code not in impossible and _piled(code, counts, variable))
    said = []
    if false:
        said.append(f"{', '.join(f'{code:g}' for code in false)} cannot be true and is repeated: it looks like a code for missing.")
    if doubtful:
        listed = ", ".join(f"{code:g} ({counted(counts[code], 'cell')})" for code in doubtful)
        said.append(f"{listed} is far more frequent than the values near it: perhaps a code for missing. It counts as a value until that is confirmed.")
    if not said:
        return []
    proposed = replace(use, sentinels=tuple(f"{code:g}" for code in false + doubtful))
    return [Question(column, About.SENTINELS, Weight.OFFERED, " ".join(said), entry(column, proposed, section), proposed)]


def _piled(code: float, counts: Counter[float], variable: Variable) -> bool:
    """Whether a possible number that looks like a code stands far above those within a tenth of it; zero, above the smallest amount measured."""
    if code == 0:
        above = [value for value in counts if value > 0]
        return bool(above) and variable.scale == "log" and not variable.values and counts[code] >= max(FEWEST, PILE * counts[min(above)])
    fewest = FEWEST_SHORT if code < 100 and code.is_integer() else FEWEST
    if counts[code] < fewest or not _like_code(code):
        return False
    near = [times for value, times in counts.items() if value != code and abs(value - code) <= abs(code) / 10]
    return counts[code] >= PILE * max(near, default=1)


def sniffed(values: Floats, variable: Variable) -> str | None:
    """The one accepted unit that the column's median suggests and in which that median is a usual value; None where there is none, or several."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return None
    median = float(np.median(finite))
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


def _like_code(number: float) -> bool:
    return number < 0 or bool(re.match(r"^(9{2,}|8{2,}|7{2,}|6{3,})(\.0)?$|^9{2,}\.9+$", str(number)))
