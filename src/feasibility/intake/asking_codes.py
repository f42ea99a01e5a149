"""What the cells of a coded column leave to ask: which value a code, a letter or a mark stands for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import replace

import pyarrow.compute as pc

from feasibility.intake.codes import BLANK, OCCURRED, meanings_of
from feasibility.intake.converted import distinct_texts, text_of
from feasibility.intake.mapping import ColumnUse
from feasibility.intake.places import counted, shown, values_said
from feasibility.intake.questions import FEW, About, Question, Subject, Weight
from feasibility.intake.words import (
    CROSSES,
    LETTERS_OF_FINDINGS,
    LETTERS_OF_YES_AND_NO,
    MISSING,
    NAMES_TYPE,
    NO,
    NUMBERS_OF_TYPES,
    TICKS,
    UNKNOWN,
    YES,
    bare,
    narrow,
    token,
)
from feasibility.variables import Kind, Letters, Variable

_LEGEND = re.compile(r"(?<![\w.])(-?\d{1,2})\s*(?:[=:-]\s*|(?=[^\x00-\x7f]))([^\d,;、/()\[\]=:]+)")
_LONGER = re.compile(r"^([^\W\d_]+)[\s,;:(（]+\S")

MOST_TEXTS = 2_000
MOST_CODES = 20
"""What is asked of more different cells is said of the column, not of each."""

Asked = tuple[ColumnUse, list[Question]]


def ask_coding(subject: Subject, variable: Variable, use: ColumnUse) -> Asked:
    """The coding of a column of few values, as far as header and cells settle it, and what they do not; of many, nothing is asked."""
    if use.coding or About.CODING in use.confirmed:
        return use, []
    tokens = sorted({token(text) for text in distinct_texts(subject.cells)[: FEW * 20]} - {""})
    if len(tokens) > FEW:
        return use, []
    if named := {code: meaning for code, meaning in _legend(subject.name, variable).items() if code in tokens}:
        use = replace(use, coding=named)
        return use, [_settled(subject, use, f"{_said(named)}: so the header says.")]
    questions: list[Question] = []
    for step in (_letters, _marks):
        use, asked = step(subject, variable, use, tokens)
        questions += asked
        if any(question.weight is Weight.MUST for question in asked):
            return use, questions
    use, asked = _numbers(subject, variable, use, tokens)
    questions += asked
    if not asked:
        questions += _longer(subject, variable, use, tokens) or _blanks(subject, variable, use, tokens)
    return use, questions


def ask_codes(subject: Subject, variable: Variable, use: ColumnUse) -> Asked:
    """What a coded column leaves to ask; where most of its cells mean nothing known, what they stand for must be answered, however many they are."""
    if use.coding or About.CODING in use.confirmed:
        return use, []
    use, asked = ask_coding(subject, variable, use)
    if any(question.weight is Weight.MUST for question in asked):
        return use, asked
    offered = next((question.proposed for question in asked if question.weight is Weight.OFFERED and question.proposed is not None), use)
    written = Counter(subject.sample.texts)
    reading = meanings_of(variable, offered, written)
    cells = dict(written.most_common(MOST_TEXTS))
    unread = {text: number for text, number in cells.items() if reading(text) is None}
    if sum(unread.values()) * 2 <= sum(cells.values()):
        return use, asked
    every = distinct_texts(subject.cells)
    few = list(dict.fromkeys(map(token, [*unread, *every]))) if len(every) <= MOST_TEXTS else []
    codes = [text for text in few if text and (reading(text) is None or text.isdigit())]  # a coding is the whole of a column's numbers
    said = f"{'No cell means anything' if len(unread) == len(cells) else 'Most cells mean nothing'} known: {values_said(list(unread))}"
    text = f"{said}; expected {_values_said(variable)}."
    example = f'"{shown(next(iter(unread)))}" = "…", …'
    must = _must(subject, use, text, example, codes if len(codes) <= MOST_CODES else ())
    return use, [*(question for question in asked if question.weight is Weight.SETTLED), must]


def _settled(subject: Subject, use: ColumnUse, text: str) -> Question:
    return subject.question(About.CODING, Weight.SETTLED, text, subject.entry(use), use)


def _must(subject: Subject, use: ColumnUse, text: str, example: str, codes: Sequence[str]) -> Question:
    return replace(subject.question(About.CODING, Weight.MUST, text, subject.entry(use, f"coding = {{ {example} }}")), codes=tuple(codes))


def _values_said(variable: Variable) -> str:
    return "yes, no or unknown" if variable.kind is Kind.EVENT else ", ".join(map(variable.value_label, variable.values))


def _coded(use: ColumnUse, variable: Variable, tokens: list[str], coding: Map[str, str]) -> ColumnUse:
    """The use with more coding; as that is then the whole of it, numbers that are understood without join it."""
    numbers: dict[str, str] = {text: "yes" if text in YES else "no" for text in ("0", "1") if text in tokens and _says_yes_or_no(variable)}
    return replace(use, coding={**use.coding, **numbers, **coding})


def _said(coding: Map[str, str]) -> str:
    return ", ".join(f"'{code}' is taken as {meaning}" for code, meaning in coding.items())


def _legend(column: str, variable: Variable) -> dict[str, str]:
    """What codes stand for where the header says it: ``Sex (1=female, 2=male)``."""
    reading = meanings_of(variable, ColumnUse((variable.name,)))
    labels = OCCURRED if variable.kind is Kind.EVENT else variable.values
    coding = {}
    for code, words in _LEGEND.findall(narrow(column)):
        meant = reading(words.strip())
        label = next((label for label, interval in labels.items() if interval == meant), None)
        if label is None:
            return {}
        coding[code] = label
    return coding if len(coding) > 1 else {}


def _codings_by_letter(variable: Variable) -> tuple[Letters, ...]:
    if variable.kind is Kind.EVENT or set(variable.values) == {"no", "yes"}:
        return tuple(Letters(language, codes) for language, codes in LETTERS_OF_YES_AND_NO)
    if set(variable.values) == {"negative", "positive"}:
        return tuple(Letters(language, codes) for language, codes in LETTERS_OF_FINDINGS)
    return variable.letters


def _letters(subject: Subject, variable: Variable, use: ColumnUse, tokens: list[str]) -> Asked:
    """Letters that mean one thing in one language and another in the next: decided by which stand together, asked where that leaves it open."""
    candidates = _codings_by_letter(variable)
    own = {letter for each in candidates for letter in each.codes}
    letters = {bare(text) for text in tokens if bare(text) in own or (len(bare(text)) == 1 and bare(text).isalpha())}
    reading = meanings_of(variable, use)
    unread = {letter for letter in letters if reading(letter) is None}
    sure = {letter for letter in letters if reading(letter) not in (None, BLANK, OCCURRED["unknown"])} | unread
    fitting = [each for each in candidates if set(each.codes) in (letters, sure)]
    if not fitting and unread and variable.letters:
        fitting = [each for each in candidates if sure <= set(each.codes)]
    fitting = [each for each in fitting if each.named_in(subject.name)] or fitting
    codings = {tuple(sorted((letter, meaning) for letter, meaning in each.codes.items() if letter in letters)) for each in fitting}
    if len(codings) == 1:
        coding = dict(codings.pop())
        written = {text: coding[bare(text)] for text in tokens if bare(text) in coding}
        use = _coded(use, variable, tokens, written)
        return use, [_settled(subject, use, f"{_said(written)} ({fitting[0].language}).")]
    alone = len(letters) == 1
    turned = [each for each in candidates if (unread & set(each.codes) or (alone and each.named_in(subject.name))) and _turns(each, variable, letters)]
    if not codings and not turned:
        return use, []
    languages = "; ".join(each.language for each in fitting or turned)
    text = f"The cells say {values_said(sorted(letters))}; what each letter stands for depends on the language ({languages})."
    return use, [_must(subject, use, text, ", ".join(f'"{letter}" = "…"' for letter in sorted(letters)), tokens)]


def _turns(letters: Letters, variable: Variable, written: set[str]) -> bool:
    """Whether a letter that is understood by itself means something else in this language."""
    alone, there = (meanings_of(variable, ColumnUse((variable.name,), coding=coding)) for coding in ({}, letters.codes))
    return any(alone(letter) not in (None, there(letter)) for letter in written & set(letters.codes))


def _marks(subject: Subject, variable: Variable, use: ColumnUse, tokens: list[str]) -> Asked:
    """Crosses: no beside a tick, yes beside an empty box or a no; an x alone marks what is there, another cross alone may mean either."""
    crosses = [text for text in tokens if bare(text) in CROSSES]
    if not crosses or not _says_yes_or_no(variable):
        return use, []
    others = {bare(text) for text in tokens} - CROSSES
    if others & TICKS:
        meaning = "no"
    elif others & NO or (crosses == ["x"] and not others & YES):
        meaning = "yes"
    else:
        text = f"The cells say {values_said(tokens)}; whether {values_said(crosses)} means yes or no is not written."
        return use, [_must(subject, use, text, f'"{crosses[0]}" = "yes"', tokens)]
    coding = dict.fromkeys(crosses, meaning)
    use = _coded(use, variable, tokens, coding)
    return use, [_settled(subject, use, f"{_said(coding)}.")]


def _says_yes_or_no(variable: Variable) -> bool:
    return variable.kind is Kind.EVENT or {"yes", "no"} <= set(variable.values) or set(variable.values) == {"negative", "positive"}


def _numbers(subject: Subject, variable: Variable, use: ColumnUse, tokens: list[str]) -> Asked:
    """Numbers as codes: by a published standard where one is, else asked, with what they usually stand for."""
    numeric = [text for text in tokens if re.match(r"^-?\d+$", text)]
    reading = meanings_of(variable, use)
    unread = [text for text in tokens if reading(text) is None]
    if not numeric:
        return use, []
    if _says_yes_or_no(variable):
        types = bool(variable.type_codes) and _numbers_types(subject.name)
        unread = list(dict.fromkeys([*unread, *numeric])) if types else unread
        if not set(unread) & set(numeric):
            return use, []
        if types:
            proposed = {text: variable.type_codes[text] for text in numeric} if set(numeric) <= set(variable.type_codes) else None
        else:
            proposed = yes_or_no(tokens, variable.usual_codes)
        proposed = proposed if set(unread) <= set(numeric) else None
        codes = values_said(tokens)
        said = "" if proposed is None else " Perhaps " + ", ".join(f"{code} {meaning}" for code, meaning in proposed.items()) + "."
        text = f"The cells say {codes}; what these codes stand for is not written.{' By the header they number types.' if types else ''}{said}"
        answer = None if proposed is None else replace(use, coding={**use.coding, **proposed})
        remedy = subject.entry(use, 'coding = { "1" = "yes", … }') if answer is None else subject.entry(answer)
        must = subject.question(About.CODING, Weight.MUST, text, remedy, answer)
        return use, [must if answer is not None else replace(must, codes=tuple(tokens))]
    if variable.standard_codes and set(numeric) <= set(variable.standard_codes):
        coding = {code: meaning for code, meaning in variable.standard_codes.items() if code in tokens or meaning in variable.values}
        codes, meanings = (" and ".join(part) for part in zip(*(pair for pair in variable.standard_codes.items() if pair[1] in variable.values), strict=True))
        use = replace(use, coding={**use.coding, **coding})
        return use, [_settled(subject, use, f"The codes {codes} are taken as {meanings} (ISO 5218).")]
    if unread or (variable.standard_codes and not all(reading(text) is not None and len(text) > 2 for text in numeric)):
        text = f"The cells say {values_said(tokens)}; what these codes stand for is not written: expected {_values_said(variable)}."
        return use, [_must(subject, use, text, f'"1" = "{next(iter(variable.values))}", …', tokens)]
    return use, []


def _numbers_types(header: str) -> bool:
    """Whether a column numbers types, by a header such as ``Diabetes type`` or ``diabetes type 1 or 2``; ``diabetes type 2`` is of one of them."""
    said = narrow(header).casefold()
    return NAMES_TYPE.search(said) is not None and len(set(NUMBERS_OF_TYPES.findall(said))) != 1


def yes_or_no(tokens: list[str], coding: Map[str, str]) -> dict[str, str] | None:
    """What the codes usually stand for, to be confirmed; None where one of them is not known, or none says no."""
    words = YES | NO | UNKNOWN | MISSING
    if {"-1", "0"} <= set(tokens) and set(tokens) <= {"-1", "0"} | UNKNOWN | MISSING:
        return {"-1": "yes", "0": "no"}
    others = {text: coding.get(text, "") for text in tokens if text not in ("0", "1")}
    if "0" in tokens and set(others.values()) <= {"unknown", "missing"}:
        return {text: {"0": "no", "1": "yes"}.get(text, others.get(text, "")) for text in tokens}
    known = {text: coding[text] for text in tokens if text in coding}
    if "0" in tokens and "0" not in known and "no" in known.values():  # two codes that may say no
        return None
    rest = {text for text in tokens if text not in coding and text not in words}
    return None if rest or "no" not in known.values() else known


def _longer(subject: Subject, variable: Variable, use: ColumnUse, tokens: list[str]) -> list[Question]:
    """Cells that begin with yes or no and say more: left open until somebody has looked at them."""
    if not _says_yes_or_no(variable):
        return []
    reading = meanings_of(variable, use)
    begun = {}
    for text in tokens:
        match = _LONGER.match(text)
        if match is not None and reading(text) is None and match[1] in YES | NO:
            begun[text] = "yes" if match[1] in YES else "no"
    if not begun:
        return []
    proposed = _coded(use, variable, tokens, begun)
    text = f"Cells such as {values_said(list(begun))} begin with yes or no and say more: left unknown. Perhaps {_said(begun)}."
    return [subject.question(About.CODING, Weight.OFFERED, text, subject.entry(proposed), proposed)]


def _blanks(subject: Subject, variable: Variable, use: ColumnUse, tokens: list[str]) -> list[Question]:
    """A column that never says no, and is blank elsewhere: a blank may mean no."""
    reading = meanings_of(variable, use)
    if variable.kind is not Kind.EVENT or not tokens or any(reading(text) != OCCURRED["yes"] for text in tokens):
        return []
    blank = int(pc.sum(pc.fill_null(pc.equal(pc.utf8_trim_whitespace(text_of(subject.cells)), ""), True)).as_py() or 0)
    if not blank:
        return []
    proposed = replace(use, coding={**use.coding, **dict.fromkeys(tokens, "yes"), "": "no"})
    text = f"The column says only {values_said(tokens)}, and nothing in {counted(blank, 'cell')}: perhaps a blank means no. It is taken as not recorded."
    return [subject.question(About.CODING, Weight.OFFERED, text, subject.entry(proposed), proposed)]
