"""What a column's cells leave to ask, by the kind of what it holds and by what of it is settled."""

from __future__ import annotations

from dataclasses import replace

from feasibility.intake.asking_codes import ask_codes
from feasibility.intake.asking_dates import ask_dates, dates_mostly
from feasibility.intake.asking_numbers import ask_number
from feasibility.intake.headers import Header
from feasibility.intake.mapping import ColumnUse, Part
from feasibility.intake.places import shown
from feasibility.intake.questions import About, Question, Subject, Weight
from feasibility.variables import Catalogue, Kind, Variable, plain

DATA = "data"


def ask(subject: Subject, header: Header, use: ColumnUse, catalogue: Catalogue) -> tuple[ColumnUse, list[Question]]:
    """The use as far as header and cells settle what it leaves open, and the questions that remain.

    What the use says, and what is confirmed in it, stays as it is: asked again with what came of an answer, it leaves only what else is open.
    """
    variable = catalogue[use.variables[0]]
    questions = [] if About.VARIABLE in use.confirmed else [*_ask_variable(subject, header, use, variable, catalogue)]
    own_column = subject.table == DATA  # dates of a long table have a column of their own
    if own_column and (variable.is_date or (use.part is Part.VALUE and variable.kind is Kind.EVENT and dates_mostly(subject))):
        use = replace(use, part=Part.DATE)
    if use.part is Part.UNIT:
        return replace(use, unit=None), questions
    if use.part is not Part.VALUE or variable.is_date:
        use, more = ask_dates(subject, use, variable)
    elif variable.kind is Kind.NUMBER:
        use, more = ask_number(subject, variable, use, header.unit_fixed_by if header.unit == use.unit else "")
    else:
        use, more = ask_codes(subject, variable, use)
    return use, questions + more


def _ask_variable(subject: Subject, header: Header, use: ColumnUse, variable: Variable, catalogue: Catalogue) -> list[Question]:
    """Whether a header is what it is like, and whether a name that files also use for something else means that here."""
    found = []
    if not header.exact:
        text = f"The {'header' if subject.table == DATA else 'name'} is like '{shown(header.matched)}': is it {variable.label}?"
        found.append(subject.question(About.VARIABLE, Weight.MUST, text, subject.entry(use), use, tuple(catalogue.variables)))
    other = next((other for name, other in variable.ambiguous.items() if plain(name) == plain(header.matched)), None)
    if other is not None:
        text = f"'{shown(header.matched)}' is taken as {variable.label}; it may also be {other}."
        remedy = f"{subject.entry(use)} If it is not {variable.label}, say another variable there, or {{ ignore = true }}."
        found.append(replace(subject.question(About.VARIABLE, Weight.SETTLED, text, remedy, use), severity="warning"))
    return found
