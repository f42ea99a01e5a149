"""Reaching a target: criteria dropped, thresholds relaxed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from feasibility.parameters import Number, typed, worded
from feasibility.protocol import Protocol
from feasibility.results.accounting import Tally
from feasibility.results.disclosure import Rounding
from feasibility.results.dropping import MOST_CRITERIA, Aim, Best, Dropped, Dropping, Fewest, Reaching
from feasibility.results.overview import Overview
from feasibility.results.relaxing import Least, Move, Point, Reached
from feasibility.results.requirements import Requirements
from feasibility.results.target import to_enrol
from feasibility.results.tornado import Tornado
from feasibility.wording.criteria import name, of_number
from feasibility.wording.numbers import count, listed, patients, rate, sentences, several, signed
from feasibility.wording.overlap import all_else_held
from feasibility.wording.titled import Titled
from feasibility.wording.tornado import what_of

BEST_FOUND = "best found"
DROPPING_TITLE = "How many are eligible with the best set of so many criteria off"
PATH_TITLE = "What to move, step by step"
FRONT_TITLE = "What more patients cost in concessions"
FRONT_AXES = ("what the moves hurt", "eligible")
NEEDED_LATER = "A step that brings 0 brings nobody by itself: those whom a later step brings need it too."
NOTHING_STOPS = "No criterion that counts stops anybody: there is nothing to drop."
GREEDY_ORDER = "The order is greedy: next is the move that brings most for what it hurts; where they lead is the same in any order."
LEAST = {Least.CONCESSION: "Least concession", Least.MOVES: "Fewest moves"}
LEAST_EXPLAINED = "What the way to the target has least of: what its moves hurt in all, or how many parameters it moves, and of as few the least concession."
ASKING_NEEDS = "Asking what each patient would need …"
NOTHING_TO_RELAX = "No parameter that counts has a direction and room to move: there is nothing to relax."
NOTHING_ALLOWED = "Nothing may move: allow at least one parameter below."
NOBODY_LOADED = "There are no patients."
AIMS = {Aim.ELIGIBLE: "eligible", Aim.NOT_INELIGIBLE: "eligible or undetermined"}
CHOOSE_SET = "Choose one, or type part of it"
AIM_EXPLAINED = "Whether patients whom a missing value leaves open count towards the target."
TAKE, TAKEN_INTO = "Take", "Into the scenario"
MOST_READINGS = 3  # named
HUNDREDTHS = 100  # of a concession, as it is said
LONGEST_NAMES, LONGEST_OPTION = 80, 56  # characters of a row's names, at 1280 pixels, and of a set's to choose
ALLOWED_ROW = ("May move", "Parameter", "Now", "As far as", "Its end", "Unit", "Hurts", "One step hurts")
ALLOWED_EXPLAINED = {
    "May move": "Whether it may be relaxed at all.",
    "Now": "Its value in the scenario.",
    "As far as": "How far it may go, in its unit; “no limit” where it can be lifted.",
    "Its end": "Where its range ends in the direction in which it lets more patients pass.",
    "Hurts": "What it hurts to go from the value as written to its end. Each step of the way costs an equal share: of the logarithm where a threshold is drawn "
    "on a logarithmic scale, so that each halving or doubling costs the same. To lift a limit altogether costs one step more.",
    "One step hurts": "What the next step costs, from its value now; – where there is none but to lift the limit.",
}
ALLOWED_SAID = Titled(
    "What may move, and what it hurts", "Each parameter that can be relaxed, from its value now to its end; only those with a tick move."
)
LET_NONE_MOVE, LET_MOVE_AS_USUAL, AS_USUAL_EXPLAINED = "Untick all", "As usual", "Every parameter to its end, each at the usual cost of one."
STEP_HEADS = ("Step", "Move", "Brings", "Eligible then", "Hurts", TAKEN_INTO)
CONCESSION_EXPLAINED = (
    "Hurts: a parameter's whole way from its value as written to its end counts as one, the usual cost; a part of the way counts as that part, a limit lifted "
    "as one step more. The concession is what the moves hurt in all."
)


def target_beside(overview: Overview, planned: int | None, enrolling: float, unit: int) -> str:
    """What stands beside the target: ``134 of 2,000 eligible now, 308 undetermined. To enrol 120 as planned takes at least 265 (45.3 % enrol).``

    ``enrolling``: the exact share of the eligible who enrol, which is not said where counts are rounded to a ``unit``.
    """
    tally = overview.tally
    now = f"{count(tally.eligible)} of {count(tally.patients)} eligible now, {count(tally.undetermined)} undetermined."
    if planned is None:
        return now
    needed, without = to_enrol(planned, enrolling), _without_rate(overview)
    if needed is None:
        return f"{now} By the assumed pass rates nobody enrols: no number makes the {count(planned)} planned."
    takes = f"{'at least ' if without else 'about ' if needed != planned else ''}{count(Rounding(unit).count(needed))}"
    share = f" ({rate(enrolling)} enrol)" if overview.assumed and not unit else ""
    return f"{now} To enrol {count(planned)} as planned takes {takes}{share}."


def enrolling_explained(overview: Overview) -> str:
    """Where the share of the eligible who enrol is from."""
    without = _without_rate(overview)
    said = "The share of the eligible expected to enrol by the assumed pass rates, which are set on the workbench."
    if not without:
        return said
    return f"{said} {several(without, 'criterion', 'criteria')} that the data cannot show {'has' if without == 1 else 'have'} no rate, and count as 100 %."


def _without_rate(overview: Overview) -> int:
    return sum(not each.given for each in overview.assumed)


# Criteria dropped


def said_of_dropping(overview: Overview, found: Dropping) -> Titled:
    """What a row of the picture is, and how it was found."""
    tally: Tally = overview.tally
    of_all = "of all sets" if all(each.proven for each in found.sets) else "found"
    return Titled(
        DROPPING_TITLE,
        f"Each row is the best {of_all} of so many of the {several(len(found.sets) - 1, 'criterion', 'criteria')} that stop somebody or leave somebody open, "
        f"of {patients(tally.patients)}.",
        sentences("Solid are the eligible, hatched the undetermined with these off.", _not_all_counted(found), all_else_held(overview)),
    )


def _not_all_counted(found: Dropping) -> str:
    """Which sets were looked at where there are too many criteria for all; nothing where all were."""
    if found.all_counted:
        return ""
    number = count(len(found.sets) - 1)
    return (
        f"Of {number} criteria not all sets are counted, but all those of {count(MOST_CRITERIA)} of them: the ones with the largest share in what patients "
        f"fail or are unknown on. Beside the best of these stands the set shown in the row above with any one more of the {number} off; the better of the "
        f"two is shown. “{BEST_FOUND}” marks a set of which it is not proven that no other of as many criteria leaves more."
    )


def changed_set(protocol: Protocol, best: Best, before: Best | None) -> str:
    """A set by what it has beside the one before it: ``+ E5 Severe hyperlipidaemia``, ``+ I3, + E1, − E3``."""
    if before is None:
        return "nothing dropped"
    came = [each for each in best.dropped if each not in before.dropped]
    went = [each for each in before.dropped if each not in best.dropped]
    named = [*(f"+ {name(protocol[each])}" for each in came), *(f"− {name(protocol[each])}" for each in went)]
    said = ", ".join(named)
    return said if len(said) <= LONGEST_NAMES else ", ".join([*(f"+ {each}" for each in came), *(f"− {each}" for each in went)])


def set_counts(best: Best) -> str:
    """``550 + 212``, with a word where it is not proven that no other set leaves more."""
    counts = count(best.eligible) + (f" + {count(best.undetermined)}" if best.undetermined else "")
    return counts if best.proven else f"{counts}, {BEST_FOUND}"


def dropped_set(protocol: Protocol, best: Best) -> str:
    """The whole set in words, with who is left."""
    off = f"{listed(name(protocol[each]) for each in best.dropped)} off" if best.dropped else "Nothing dropped"
    proven = "no other set of as many leaves more" if best.proven else "the best found, not proven"
    return f"{off}: {count(best.eligible)} eligible, {count(best.undetermined)} undetermined; {proven}"


def fewest(protocol: Protocol, found: Fewest | None, dropping: Dropping, target: int) -> str:
    """The fewest criteria to drop for a target, and what is proven of it; with markup."""
    wanted = f"{count(target)} {AIMS[dropping.aim]}"
    if found is None:
        return f"**No set of criteria makes {wanted}**: with all of them off there are {count(dropping.sets[-1].count(dropping.aim))}."
    best = found.best
    if not best.dropped:
        return f"**{wanted} is reached as it stands**, with nothing dropped: {count(best.count(dropping.aim))}."
    number = len(best.dropped)
    proven = (
        f"Proven: no set of fewer reaches it, and no other set of {count(number)} leaves more."
        if found.proven and best.proven
        else "Proven: no set of fewer reaches it." if found.proven
        else "The best found: a set of fewer might reach it."
    )  # fmt: skip
    return (
        f"**The fewest criteria whose dropping makes {wanted}: {count(number)}**, {listed(name(protocol[each]) for each in best.dropped)}; then "
        f"{count(best.eligible)} are eligible and {count(best.undetermined)} undetermined. {proven}"
    )


def all_sets(number: int) -> str:
    """The label of the list of all sets of as many criteria as the fewest that reach a target."""
    return f"All {'single criteria' if number == 1 else f'sets of {count(number)}'} that reach it"


def reaching_sets(found: Reaching, aim: Aim, target: int) -> str:
    """How many sets of as many criteria as the fewest reach the target, and which are listed."""
    if found.total == 1:
        return f"No other set of {count(len(found.sets[0].dropped))} reaches {count(target)} {AIMS[aim]}."
    reach = f"{several(found.total, 'set')} of {count(len(found.sets[0].dropped))} reach"
    those = f"listed are the {count(len(found.sets))} that leave most" if len(found.sets) < found.total else "those that leave most come first"
    return f"{reach} {count(target)} {AIMS[aim]}; {those}. Each with eligible + undetermined then, of {patients(found.patients)}."


def dropped_option(protocol: Protocol, each: Dropped) -> str:
    """Who is left with a set off, eligible + undetermined, and the set: ``548 + 214: I4 Nephrotic proteinuria, E5 Severe hyperlipidaemia``."""
    named = ", ".join(name(protocol[criterion]) for criterion in each.dropped)
    return f"{count(each.eligible)} + {count(each.undetermined)}: {named if len(named) <= LONGEST_OPTION else ', '.join(each.dropped)}"


def not_nested(dropping: Dropping) -> str:
    """Which best sets do not hold the one before them."""
    apart = [count(len(each.dropped)) for each in dropping.sets if not each.nested]
    if not apart:
        return "Every set holds the one before it: they can be dropped one after another."
    which = f"set of {apart[0]} does" if len(apart) == 1 else f"sets of {listed(apart)} do"
    return f"The best {which} not hold the whole one before: what went is marked −."


# Thresholds relaxed


def held_parameters(protocol: Protocol, needed: Requirements) -> str:
    """Which parameters stay as they are, and why; nothing where none does."""
    unclear = "a looser value fails somebody whom a tighter one passes"
    names = {each.name: of_number(each) for each in protocol.parameters.values() if isinstance(each, Number)}
    among = {held: listed(names[other] for other in others) for held, others in needed.held.items()}
    said = [f"{names[held]} ({f'judged together with {others}: let one of them stay to move it' if others else unclear})" for held, others in among.items()]
    held = f"These stay as they are: {listed(said)}." if said else ""
    some = (
        f"Of {listed(names[each] for each in needed.thinned)} not every value was tried: nothing is proven, and what is out of reach is so at the values tried."
    )
    return " ".join([held, some] if held and needed.thinned else [some if needed.thinned else held])


def at_their_end(values: Mapping[Number, float]) -> str:
    """Which parameters can be relaxed no further, and where they stand; nothing where none is."""
    said = [f"{of_number(parameter)} {'(no limit)' if math.isinf(value) else worded(parameter, value)}" for parameter, value in values.items()]
    return f"As loose as they can be already: {listed(said)}." if said else ""


def nothing_to_relax(protocol: Protocol, needed: Requirements) -> str:
    """Why nothing can be relaxed."""
    return held_parameters(protocol, needed) or NOTHING_TO_RELAX


def said_of_path(overview: Overview, parameters: int) -> Titled:
    """Who is counted while thresholds move, and what a concession is."""
    return Titled(
        PATH_TITLE,
        f"Eligible of {patients(overview.tally.patients)}, at the moved values of {several(parameters, 'parameter')} that may move.",
        f"Who is unknown stays so unless a moved value settles it. {CONCESSION_EXPLAINED} {all_else_held(overview)}",
    )


def target_line(target: int) -> str:
    """What stands at the line of the target: ``target 203``."""
    return f"target {count(target)}"


def eligible_for(eligible: int, hurts: float) -> str:
    """``203 for 1.5``: how many are eligible for what concession."""
    return f"{count(eligible)} for {concession(hurts)}"


def concession(hurts: float) -> str:
    """``0.51``; of one that would be said to be none ``less than 0.01``."""
    return f"less than {1 / HUNDREDTHS:.2f}" if 0 < hurts < 0.5 / HUNDREDTHS else f"{hurts:,.2f}"


def target_reached(found: Reached, unit: int = 0) -> str:
    """Whether and how the target is reached, and what is proven of it; with markup. ``unit``: to which the counts are rounded."""
    wanted = f"{count(found.target)} eligible"
    if not found.within_reach:
        everything = f"with everything as far as allowed {count(found.eligible)} are eligible of {patients(found.patients)}"
        return f"**{wanted} is out of reach** by what may move: {everything}."
    if not found.moves:
        return f"**{wanted} is reached as it stands**: {count(found.eligible)}."
    moves = "1 move makes" if len(found.moves) == 1 else f"{count(len(found.moves))} moves make"
    as_shown = f", in counts rounded to {count(unit)}" if unit else ""
    how = f"**{moves} {count(found.eligible)} eligible** (target {count(found.target)}{as_shown}), for a concession of {concession(found.cost)}."
    few = found.least is Least.MOVES
    if found.proven:
        for_less = "reach it, and none as few hurt less" if few else "reach it for less"
        shown_so = for_less.replace("reach it", "make a number shown so") if unit else for_less
        return f"{how} Proven: no {'fewer' if few else 'allowed'} moves {shown_so}."
    if few:
        certain = f"; what is certain is that fewer than {count(int(found.bound))} do not reach it" if found.bound > 1 else ""
    else:
        bound = math.floor(found.bound * HUNDREDTHS) / HUNDREDTHS  # never said to be higher than it is
        certain = f"; what is certain is that none reach it for less than {concession(bound)}" if bound else ""
    return f"{how} The best that the search found{certain}."


def relaxing_step(parameter: Number, move: Move, number: int) -> tuple[str, str, str, str, str]:
    """A move in the order of ``STEP_HEADS``."""
    values = f"{worded(parameter, move.start)} → {worded(parameter, move.to)}"
    return count(number), f"{of_number(parameter)}: {values}", signed(move.gained), count(move.eligible), concession(move.cost)


def read_another_way(protocol: Protocol, found: Tornado, target: int) -> str:
    """Which readings alone reach a target, or which comes nearest; nothing where none gains anybody."""
    gaining = [bar for bar in found.bars if bar.high.eligible > found.base.eligible]
    if not gaining:
        return ""
    said = [f"{what_of(bar, protocol)} ({count(bar.high.eligible)})" for bar in gaining if bar.high.eligible >= target]
    if not said:
        most = max(bar.high.eligible for bar in gaining)
        best = [what_of(bar, protocol) for bar in gaining if bar.high.eligible == most]
        return f"No other reading alone reaches it: most are eligible with {_some(best, 'or')} ({count(most)})."
    alone = "this alone reaches" if len(said) == 1 else "each of these alone reaches"
    return f"Read another way, with all else as it is, {alone} it: {_some(said, 'and')}."


def _some(readings: Sequence[str], last: str) -> str:
    """Some of them, and how many more there are."""
    more = [f"{count(len(readings) - MOST_READINGS)} more"] if len(readings) > MOST_READINGS else []
    return listed([*readings[:MOST_READINGS], *more], last)


def order_of_steps(found: Reached, unit: int) -> str:
    """In which order steps stand, and what one is for that brings nobody by itself; of that nothing where counts are rounded, by which a few are none."""
    greedy = GREEDY_ORDER if len(found.moves) > 1 else ""
    return sentences(greedy, NEEDED_LATER if not unit and any(not move.gained for move in found.moves) else "")


def take_up_to(number: int) -> str:
    """On the button of a step, with which those before it are taken: ``Take step 1``, ``Take steps 1–3``."""
    return f"{TAKE} step 1" if number == 1 else f"{TAKE} steps 1–{number}"


def take_steps(parameters: Mapping[str, Number], moves: Sequence[Move]) -> str:
    """What a button takes into the scenario."""
    return f"Sets {listed(f'{of_number(parameters[each.parameter])} {worded(parameters[each.parameter], each.to)}' for each in moves)}."


def said_of_front(points: Sequence[Point]) -> Titled:
    """What the picture of concession against patients shows, and of which of its points anything is proven."""
    proven = " Large points: proven that nothing gives as many for less." if any(each.proven and each.cost for each in points) else ""
    return Titled(
        FRONT_TITLE,
        f"Eligible of {patients(points[0].patients)} against what the moves hurt in all.",
        "A concession of 1 is one parameter from its value as written to its end, at the usual cost, along a logarithmic scale where it has one. "
        f"Line: the best found, small points by a greedy way or a search that was not finished.{proven}",
    )


def point_hover(parameters: Mapping[str, Number], point: Point) -> str:
    """The values at a point of the front, a line each."""
    values = [f"{of_number(parameters[each])} {worded(parameters[each], value)}" for each, value in point.values.items()]
    return "<br>".join([f"{count(point.eligible)} eligible for {concession(point.cost)}", *(each.replace("<", "&lt;") for each in values)])


def not_a_limit(parameter: Number, why: str) -> str:
    return f"{of_number(parameter)}, as far as: {why}. It stays as it was."


def stricter(parameter: Number, limit: float, now: float) -> str:
    """Why a limit on the wrong side of the value is none."""
    return f"{worded(parameter, limit)} is stricter than it is now, {worded(parameter, now)}; without its tick it stays there"


def not_what_it_hurts(parameter: Number, given: float | None, held: float) -> str:
    """Why a cost as typed cannot be taken; None where none was typed."""
    found = "nothing" if given is None else f"{given:g}"
    said = f"{of_number(parameter)}, hurts: {found} is no number above 0; it stays {held:g}."
    return f"{said} What hurts nothing would always be moved: give it a small number."


def step_hurts(parameter: Number, cost: float | None) -> str:
    """``0.1 mmol/L: 0.02``."""
    return "–" if cost is None else f"{worded(parameter, parameter.step)}: {cost:.2g}"


def limit_taken_as(parameter: Number, text: str, limit: float) -> list[str]:
    """What a limit between two steps became; nothing of one on a step."""
    if math.isinf(limit) or typed(text, parameter.unit) == limit:
        return []
    step = worded(parameter, parameter.step)
    return [f"{of_number(parameter)}, as far as: {text} lies between steps of {step}; it is taken as {worded(parameter, limit)}, no looser than typed."]
