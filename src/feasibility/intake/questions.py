"""What a column's cells say about it, and what has to be asked because they do not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
import pyarrow as pa

from feasibility.intake.codes import meaning_of
from feasibility.intake.converted import distinct_texts, is_text, text_of
from feasibility.intake.dates import days_of, order_of
from feasibility.intake.headers import Header
from feasibility.intake.mapping import ColumnUse, DateOrder, Part
from feasibility.intake.numerals import PLAIN
from feasibility.intake.places import Place, shown, values_said
from feasibility.intake.words import MISSING, NO, UNKNOWN, YES, token
from feasibility.logic import Floats
from feasibility.problems import Severity
from feasibility.units import convert
from feasibility.variables import Catalogue, Kind, Variable, plain

COLUMNS = "columns"
"""Where in a mapping the columns of a file with one row a patient stand."""

SAMPLE_ROWS = 20_000
FEW = 12
"""A column with more distinct texts than this is not a coding of a few values."""

PILE = 3.0

_SLASHED = re.compile(r"^\s*\d{1,2}[/.-]\d{1,2}[/.-]\d{4}")
_NO_ROWS = np.zeros(0, np.int64)


class Weight(StrEnum):
    """What becomes of a question that nobody answers."""

    MUST = "must"  # the column is not used
    SETTLED = "settled"  # the proposal is used, and noted
    OFFERED = "offered"  # the proposal is not used; the column is


class About(StrEnum):
    """What is asked."""

    VARIABLE = "variable"
    UNIT = "unit"
    CODING = "coding"
    DATE_ORDER = "date_order"
    CENSORED = "censored_at"
    SENTINELS = "sentinels"


@dataclass(frozen=True)
class Question:
    """A question about one column (or one name of a long table): the answer proposed is a whole ``ColumnUse``, None where none is.

    ``severity`` is that of saying that the proposal was used, where it was.
    """

    column: str
    about: About
    weight: Weight
    text: str
    remedy: str
    proposed: ColumnUse | None = None
    choices: tuple[str, ...] = ()
    table: str = "data"
    label: str = field(default="column")
    severity: Severity = "note"

    @property
    def where(self) -> str:
        prefix = "" if self.table == "data" else f"{self.table}, "
        return f"{prefix}{self.label} {shown(self.column)}"


def ask(column: str, header: Header, cells: pa.ChunkedArray, catalogue: Catalogue, section: str = COLUMNS) -> tuple[ColumnUse, list[Question]]:
    """What a column seems to mean by its header and cells, and the questions that leaves; ``section`` is where in the mapping they are answered."""
    variable = catalogue[header.variables[0]]
    use = ColumnUse(header.variables, header.part, header.repeat, header.unit or header.unit_text)
    questions: list[Question] = []
    if not header.exact:
        text = f"The header is like '{shown(header.matched)}' ({variable.label})."
        questions.append(Question(column, About.VARIABLE, Weight.MUST, text, entry(column, use, section), use, tuple(catalogue.variables)))
    questions += ask_ambiguous(column, header, use, variable, section)
    if variable.kind is Kind.DATE or (use.part is Part.VALUE and variable.kind is Kind.EVENT and _dates_mostly(cells)):
        use = replace(use, part=Part.DATE)
    if use.part is not Part.VALUE:
        return use, questions + _ask_order(column, use, cells, section)
    if variable.kind is Kind.NUMBER:
        use, more = ask_number(column, variable, use, cells, header.unit_text, section, header.unit_fixed_by)
    else:
        use, more = ask_coding(column, variable, use, cells, section)
    return use, questions + more


def ask_ambiguous(column: str, header: Header, use: ColumnUse, variable: Variable, section: str) -> list[Question]:
    """Whether a name that files also use for something else means that here."""
    other = next((other for name, other in variable.ambiguous.items() if plain(name) == plain(header.matched)), None)
    if other is None:
        return []
    text = f"'{shown(header.matched)}' is taken as {variable.label}; it may also be {other}."
    remedy = f"{entry(column, use, section)} If it is not {variable.label}, say another variable there, or {{ ignore = true }}."
    return [Question(column, About.VARIABLE, Weight.SETTLED, text, remedy, use, severity="warning")]


def entry(column: str, use: ColumnUse, section: str, more: str = "") -> str:
    """How to answer: the line for the mapping, as far as it is known."""
    parts = [f'variable = "{use.variables[0]}"'] if use.variables else []
    parts += [] if use.part is Part.VALUE else [f'part = "{use.part}"']
    parts += [f"repeat = {use.repeat}"] if use.repeat is not None else []
    parts += [f'unit = "{use.unit}"'] if use.unit is not None and not more.startswith("unit") else []
    parts += ["coding = { " + ", ".join(f'"{code}" = "{meaning}"' for code, meaning in use.coding.items()) + " }"] if use.coding else []
    parts += ["sentinels = [" + ", ".join(f'"{sentinel}"' for sentinel in use.sentinels) + "]"] if use.sentinels else []
    parts += [f"censored_at = {use.censored_at:g}"] if use.censored_at is not None else []
    return f"Answer on the Data page, or in the mapping under [{section}]: \"{shown(column)}\" = {{ {', '.join([*parts, more] if more else parts)} }}."


def sample_texts(cells: pa.ChunkedArray) -> list[str]:
    """Non-empty cells from the beginning of a column."""
    return [text for text in text_of(cells.slice(0, SAMPLE_ROWS)).drop_null().to_pylist() if text.strip()]


def _dates_mostly(cells: pa.ChunkedArray) -> bool:
    if pa.types.is_date(cells.type) or pa.types.is_timestamp(cells.type):
        return True
    texts = sample_texts(cells)[:500]
    found = sum(days_of(token(text).split(" ")[0].split("t")[0], DateOrder.DAY_MONTH) is not None and len(text.strip()) >= 6 for text in texts)
    return bool(texts) and found * 2 > len(texts)


def _ask_order(column: str, use: ColumnUse, cells: pa.ChunkedArray, section: str) -> list[Question]:
    if not is_text(cells) or not any(_SLASHED.match(text) for text in sample_texts(cells)[:2000]):
        return []
    texts = distinct_texts(cells)
    order, problem = order_of(texts, Place("", column, _NO_ROWS))
    if order is not None or "two orders" in problem.message:
        return []  # the dates settle it, or nothing can: the reading says so
    example = next(text.strip() for text in texts if _SLASHED.match(text))
    text = f"Dates such as '{shown(example)}' may be day/month or month/day."
    index = "index_date" in use.variables
    remedy = 'Answer on the Data page, or say index_order = "dmy" or "mdy" in the mapping.'
    remedy = remedy if index else entry(column, use, section, 'date_order = "dmy" or "mdy"')
    return [Question(column, About.DATE_ORDER, Weight.MUST, text, remedy, None, tuple(DateOrder))]


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


def ask_coding(column: str, variable: Variable, use: ColumnUse, cells: pa.ChunkedArray, section: str = COLUMNS) -> tuple[ColumnUse, list[Question]]:
    """The coding of a column of few values."""
    found = distinct_texts(cells)[: FEW * 20]
    tokens = sorted({token(text) for text in found} - {""})
    numeric = [text for text in tokens if re.match(r"^-?\d+$", text)]
    unread = [text for text in tokens if meaning_of(text, variable, use) is None]
    if not numeric or len(tokens) > FEW:
        return use, []
    if variable.kind is Kind.EVENT or {"yes", "no"} <= set(variable.values) or set(variable.values) == {"negative", "positive"}:
        if not unread:
            return use, []
        proposed = _yes_no(tokens, variable.usual_codes) if set(unread) <= set(numeric) else None
        codes = values_said(tokens)
        said = "" if proposed is None else " Perhaps " + ", ".join(f"{code} {meaning}" for code, meaning in proposed.items()) + "."
        text = f"The cells say {codes}; what these codes stand for is not written.{said}"
        answer = None if proposed is None else replace(use, coding=proposed)
        remedy = entry(column, use, section, 'coding = { "1" = "yes", … }') if answer is None else entry(column, answer, section)
        return use, [Question(column, About.CODING, Weight.MUST, text, remedy, answer)]
    if variable.standard_codes and set(numeric) <= set(variable.standard_codes):
        coding = {code: meaning for code, meaning in variable.standard_codes.items() if code in tokens or meaning in variable.values}
        codes, meanings = (" and ".join(part) for part in zip(*(pair for pair in variable.standard_codes.items() if pair[1] in variable.values), strict=True))
        text = f"The codes {codes} are taken as {meanings} (ISO 5218)."
        proposed_use = replace(use, coding=coding)
        return proposed_use, [Question(column, About.CODING, Weight.SETTLED, text, entry(column, proposed_use, section), proposed_use)]
    if unread or variable.standard_codes:
        text = f"The cells say {values_said(tokens)}; what these codes stand for is not written: expected {', '.join(variable.values)}."
        remedy = entry(column, use, section, f'coding = {{ "1" = "{next(iter(variable.values))}", … }}')
        return use, [Question(column, About.CODING, Weight.MUST, text, remedy)]
    return use, []


def _yes_no(tokens: list[str], coding: Map[str, str]) -> dict[str, str] | None:
    """What the codes usually stand for, to be confirmed; None where one of them is not known, or none says no."""
    words = YES | NO | UNKNOWN | MISSING
    known = {text: coding[text] for text in tokens if text in coding}
    rest = {text for text in tokens if text not in coding and text not in words}
    return None if rest or "no" not in known.values() else known


