"""What a column of numbers leaves to ask: its unit, how it writes numbers, codes for missing, where it is cut off."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from feasibility.intake.asking_codes import yes_or_no
from feasibility.intake.converted import distinct_texts, is_text
from feasibility.intake.mapping import ColumnUse
from feasibility.intake.numerals import PLAIN, POINT_AND_THREE, SINGLE, Sign, cleaned, number, separators
from feasibility.intake.places import counted, shown, values_said
from feasibility.intake.questions import COLUMNS, About, Question, Subject, Weight
from feasibility.intake.words import token
from feasibility.logic import Floats
from feasibility.units import convert
from feasibility.variables import Variable

PILE, FEWEST, FEWEST_SHORT = 3.0, 3, 5
"""How many times as frequent as any value near it a number must be to look like a code, and at least how often: three figures, two figures."""

APART = 10.0
"""By what factor two groups of values are apart that nothing lies between in one unit."""

FINDINGS = {"yes": "detected", "no": "not detected"}

SHARE = 0.05

MOVED = 2.0
"""By what factor the median of a month is from that of another before its unit is doubted."""

_PLAIN = re.compile(PLAIN)

Asked = tuple[ColumnUse, list[Question]]
Known = dict[str, list[str]]
"""Cells by the accepted unit in which they are read."""


@np.errstate(over="ignore", invalid="ignore")  # numbers nobody measured may be as large as numbers can be
def ask_number(subject: Subject, variable: Variable, use: ColumnUse, fixed_by: str = "") -> Asked:
    """Unit, decimal sign, top-code and codes for missing of a column of numbers; the last three of those cells whose unit is known.

    ``fixed_by`` is the name whose definition gave the unit of ``use``, where nobody wrote it.
    """
    if (finding := _finding(subject, variable, use)) is not None:
        return use, [finding]
    use, questions = _ask_unit(subject, variable, use, fixed_by)
    known = _in_known_units(subject, variable, use)
    use, asked = _ask_decimal(subject, variable, use, known)
    questions += asked
    use, asked = _ask_top(subject, variable, use, known)
    return use, questions + asked + _ask_sentinels(subject, variable, use, known)


def _in_known_units(subject: Subject, variable: Variable, use: ColumnUse) -> Known:
    """The cells by the accepted unit in which they are read: that written beside them, else that of the use, else the only one."""
    found: dict[str, list[str]] = {}
    for written, texts in subject.sample.by_unit().items():
        unit = written or use.unit
        accepted = variable.only_unit if unit is None else variable.recognise_unit(unit)
        if accepted is not None:
            found.setdefault(accepted, []).extend(texts)
    return found


def numbers_of(texts: Iterable[str], variable: Variable, use: ColumnUse) -> Floats:
    """The finite numbers that carry no unit, as the use says they are written; codes for missing are none."""
    values = _amounts(texts, variable, use)[0]
    return values[np.isfinite(values)]


def _amounts(texts: Iterable[str], variable: Variable, use: ColumnUse) -> tuple[Floats, list[str]]:
    """The numbers without a unit, and the units that other numbers carry themselves."""
    times = Counter(text.strip() for text in texts if text.strip() not in use.sentinels)
    plain = [text for text in times if _PLAIN.match(text) and not (use.decimal == "," and re.match(POINT_AND_THREE, text))]
    bare = {text: float(text) for text in plain}
    odd = [text for text in times if text not in bare]
    how = separators(odd, use.decimal)
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


def _ask_unit(subject: Subject, variable: Variable, use: ColumnUse, fixed_by: str) -> Asked:
    """The unit of numbers that carry none: by the definition of the column's name, else by their size, else asked."""
    bare = subject.sample.bare
    if not bare and subject.units is not None:  # every row has a unit; one that is not known is reported where it is read
        return use, []
    if use.unit is not None and variable.recognise_unit(use.unit) is None:
        text = f"The unit '{shown(use.unit)}' is not known for {variable.label}."
        unsaid = replace(use, unit=None)
        return use, [subject.question(About.UNIT, Weight.MUST, text, _unit_remedy(subject, variable, unsaid), None, variable.accepted_units)]
    if variable.only_unit is not None or About.UNIT in use.confirmed:
        return use, []
    values, own_units = _amounts(bare, variable, use)
    guess = sniffed(values, variable) if len(values) else None
    if fixed_by and (len(values) or own_units):
        if guess not in (None, use.unit):
            text = f"'{shown(fixed_by)}' is defined or usually kept in {use.unit}, but the values (median {np.median(values):.3g}) look like {guess}."
            remedy = _unit_remedy(subject, variable, replace(use, unit=None))
            return use, [subject.question(About.UNIT, Weight.MUST, text, remedy, None, variable.accepted_units)]
        text = f"No unit is written; '{shown(fixed_by)}' is defined or usually kept in {use.unit}: taken as {use.unit}."
        return use, [subject.question(About.UNIT, Weight.SETTLED, text, _unit_remedy(subject, variable, use), use, variable.accepted_units)]
    if use.unit is not None:
        if not (doubt := _doubt(variable, use, values, guess)):
            return use, []
        text, remedy = f"The unit is said to be {use.unit}, but {doubt}.", subject.entry(use, 'confirmed = ["unit"]')
        return use, [subject.question(About.UNIT, Weight.MUST, text, remedy, None, variable.accepted_units)]
    if not len(values) and own_units and not len(_amounts(distinct_texts(subject.cells), variable, use)[0]):
        use = replace(use, unit=Counter(own_units).most_common(1)[0][0])
        text = f"Every value carries its unit ({', '.join(dict.fromkeys(own_units))}): each is read in its own."
        return use, [subject.question(About.UNIT, Weight.SETTLED, text, _unit_remedy(subject, variable, use), use, variable.accepted_units)]
    if not bare:
        return use, []
    if len(values) and (groups := _two_groups(values, variable, guess)):
        text = f"No unit is given for {variable.label}, and the values fall into groups: {groups}. Two units in one column, it seems."
        remedy = "Add a column that says the unit of each row (its header ending in 'unit'), or give the files of each site by themselves. "
        remedy += _unit_remedy(subject, variable, use)
        return use, [subject.question(About.UNIT, Weight.MUST, text, remedy, None, variable.accepted_units)]
    if guess is None:
        return use, [_unit_question(subject, variable, use)]
    use = replace(use, unit=guess)
    text = f"No unit is given; the values (median {np.median(values):.3g}) look like {guess}: taken as {guess}."
    return use, [subject.question(About.UNIT, Weight.SETTLED, text, _unit_remedy(subject, variable, use), use, variable.accepted_units)]


def _doubt(variable: Variable, use: ColumnUse, values: Floats, guess: str | None) -> str:
    """What speaks against the unit that somebody wrote: the size of the values, or of values that do not tell that they are not as they were."""
    said, values = variable.recognise_unit(use.unit or ""), values[np.isfinite(values)]
    if len(values) < FEWEST_SHORT or said is None:
        return ""
    median = float(np.median(values))
    if guess not in (None, said) and not _usual(np.array([median]), variable, said).all():
        return f"the values (median {median:.3g}) look like {guess}"
    if use.median and not 1 / MOVED <= median / use.median <= MOVED:
        return f"their median is {median:.3g}, and was {use.median:.3g} when the mapping was saved"
    return ""


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


def _ask_decimal(subject: Subject, variable: Variable, use: ColumnUse, known: Known) -> Asked:
    """Whether the point in 1.234 is decimal or separates thousands, where every point in the column stands before three last figures."""
    texts = [text for some in known.values() for text in some] if is_text(subject.cells) else []
    if use.decimal is not None or About.DECIMAL in use.confirmed:
        return use, []
    if subject.tables > 1:
        together = separators(texts)
        if (decimal := _SETTLED.get((together.point, together.comma))) is not None:
            return replace(use, decimal=decimal), []
    plain = {text.strip() for text in texts if _PLAIN.match(text.strip())}
    pointed = [text for text in dict.fromkeys(text.strip() for text in texts) if text in plain and "." in text]
    if not pointed or not all(re.match(POINT_AND_THREE, text) for text in pointed) or variable.hard is None:
        return use, []
    if separators(text for text in texts if "," in text).point is not Sign.DECIMAL:
        return use, []
    possible = [all(_all_possible(some, variable, unit, decimal) for unit, some in known.items()) for decimal in (".", ",")]
    if possible == [False, True]:
        use = replace(use, decimal=",")
        text = f"Numbers such as '{pointed[0]}' are possible only with the point between thousands: taken so."
        return use, [subject.question(About.DECIMAL, Weight.SETTLED, text, subject.entry(use), use)]
    if possible == [True, True] and not any(float(text) >= 1000 for text in plain if "." not in text):
        text = f"In numbers such as '{pointed[0]}' the point may be decimal or separate thousands."
        return use, [subject.question(About.DECIMAL, Weight.MUST, text, subject.entry(use, "decimal = '.' or ','"), None, (".", ","))]
    return use, []


_SETTLED = {(Sign.DECIMAL, Sign.THOUSANDS): ".", (Sign.THOUSANDS, Sign.DECIMAL): ","}


def _all_possible(texts: list[str], variable: Variable, unit: str, decimal: str) -> bool:
    """Whether the numbers with a point before three last figures can all be true, in a unit, with this decimal sign."""
    assert variable.hard is not None
    how = separators((), decimal)
    pointed = [number(text.strip(), how) for text in texts if re.match(POINT_AND_THREE, text)]
    canonical = convert(np.array(pointed, np.float64), variable.conversion(unit))
    return bool(np.all((variable.hard[0] <= canonical) & (canonical <= variable.hard[1])))


def _ask_top(subject: Subject, variable: Variable, use: ColumnUse, known: Known) -> Asked:
    """Where a number stands for itself and all above: a pile at a usual top-code."""
    if use.censored_at is not None or About.CENSORED in use.confirmed or not variable.top_codes:
        return use, []
    values = np.concatenate([np.zeros(0), *(_amounts(texts, variable, use)[0] for texts in known.values())])
    values = values if variable.hard is None else values[values <= variable.hard[1]]
    if (top := _pile(values, variable.top_codes)) is None:
        return use, []
    text = f"{variable.label} {top:g} is far more frequent than the values just below: taken as '{top:g} or older'."
    remedy = f"To take it as written, leave out censored_at. {subject.entry(use)}"
    use = replace(use, censored_at=top)
    return use, [subject.question(About.CENSORED, Weight.SETTLED, text, remedy, use)]


def _ask_sentinels(subject: Subject, variable: Variable, use: ColumnUse, known: Known) -> list[Question]:
    """Numbers that look like codes for missing: impossible ones that are repeated, and possible ones in a pile far above the values near them."""
    if variable.hard is None or use.sentinels or About.SENTINELS in use.confirmed:
        return []
    false: set[float] = set()
    doubtful: dict[float, int] = {}
    for unit, texts in known.items():
        values, _ = _amounts(texts, variable, use)
        canonical = convert(values, variable.conversion(unit))
        impossible = Counter(values[(canonical < variable.hard[0]) | (canonical > variable.hard[1])].tolist())
        counts = Counter(values.tolist())
        false |= {code for code, times in impossible.items() if times >= 2 and (_like_code(code) or code in (7.0, 8.0, 9.0))}
        doubtful |= {code: counts[code] for code in counts if code not in impossible and _piled(code, counts, variable)}
    said = []
    if false:
        codes = ", ".join(f"{code:g}" for code in sorted(false))
        one, several = "cannot be true and is repeated: it looks like a code", "cannot be true and are repeated: they look like codes"
        said.append(f"{codes} {one if len(false) == 1 else several} for missing.")
    if doubtful:
        listed = ", ".join(f"{code:g} ({counted(doubtful[code], 'cell')})" for code in sorted(doubtful))
        said.append(f"{listed} is far more frequent than the values near it: perhaps a code for missing. It counts as a value until that is confirmed.")
    if not said:
        return []
    proposed = replace(use, sentinels=tuple(f"{code:g}" for code in (*sorted(false), *sorted(set(doubtful) - false))))
    return [subject.question(About.SENTINELS, Weight.OFFERED, " ".join(said), subject.entry(proposed), proposed)]


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


def _unit_remedy(subject: Subject, variable: Variable, use: ColumnUse) -> str:
    where = "the header" if subject.section == COLUMNS else "the table's column of units"
    return f"Write the unit in {where} ({', '.join(variable.accepted_units)}). " + subject.entry(use, 'unit = "…"')


def _unit_question(subject: Subject, variable: Variable, use: ColumnUse) -> Question:
    text = f"No unit is given for {variable.label}, and the values do not settle it."
    return subject.question(About.UNIT, Weight.MUST, text, _unit_remedy(subject, variable, use), None, variable.accepted_units)


def _finding(subject: Subject, variable: Variable, use: ColumnUse) -> Question | None:
    """A load of which only codes of a yes and a no are recorded is a finding: detected, not detected."""
    if About.CODING in use.confirmed or "detected" not in variable.values or not _coded(subject.sample.texts, variable):
        return None
    codes = _coded(distinct_texts(subject.cells), variable)
    known = yes_or_no(codes, variable.usual_codes) if codes else None
    if known is None:
        return None
    proposed = replace(use, unit=variable.unit, coding={code: FINDINGS.get(meaning, meaning) for code, meaning in known.items()})
    said = ", ".join(f"{code} {meaning}" for code, meaning in proposed.coding.items())
    text = f"The column holds only {values_said(codes)}: not an amount in {variable.unit}, it seems, but whether it was detected. Perhaps {said}."
    return subject.question(About.CODING, Weight.MUST, text, subject.entry(proposed), proposed)


def _coded(texts: Iterable[str], variable: Variable) -> list[str]:
    """The codes of texts that are nothing else: 0 and 1, or 1 and 2 with others that often stand beside them."""
    codes = set(map(token, texts)) - {""}
    return sorted(codes) if codes and (codes <= {"0", "1"} or {"1", "2"} <= codes <= set(variable.usual_codes)) else []


def _pile(ages: Floats, top_codes: tuple[float, ...]) -> float | None:
    """A top-code far more frequent than the ages just below it and than all above: of files put together, one may be cut off higher than another."""
    counts = Counter(ages.tolist())
    enough = {code: PILE * max(counts[code - 1], counts[code - 2], int(np.count_nonzero(ages > code)), 1) for code in top_codes}
    return next((code for code in top_codes if counts[code] >= FEWEST_SHORT and counts[code] > enough[code]), None)


def _like_code(number: float) -> bool:
    return number < 0 or bool(re.match(r"^(9{2,}|8{2,}|7{2,}|6{3,})(\.0)?$|^9{2,}\.9+$", str(number)))
