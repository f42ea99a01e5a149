"""The questions that files leave open, and their answers."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from feasibility import wording
from feasibility.intake import About, ColumnUse, DateNumbers, DateOrder, Question, Weight
from feasibility.ui.draft import Draft, Entry

ROWS_PIXELS, ROW_PIXELS, CODES_PIXELS, CODE_PIXELS = 170, 50, 80, 180
FEWEST_ROWS = 2  # what is asked, and its answers, may take two lines
HERE = "here"
"""How the numbers begin of questions that stand beside what is asked about."""
YES_AND_NO = {
    Weight.MUST: ("Yes", "Do not use it", ("As proposed.", "The column is left out.")),
    Weight.SETTLED: ("Right", "Not so", ("It was taken so, and stays so.", "What was taken is undone; without it the column may have to be left out.")),
    Weight.OFFERED: ("Yes", "No", ("As proposed.", "It stays as it is, and is not asked again.")),
}
WEIGHTS = {Weight.MUST: ":orange-badge[must be answered]", Weight.SETTLED: ":gray-badge[taken so]", Weight.OFFERED: ":gray-badge[offered]"}


def questions(draft: Draft) -> None:
    """What the files do not say, to be answered; unanswered, a column that must be asked about is not used."""
    asked = sorted(draft.suggestion.questions, key=lambda question: list(WEIGHTS).index(question.weight))  # what must be answered first
    if not asked and not draft.first.questions:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{wording.questions(asked)}**" if asked else ":gray[All questions are answered.]", width="content")
        if draft.to_agree and st.button("Yes to all that is proposed", key="yes to all", help=wording.yes_to_all(len(draft.to_agree), len(asked))):
            draft.answer_as_proposed()
            st.rerun()
    if not asked:
        return
    # As high as the questions of the files ask for, while any is left: what is below stays where it is. There are more once columns are chosen.
    most = max(draft.first.questions, draft.suggestion.questions, key=len)
    coded = CODES_PIXELS * sum(bool(question.codes) for question in most)
    with st.container(height=min(ROWS_PIXELS + min(coded, 2 * CODES_PIXELS), ROW_PIXELS * max(len(most), FEWEST_ROWS) + coded + 20), border=True, gap="xsmall"):
        for number, question in enumerate(asked):
            one(draft, question, str(number))


def one(draft: Draft, question: Question, number: str) -> None:
    """One question with what may be answered; ``number`` tells its controls from those of others on the page."""
    use = _use_asked(draft, question)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"question {number}"):
        where = f"**{wording.plain(question.where)}** {wording.plain(wording.taken_as(draft.catalogue, question))}"
        by_hand = question.about is About.CODING and question.proposed is None and Entry(question.table, question.column) in draft.entries
        apart = by_hand and not number.startswith(HERE)  # from the table of the column's codes
        text = f"{question.text} {wording.CODES_LEFT if question.codes else wording.TOO_MANY_CODES}" if apart else question.text
        st.markdown(f"{WEIGHTS[question.weight]} {where} &ensp; {wording.plain(text)}", width="stretch")
        if question.choices:
            pick = st.selectbox(
                "Answer",
                question.choices,
                index=None,
                key=f"answer {number} {question.where}",
                label_visibility="collapsed",
                placeholder="Choose",
                width=150,  # beside the longest question, two buttons still fit
                format_func=lambda choice: wording.choice_of(draft.catalogue, question, choice),
            )
            if pick is not None:
                draft.answer(question, _answered(use, question, pick))
                st.rerun()
        yes, no, helps = YES_AND_NO[question.weight]
        if question.proposed is not None and st.button(yes, key=f"yes {number}", help=helps[0]):
            draft.answer(question, question.proposed)
            st.rerun()
        if not (question.weight is Weight.SETTLED and question.choices) and st.button(no, key=f"no {number}", help=helps[1]):
            draft.refuse(question)
            st.rerun()
    if apart and question.codes:
        _codes(draft, question, use)


def _codes(draft: Draft, question: Question, use: ColumnUse) -> None:
    """What each code of a question stands for, to be chosen; taken when all are."""
    called = wording.meant_by_codes(draft.catalogue, use.variables[0])
    with st.container(horizontal=True, gap="small"):
        chosen = {
            code: st.selectbox(
                wording.plain(code),
                list(called),
                index=None,
                key=f"code {question.table} {question.column} {code}",
                placeholder=wording.TO_BE_ANSWERED,
                width=CODE_PIXELS,
                format_func=called.__getitem__,
            )
            for code in question.codes
        }
    coding = {code: meaning for code, meaning in chosen.items() if meaning is not None}
    if len(coding) == len(chosen):
        draft.answer(question, replace(use, coding={**use.coding, **coding}))
        st.rerun()


def _use_asked(draft: Draft, question: Question) -> ColumnUse:
    return draft.use(Entry(question.table, question.column))


def _answered(use: ColumnUse, question: Question, pick: str) -> ColumnUse:
    match question.about:
        case "unit":
            return replace(use, unit=pick)
        case "date_order":
            return replace(use, date_order=DateOrder(pick))
        case "date_numbers":
            return replace(use, date_numbers=DateNumbers(pick))
        case "decimal":
            return replace(use, decimal=pick)
        case "variable":
            return replace(question.proposed or use, variables=(pick,))
        case _:
            return use
