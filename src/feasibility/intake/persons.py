"""Dates of the patients themselves, and the ages that follow from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feasibility.intake.ages import ages_at_index, from_years
from feasibility.intake.converted import Ints
from feasibility.intake.dates import NO_DAY, Dates
from feasibility.intake.places import Place, counted
from feasibility.intake.records import Block
from feasibility.intake.times import ages
from feasibility.logic import Intervals
from feasibility.problems import Found, Problem


@dataclass(frozen=True, eq=False)
class PersonDates:
    """One date a patient, and the column it comes from."""

    dates: Dates
    place: Place

    def or_else(self, other: PersonDates) -> PersonDates:
        """These dates, and where there is none those of another table."""
        lo, hi = (np.where(self.dates.known, mine, others) for mine, others in ((self.dates.lo, other.dates.lo), (self.dates.hi, other.dates.hi)))
        problems = (*self.dates.problems, *other.dates.problems)
        return PersonDates(Dates(lo, lo if bool((lo == hi).all()) else hi, None, problems), self.place)

    @classmethod
    def of_rows(cls, owner: NDArray[np.intp], dates: Dates, patients: int, name: str, problems: list[Problem], table: str = "measurements") -> PersonDates:
        """From a table in which a patient may have several rows: the first date of each patient."""
        known = np.flatnonzero(dates.known)[::-1]
        lo, hi = np.full(patients, NO_DAY, np.int32), np.full(patients, NO_DAY, np.int32)
        lo[owner[known]], hi[owner[known]] = dates.lo[known], dates.hi[known]
        differing = int(np.count_nonzero(dates.lo[known] != lo[owner[known]]))
        if differing:
            problems.append(Problem("warning", name, f"{counted(differing, 'row')} with another date than the patient's first: not used.", "Give one."))
        return cls(Dates(lo, lo if bool((lo == hi).all()) else hi), Place(table, name, np.arange(patients, dtype=np.int64)))


def covered_days(start: PersonDates | None, index: Ints, problems: list[Problem]) -> Ints | None:
    """How many days before the index date each patient's records begin; none where that is not known. None where no file says when records begin."""
    if start is None:
        return None
    known = start.dates.known & (index != NO_DAY)
    if not known.all():
        message = f"{counted(int((~known).sum()), 'patient')} without a known start of records or index date: no day counts as covered by their records."
        problems.append(start.place.cells("warning", np.flatnonzero(~known), message, "Fill in the date."))
    days: Ints = np.where(known, np.where(known, index, 0) - np.where(known, start.dates.hi, 0), 0).astype(np.int32)
    return days


def age_blocks(given: list[Block], birth: PersonDates | None, index: Ints, problems: list[Problem]) -> dict[str, list[Block]]:
    """Completed and decimal years at the index date: from the birth date where there is one, else from the ages given."""
    blocks: dict[str, list[Block]] = {}
    whole = exact = None
    if len(given) == 1 and given[0].patients is None and given[0].times is None:
        whole, exact = from_years(given[0].fields["age"], problems)
    elif given:
        whole, exact = ages_at_index(given, index, problems)
    if birth is not None:
        late = np.flatnonzero(birth.dates.known & (index != NO_DAY) & (birth.dates.hi > index))
        if len(late):
            said, texts = f"{counted(len(late), 'birth date')} after the index date: set aside.", birth.dates.said(late)
            each = "after the index date: set aside"
            problems.append(birth.place.cells("warning", late, said, "Correct the dates.", found=Found.BORN_AFTER, values=texts, each=each))
        born_whole, born_exact = ages(index, birth.dates)
        if whole is None or exact is None:
            whole, exact = born_whole, born_exact
        else:
            known = born_whole.lo > -np.inf
            apart = np.flatnonzero(known & (whole.lo > -np.inf) & ((born_whole.hi < whole.lo - 1) | (born_whole.lo > whole.hi + 1)))
            if len(apart):
                message = f"{counted(len(apart), 'age')} more than a year from what the birth date gives: the birth date is used."
                given_as = [f"{birth_text}, age {age:g}" for birth_text, age in zip(birth.dates.said(apart), whole.lo[apart].tolist(), strict=False)]
                each = "age more than a year from what the birth date gives: the birth date is used"
                problems.append(birth.place.cells("warning", apart, message, "Check both columns.", found=Found.AGES_APART, values=given_as, each=each))
            whole, exact = _either(born_whole, whole, known), _either(born_exact, exact, known)
    if whole is not None and exact is not None:
        blocks = {"age": [Block({"age": whole})], "age_exact": [Block({"age_exact": exact})]}
    return blocks


def _either(first: Intervals, second: Intervals, where: NDArray[np.bool_]) -> Intervals:
    lo, hi = np.where(where, first.lo, second.lo), np.where(where, first.hi, second.hi)
    return Intervals(lo, lo if bool((lo == hi).all()) else hi)
