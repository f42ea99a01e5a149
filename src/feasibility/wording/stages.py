"""The order of screening and what it costs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from feasibility.protocol import Protocol, Stage, coming_before
from feasibility.results.overview import Overview
from feasibility.results.screening_order import BesideCheapest, Moved, ScreeningCost, StageReached, moved_between
from feasibility.wording.numbers import NOTHING, count, listed, patients, percent, ratio, several
from feasibility.wording.overlap import all_else_held
from feasibility.wording.titled import Titled

STAGES_TITLE = "What screening costs, stage by stage"
SHOWN_TITLE, CHEAPEST_TITLE = "The order shown", "The cheapest order"
NO_STAGES = "The protocol names no stage at which something that counts is looked at: there is no order of screening, and nothing to be paid."
TOO_MANY = "With so many stages not all orders are looked at: no cheapest order is given."
SAME_AS_CHEAPEST = "**The order shown is the cheapest**: no order that keeps what must come first costs less."
EDITOR_SAID = Titled(
    "Order and relative costs",
    "Costs are relative units from the protocol file, from memory: put your own.",
    "What is typed here holds for this session and leaves that file as it is. A stage goes to the place that is typed.",
)
SAVED_UNSEEN = "**Another order costs less**, by so little that it does not show while small counts are hidden."
STAGE_ROW = ("Place", "Stage", "Relative cost", "Must come after")
AS_PROTOCOL, TAKE_CHEAPEST, STEP_BACK = "As in the protocol", "Take the cheapest order", "Step back"
STEP_BACK_EXPLAINED = "To the order and the costs before the last change here. Undo, at the top, takes back changes of the scenario."
FOLLOWING = "Following everybody from stage to stage …"

COST_UNITS = ((999_500, 1e6, " M"), (99_950, 1e3, " k"), (0, 1, ""))  # from which cost on one is said in which
MOST_MOVED = 4  # stages named that save
STAGE_HEAD, EACH, IN_ALL, CHANGE = "Stage", "Each", "In all", "Change"
STAGE_PARTS = ("go on", "stopped", "by an assumed rate")


def not_a_cost(stage: Stage, typed: float | None) -> str:
    """Why a cost as typed cannot be taken; None where none was typed."""
    return f"{stage.label}, relative cost: {'nothing' if typed is None else f'{typed:g}'} is no number of 0 or more; it stays as it was."


def not_a_place(stage: Stage, typed: float | None, last: int) -> str:
    """Why a place as typed cannot be taken; None where none was typed."""
    return f"{stage.label}, place: {'nothing' if typed is None else f'{typed:g}'} is no place from 1 to {last}; it stays where it was."


def said_of_stages(overview: Overview) -> Titled:
    """What is counted, out of what, and what the order means."""
    return Titled(
        STAGES_TITLE,
        f"All {patients(overview.tally.patients)} begin, and each stage is paid for whoever reaches it.",
        "Whoever fails on the data is stopped at the first stage that shows it; whoever is unknown goes on. Whether two stages stop the same patients is "
        f"counted, not assumed; assumed pass rates (consent and the like) are multiplied. {all_else_held(overview)}",
    )


def stage_texts(reached: StageReached) -> str:
    """``1,181 −50 −579 assumed``: who reaches a stage, who is stopped."""
    stopped = f" −{expected_patients(reached.stopped)}" if reached.stopped else ""
    assumed = f" −{expected_patients(reached.by_assumption)} assumed" if reached.by_assumption else ""
    return f"{expected_patients(reached.reaching)}{stopped}{assumed}"


def stage_hover(reached: StageReached, label: str) -> str:
    stopped = f"{expected_patients(reached.stopped)} are stopped by the data, {expected_patients(reached.by_assumption)} by a pass rate assumed"
    costs = f"{cost_of_stage(reached.cost)} each, {relative_cost(reached.cost * reached.reaching)} in all"
    return f"{label}: {expected_patients(reached.reaching)} reach it, {stopped}; {costs}"


def expected_patients(number: float) -> str:
    """Patients, whole or expected at pass rates: ``1,181``, ``4.2``."""
    return count(round(number)) if number >= 10 or number == round(number) else f"{number:.1f}"


def relative_cost(cost: float) -> str:
    """A cost in relative units, of some patients, in three figures or more: ``6.30``, ``43.7``, ``12,591``, ``600 k``, ``3.75 M``."""
    unit, said = next((unit, said) for least, unit, said in COST_UNITS if cost >= least)
    number = cost / unit
    return f"{number:,.0f}{said}" if number >= 99.95 or not cost else f"{number:#.3g}{said}"


def cost_of_stage(cost: float) -> str:
    """The relative cost of a stage as it was given: ``0.1``, ``5``."""
    return f"{cost:.6g}"


def stage_costs(found: ScreeningCost) -> tuple[tuple[str, list[str]], ...]:
    """Of each stage what it costs for one patient, and for all who reach it; under their heads."""
    each = [cost_of_stage(stage.cost) for stage in found.stages]
    return (EACH, each), (IN_ALL, [relative_cost(stage.cost * stage.reaching) for stage in found.stages])


def stage_costs_against(stands: BesideCheapest, cheapest: ScreeningCost, shown: ScreeningCost) -> tuple[tuple[str, list[str]], ...]:
    """Of each stage what it costs for all who reach it, and how much more or less that is than in the order shown; where that is not dearer the same as of it.

    Of rounded counts it may not show that it is.
    """
    if stands is not BesideCheapest.DEARER or not cheapest.total < shown.total:
        return stage_costs(cheapest)
    _, in_all = stage_costs(cheapest)
    changed = {each.id: -each.cheaper for each in moved_between(shown, cheapest)}
    return in_all, (CHANGE, [_more_or_less(changed.get(stage.id, 0.0)) for stage in cheapest.stages])


def _more_or_less(cost: float) -> str:
    """``+372``, ``−5,189``, ``0``."""
    return f"{'−' if cost < 0 else '+' if cost else ''}{relative_cost(abs(cost))}"


def stage_name(place: int, label: str) -> str:
    """``3 Consent visit``."""
    return f"{place} {label}"


def cost_metrics(found: ScreeningCost) -> tuple[tuple[str, str], ...]:
    """The heads of the costs, each with what it is divided by, and what that is."""
    eligible, enrolling = count(found.eligible_on_data), expected_patients(found.eligible)
    return (
        (
            f"Cost per patient screened (of {count(found.patients)})",
            f"The cost of each stage times those who reach it, by the {patients(found.patients)} of the cohort.",
        ),
        (
            f"Cost per eligible on the data (of {eligible})",
            f"The same in all, by the {eligible} who pass every criterion that the data show. Assumed pass rates lower how many are examined and paid for, not "
            "these. Who is undetermined at the end has been paid for too.",
        ),
        (
            f"Cost per one expected to enrol (of {enrolling})",
            f"The same in all, by the {enrolling} of the eligible who are expected to pass the assumed rates too. Where none is assumed they are the eligible.",
        ),
        ("To screen for one expected to enrol", f"The {patients(found.patients)} of the cohort by the {enrolling} expected to enrol: the same in every order."),
    )


def cost_per_one(cost: float, of: float, unit: int) -> str:
    """A cost divided by so many patients."""
    return NOTHING if math.isinf(cost) else _or_more(relative_cost(cost), of, unit)


def _or_more(said: str, of: float, unit: int) -> str:
    """``≥ 2,475``: what was divided by a few patients that are shown as the ``unit``, and may be fewer."""
    return f"≥ {said}" if said != NOTHING and 0 < of <= unit else said


def cost_against(stands: BesideCheapest | None, now: float, then: float, of: float, unit: int) -> str | None:
    """What stands under a cost divided by so many: ``cheapest 6.3 (−26.4 %)``.

    Nothing where there is nothing to compare, ``stands`` being None where no cheapest is known.
    """
    if stands is None or math.isinf(now) or not now:
        return None
    if stands is BesideCheapest.BROKEN:
        return f"cheapest that can be kept {cost_per_one(then, of, unit)}"
    if stands is BesideCheapest.CHEAPEST:
        return "the cheapest"
    return f"cheapest {cost_per_one(then, of, unit)}" + (f" (−{percent((now - then) / now)})" if then < now else "")


def said_of_order_shown(found: ScreeningCost) -> Titled:
    """Who comes through, of how many."""
    through = f"{expected_patients(found.eligible)} expected to enrol and {expected_patients(found.undetermined)} undetermined"
    return Titled(SHOWN_TITLE, f"Through all stages come {through}, of {patients(found.patients)}.")


def screened_for_one(found: ScreeningCost, unit: int) -> tuple[str, str]:
    """Patients to screen for one expected to enrol, and what missing data leave open."""
    now, best = found.to_screen
    open_ = _or_more(ratio(best), found.eligible + found.undetermined, unit)
    return _or_more(ratio(now), found.eligible, unit), f"{open_} if missing data resolve"


def order_saves(stands: BesideCheapest, shown: ScreeningCost, cheapest: ScreeningCost, written: ScreeningCost, unit: int) -> str:
    """What the cheapest order saves, or costs where the one shown cannot be kept; where it is shown, what it saves of the order as ``written``. With markup.

    Per one expected to enrol not where these are a few, hidden.
    """
    if stands is BesideCheapest.CHEAPEST:
        less = f" It costs {percent((written.total - shown.total) / written.total)} less than that of the protocol." if shown.total < written.total else ""
        return f"{SAME_AS_CHEAPEST}{less}"
    if stands is BesideCheapest.BROKEN:
        per_one = f", {relative_cost(cheapest.per_expected)} per one expected to enrol" if cheapest.eligible > unit else ""
        return f"**The cheapest order that can be kept** costs {relative_cost(cheapest.per_screened)} per patient screened{per_one}."
    if not cheapest.total < shown.total:
        return SAVED_UNSEEN
    saved = shown.total - cheapest.total
    per_one = f", {relative_cost(shown.per_expected - cheapest.per_expected)} per one expected to enrol" if shown.eligible > unit else ""
    saves = f"saves {relative_cost(saved / shown.patients)} per patient screened{per_one}"
    return f"**The cheapest order {saves}** ({percent(saved / shown.total)}): the least of all orders that keep what must come first."


def said_of_cheapest(shown: ScreeningCost, cheapest: ScreeningCost) -> Titled:
    """How many of its stages stand elsewhere than in the order shown."""
    moved = sum(each != other for each, other in zip(shown.order, cheapest.order, strict=True))
    stand = f"{count(moved)} of {several(len(shown.order), 'stage')} {'stands' if moved == 1 else 'stand'} at another place, in colour."
    return Titled(CHEAPEST_TITLE, stand if moved else "It is the same as the order shown.")


def why_cheaper(protocol: Protocol, stands: BesideCheapest, shown: ScreeningCost, cheapest: ScreeningCost) -> str:
    """Which stages it saves at, and why; what the others cost more, together; nothing where it saves nothing that shows.

    ``“Biopsy slides reviewed” comes after “Consent visit”: 1,038 fewer are examined there, at 5 each, which saves 5,189. In return 4 stages cost 605 more. …``
    """
    if stands is not BesideCheapest.DEARER or not cheapest.total < shown.total:
        return ""
    labels = {stage.id: f"“{stage.label}”" for stage in protocol.stages}
    moved = moved_between(shown, cheapest)
    saving, costing = [each for each in moved if each.cheaper > 0], [each for each in moved if each.cheaper < 0]
    named, further = _named(saving)
    saved = _with_further([_cheaper_at(each, labels) for each in named], further)
    more = relative_cost(-sum(each.cheaper for each in costing))
    in_return = f" In return {several(len(costing), 'stage costs', 'stages cost')} {more} more." if costing else ""
    in_all = f" In all {relative_cost(shown.total - cheapest.total)} less for {patients(shown.patients)}." if len(moved) > 1 else ""
    return f"Why it is cheaper: {'; '.join(saved)}.{in_return}{in_all}"


def _named(moved: Sequence[Moved]) -> tuple[Sequence[Moved], Sequence[Moved]]:
    """The stages that are named: the first, at which somebody more or fewer is examined; and the others."""
    number = sum(abs(each.fewer) >= 0.5 for each in moved[:MOST_MOVED])
    return moved[:number], moved[number:]


def _fewer(patients: float) -> str:
    """So many as make what they cost right, multiplied: ``1,038``, ``20.5``, ``1.48``."""
    return expected_patients(patients) if patients >= 100 or patients == round(patients) else f"{patients:#.3g}"


def _cheaper_at(moved: Moved, labels: Mapping[str, str]) -> str:
    places = [f"{word} {listed(labels[each] for each in stages)}" for word, stages in (("after", moved.after), ("before", moved.before)) if stages]
    examined = f"{_fewer(moved.fewer)} fewer are examined there, at {cost_of_stage(moved.cost)} each, which saves {relative_cost(moved.cheaper)}"
    return f"{labels[moved.id]} comes {' and '.join(places)}: {examined}{_by_assumption(moved, labels)}"


def _by_assumption(moved: Moved, labels: Mapping[str, str]) -> str:
    """`` (623 of them stopped before by the pass rate assumed at Consent visit)``; nothing where that is nobody, or not known."""
    stopped = sum(number for _, number in moved.assumed)
    if not 0 < stopped <= moved.fewer:  # rounded one by one, the parts may come to more than the whole
        return ""
    rates = f"{'pass rate' if len(moved.assumed) == 1 else 'pass rates'} assumed at {listed(labels[each] for each, _ in moved.assumed)}"
    return f" ({expected_patients(stopped)} of them stopped before by the {rates})"


def _with_further(said: Sequence[str], moved: Sequence[Moved]) -> list[str]:
    """With what stages that are not named save together."""
    if not moved:
        return list(said)
    number = several(len(moved), "more stage" if said else "stage")
    return [*said, f"{number} {'saves' if len(moved) == 1 else 'save'} {relative_cost(sum(each.cheaper for each in moved))}"]


def order_broken(protocol: Protocol, found: ScreeningCost) -> str:
    """Which stages stand before one that must come first; nothing where none does."""
    labels = {stage.id: stage.label for stage in protocol.stages}
    said = [f"{labels[stage]} stands before {labels[before]}" for stage, before in found.broken]
    return f"This order cannot be kept: {listed(said)}, which must come first." if said else ""


def unseen_stages(protocol: Protocol, unseen: Sequence[str]) -> str:
    """Which stages only cost, for want of data; nothing where none does."""
    labels = [stage.label for stage in protocol.stages if stage.id in unseen]
    if not labels:
        return ""
    return (
        f"Nothing in this file shows whom {listed(labels)} would stop: as counted here {'it stops' if len(labels) == 1 else 'they stop'} nobody and only "
        f"{'costs' if len(labels) == 1 else 'cost'}, so an order that puts {'it' if len(labels) == 1 else 'them'} last saves more than it would."
    )


def stage_row(protocol: Protocol, stage: Stage, used: Sequence[str], place: int, cost: float) -> tuple[int, str, float, str]:
    """A stage, in the order of ``STAGE_ROW``."""
    before = {each for each in coming_before(protocol.stages, stage.id) if each in used}
    implied = {earlier for each in before for earlier in coming_before(protocol.stages, each)}
    labels = [each.label for each in protocol.stages if each.id in before - implied]
    return place, stage.label, cost, ", ".join(labels)


def stage_notes(stages: Iterable[Stage]) -> str:
    """What the protocol file notes of some stages; empty where it notes nothing."""
    return " ".join(f"{stage.label}: {' '.join(stage.note.split())}" for stage in stages if stage.note)
