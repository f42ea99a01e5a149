"""What is said of those who could be treated and screened again."""

from __future__ import annotations

from feasibility.protocol import Protocol
from feasibility.results.treatable import Treatable, TreatableSet
from feasibility.wording.criteria import name
from feasibility.wording.numbers import count, listed, patients, percent

TREAT_HEAD = "Treat and rescreen"
NONE_TREATABLE = "No criterion that counts is said in the protocol file to be treatable (modifiable)."
NOBODY_TO_TREAT = "Nobody is ineligible: there is nobody to treat and screen again."
SET_ROW = ("Fail only", "Patients", "Would be eligible", "Would still lack data")
TREATED_PARTS = ("lost for good", "would be eligible", "would still lack data")


def treat(found: Treatable) -> str:
    """``Of 1,558 ineligible patients 420 fail nothing but what can be treated (I6, E5 and E6)…``, with what each is counted out of."""
    if not found.ineligible:
        return NOBODY_TO_TREAT
    if not found.modifiable:
        return NONE_TREATABLE
    share = percent(found.treatable / found.ineligible)
    return (
        f"Of {count(found.ineligible)} ineligible (of {patients(found.patients)}), **{count(found.treatable)}** ({share}) fail nothing but what can be "
        f"treated ({listed(found.modifiable)}). Treated with success and screened again, {count(found.eligible)} would be eligible and "
        f"{count(found.undetermined)} would still lack data. {count(found.for_good)} fail at least one criterion that no treatment changes. "
        "That treatment always succeeds is assumed, not observed."
    )


def set_row(found: TreatableSet, protocol: Protocol) -> tuple[str, int, int, int]:
    """A line of the table of those who could be treated."""
    return listed(name(protocol[each]) for each in found.criteria), found.patients, found.eligible, found.undetermined
