"""A patient's verdict, clause by clause: what was found, and what is needed to pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from feasibility.cohort import Cohort
from feasibility.logic import FALSE, TRUE, UNKNOWN
from feasibility.rules.nodes import All, AnyOf, Exposed, Not, Occurred, Possible, Visit, follows
from feasibility.screening.explain import Clause, CriterionFound, LimbFound
from feasibility.screening.screen import FAIL, PASS
from feasibility.variables import Catalogue
from feasibility.wording.compared import comparison_found, limits_of
from feasibility.wording.happened import event_found, visit_found
from feasibility.wording.recorded import Recorded

VERDICTS: Mapping[int, str] = {int(FAIL): "fails", int(UNKNOWN): "unknown", int(PASS): "passes"}


def index_day(cohort: Cohort) -> date | None:
    """The day at which all patients are screened; None where it is not one and the same, or not known."""
    return cohort.index_dates[0] if cohort.index_dates is not None and cohort.index_dates[0] == cohort.index_dates[1] else None


def reason(found: CriterionFound, catalogue: Catalogue, index: date | None) -> str:
    """What decides a criterion for one patient: ``UACR 870 mg/g on 2026-01-12, needs > 1000``."""
    deciding = [limb for limb in found.limbs if limb.met == found.outcome]
    if not deciding:
        return f"no column shows {' or '.join(found.not_shown)}" if found.not_shown else ""
    joined = "; or " if found.outcome == FAIL and not found.all_limbs else "; "
    return joined.join(_limb(limb, Recorded(catalogue, index, found.no_column), deciding=True) for limb in _without_the_same_again(deciding))


def _without_the_same_again(limbs: Sequence[LimbFound]) -> list[LimbFound]:
    """Of limbs met alike, without those that say no more than another: not of which kind an event would have to be that is not there at all."""

    def follows_(one: LimbFound, other: LimbFound) -> bool:
        wider, narrower = (one, other) if one.clause.truth == TRUE else (other, one)
        return follows(wider.clause.condition, narrower.clause.condition)

    return [each for each in limbs if not any(follows_(each, other) for other in limbs)]


def limbs_said(found: CriterionFound, catalogue: Catalogue, index: date | None) -> tuple[tuple[str, str, str], ...]:
    """The whole of a criterion for one patient: each limb, whether it is met, and what was found; those that no column shows at the end."""
    of = Recorded(catalogue, index, found.no_column)
    shown = [(limb.label, VERDICTS[limb.met], _limb(limb, of, deciding=False)) for limb in found.limbs]
    return (*shown, *((label, "not in the data", "no column shows it") for label in found.not_shown))


def _limb(limb: LimbFound, of: Recorded, *, deciding: bool) -> str:
    text = _clause(of, limb.clause, deciding)
    against = f"; no record of {' or '.join(of.label(name) for name in limb.against)} counts against the patient" if limb.against else ""
    return text + against


def _clause(of: Recorded, clause: Clause, deciding: bool) -> str:
    text = _without_exception(of, clause, deciding)
    return f"exception: {text}" if clause.exception else text


def _without_exception(of: Recorded, clause: Clause, deciding: bool) -> str:
    if (limits := limits_of(clause)) is not None:
        return comparison_found(of, clause, limits)
    match clause.condition:
        case Not():
            return _clause(of, clause.parts[0], deciding)
        case Possible(condition=inner):
            doubt = f"the matter stays open because {of.speaker.condition(inner, nested=True)}"
            return doubt if clause.parts[0].truth == TRUE else _clause(of, clause.parts[0], deciding)
        case Occurred() | Exposed():
            return event_found(of, clause, clause.condition)
        case Visit():
            return visit_found(of, clause, clause.condition)
        case AnyOf(conditions=(All(conditions=(_, Not(condition=doubt))), Possible(condition=same))) if doubt == same:
            stated, open_ = clause.parts
            return _clause(of, stated.parts[0] if open_.truth == FALSE else open_, deciding)
    if not clause.parts:
        return "settled by a switch"
    parts = [part for part in clause.parts if not isinstance(part.condition, Possible) or part.truth != FALSE] or list(clause.parts)
    if deciding:
        parts = [part for part in parts if part.met == clause.met] or parts
    each_needed = isinstance(clause.condition, All) == (clause.wanted == TRUE)
    return ("; " if each_needed else "; or ").join(dict.fromkeys(_clause(of, part, deciding) for part in parts))
