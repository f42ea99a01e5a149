"""What is said of those who could be treated and screened again."""

from __future__ import annotations

from feasibility.protocol import Protocol
from feasibility.results.treatable import Treatable, TreatableSet
from feasibility.wording.criteria import name
from feasibility.wording.numbers import count, listed, patients, percent
from feasibility.wording.titled import Titled

TREAT_HEAD = "Treat and rescreen"
NONE_TREATABLE = "No criterion that counts is said in the protocol file to be treatable (modifiable)."
NOBODY_TO_TREAT = "Nobody is ineligible: there is nobody to treat and screen again."
SET_ROW = ("Fail these and no others", "Patients", "Would be eligible", "Would still lack data")
TREATED_PARTS = ("fail what is not called treatable", "would be eligible", "would still lack data")


def said_of_treat(found: Treatable) -> Titled:
    """``Of 1,558 ineligible (of 2,000 patients), 420 (27.0 %) fail nothing but what can be treated.``; and what that means, where there are any."""
    if not found.ineligible:
        return Titled(TREAT_HEAD, NOBODY_TO_TREAT)
    if not found.modifiable:
        return Titled(TREAT_HEAD, NONE_TREATABLE)
    share = percent(found.treatable / found.ineligible)
    who = f"Of {count(found.ineligible)} ineligible (of {patients(found.patients)})"
    more = treat_explained(found) if found.treatable else ""
    return Titled(TREAT_HEAD, f"{who}, {count(found.treatable)} ({share}) fail nothing but what can be treated.", more)


def treat_explained(found: Treatable) -> str:
    """What can be treated, what would become of whom, and what that assumes."""
    return (
        f"Can be treated, says the protocol file: {listed(found.modifiable)}. Treated with success and screened again, {count(found.eligible)} would be "
        f"eligible and {count(found.undetermined)} would still lack data; {count(found.for_good)} fail at least one that it does not call so. "
        "That treatment always succeeds is assumed, not observed."
    )


def for_good_not_drawn(found: Treatable) -> str:
    """Beside a bar of those who could be treated alone, as they are few of the ineligible."""
    return f"of the {count(found.treatable)}; the {count(found.for_good)} who {TREATED_PARTS[0]} are not drawn"


def set_row(found: TreatableSet, protocol: Protocol) -> tuple[str, int, int, int]:
    """A line of the table of those who could be treated."""
    return listed(name(protocol[each]) for each in found.criteria), found.patients, found.eligible, found.undetermined
