"""Events and visits of one patient, in words: what was recorded of them, and what is needed."""

from __future__ import annotations

from feasibility.logic import FALSE, TRUE, UNKNOWN
from feasibility.rules.nodes import All, Compare, Condition, Exposed, Occurred, Visit, Which
from feasibility.rules.sentence import subject_first
from feasibility.screening.explain import Clause, Seen
from feasibility.wording.numbers import several
from feasibility.wording.recorded import MOST_RECORDS, NEEDED, Recorded


def event_found(of: Recorded, clause: Clause, term: Occurred | Exposed) -> str:
    """``atrial fibrillation recorded on 2025-08-02, needs none``."""
    label, long_enough = of.label(term.event), ""
    if isinstance(term, Exposed) and isinstance(term.longer_than, (int, float)):
        long_enough = f" for more than {several(int(term.longer_than), 'day')}"
    one, filters = "one" if clause.wanted == TRUE else "none", of.speaker.filters(term.where, term.excepting)
    needs = f"needs {one}{long_enough}{of.speaker.window(term.window)}{filters}"
    counts = [each for each in clause.seen if FALSE not in (each.inside, each.meant) and each.excepted != TRUE]
    shown = counts if clause.truth != FALSE and counts else list(clause.seen)
    if shown:
        more = f"; {len(shown) - MOST_RECORDS} more" if len(shown) > MOST_RECORDS else ""
        return f"{label} {'; '.join(_happened(of, each, term) for each in shown[:MOST_RECORDS])}{more}, {needs}"
    if term.event in of.no_column:
        return f"no column for {label}, {needs}"
    recorded = "recorded as no" if clause.said_not else "not recorded"
    return f"{label} {recorded}{'' if clause.truth == FALSE else ', which leaves it open'}, {needs}"


PERHAPS = "perhaps"  # it is not known whether it happened


def _happened(of: Recorded, seen: Seen, term: Occurred | Exposed) -> str:
    """``recorded on 2025-08-02 (biopsy result NDRD), outside the window``."""
    said = "recorded" if dict(seen.values)[term.event] == (1.0, 1.0) else PERHAPS
    if seen.inside == UNKNOWN and of.undated(seen):
        said += f"{',' if said == PERHAPS else ''} without a date, so that it may lie in the window or not"
    else:
        said += of.period(seen) if seen.ended is not None else of.when(seen.days)
        said += ", end not known" if of.has_no_end(seen) and seen.inside == UNKNOWN else ""
    fields = [f"{of.label(name)} {of.value(name, span, ())}" for name, span in seen.values if name != term.event]
    said += f" ({', '.join(fields)})" if fields else ""
    if seen.inside == FALSE:
        return f"{said}, outside the window"
    if seen.excepted == TRUE:
        return f"{said}, excepted"
    return f"{said}, not one of those meant" if seen.meant == FALSE else said


def visit_found(of: Recorded, clause: Clause, term: Visit) -> str:
    """What was measured at the visits that decide, and which visit is needed."""
    latest, held = term.which is Which.LATEST, [each for each in clause.seen if each.meant == TRUE]
    which = f"{'' if clause.wanted == TRUE else 'not '}{'the latest visit with' if latest else 'a visit with'}"
    needs = f"needs {which} {_at_one_visit(of, term.condition)}{of.speaker.window(term.window)}"
    shown = held[:1] if clause.truth == TRUE and not latest else list(clause.seen)[: 1 if latest else None]
    if not shown:
        return f"{of.catalogue.visits[term.record]} not recorded, {needs}"
    more = f"; {len(shown) - MOST_RECORDS} more" if len(shown) > MOST_RECORDS else ""
    return f"{'; '.join(_values_of(of, each) for each in shown[:MOST_RECORDS])}{more}, {needs}"


def _values_of(of: Recorded, visit: Seen) -> str:
    return ", ".join(f"{of.label(name)} {of.value(name, span, ())}" for name, span in visit.values) + of.when(visit.days)


def _at_one_visit(of: Recorded, condition: Condition) -> str:
    """``systolic blood pressure ≤ 160 mmHg and diastolic blood pressure ≤ 100 mmHg``."""
    match condition:
        case All(conditions=inners):
            return " and ".join(_at_one_visit(of, inner) for inner in inners)
        case Compare():
            left, operator, right = subject_first(condition)
            return f"{of.speaker.quantity(left)} {NEEDED[operator]}{of.speaker.limit(left, right)}"
        case _:
            return of.speaker.condition(condition, nested=True)
