"""Reaching a target by relaxing thresholds: the moves, what they hurt, and what is proven of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from feasibility.parameters import Number, typed, worded
from feasibility.protocol import Protocol
from feasibility.results.overview import Overview
from feasibility.results.relaxing import Least, Move, Point, Reached
from feasibility.results.requirements import Requirements
from feasibility.wording.criteria import of_number, value_of
from feasibility.wording.numbers import count, listed, patients, sentences, several, signed
from feasibility.wording.overlap import all_else_held
from feasibility.wording.titled import Titled
from feasibility.wording.tornado import TAKE, TAKEN_INTO

PATH_TITLE = "What to move, step by step"
FRONT_TITLE = "What more patients cost in concessions"
PROVEN_POINT, FOUND_POINT = "proven", "best found"
FRONT_AXES = ("what the moves hurt", "eligible")
SEARCHING = {each: f"Found at once; whether {what} enough is being searched …" for each, what in ((Least.CONCESSION, "less is"), (Least.MOVES, "fewer are"))}
NEEDED_LATER = "A step that brings 0 brings nobody by itself: those whom a later step brings need it too."
GREEDY_ORDER = "The order is greedy: next is the move that brings most for what it hurts; where they lead is the same in any order."
LEAST = {Least.CONCESSION: "Least concession", Least.MOVES: "Fewest moves"}
LEAST_EXPLAINED = "What the way to the target has least of: what its moves hurt in all, or how many parameters it moves, and of as few the least concession."
ASKING_NEEDS = "Asking what each patient would need …"
NOTHING_TO_RELAX = "No parameter that counts has a direction and room to move: there is nothing to relax."
NOTHING_ALLOWED = "Nothing may move: allow at least one parameter below."
HUNDREDTHS = 100  # of a concession, as it is said
ALLOWED_ROW = ("May move", "Parameter", "Now", "As far as", "Its end", "Unit", "Hurts", "One step hurts")
ALLOWED_EXPLAINED = {
    "May move": "Whether it may be relaxed at all.",
    "Now": "Its value in the scenario.",
    "As far as": "How far it may go, in its unit; “no limit” where it can be lifted.",
    "Its end": "Where its range ends in the direction in which it lets more patients pass.",
    "Hurts": "What it hurts to go from the value as written to its end. Each step of the way costs an equal share: of the logarithm where a threshold is drawn "
    "on a logarithmic scale, so that each halving or doubling costs the same. To lift a limit altogether costs one step more.",
    "One step hurts": "What the next step costs, from its value now; – where there is none but to lift the limit. With “log” each halving or doubling costs "
    "the same, so that steps further on cost more, or less.",
}
ALLOWED_SAID = Titled(
    "What may move, and what it hurts",
    "As usual, all the way from a parameter's value as written to its end hurts one, and each step its part of that (of its logarithm, where “log” stands); "
    "only those with a tick move.",
)
LET_NONE_MOVE, LET_MOVE_AS_USUAL, AS_USUAL_EXPLAINED = "Untick all", "As usual", "Every parameter to its end, each at the usual cost of one."
STEP_HEADS = ("Step", "Move", "Brings", "Eligible then", "Hurts", TAKEN_INTO)
CONCESSION_EXPLAINED = (
    "Hurts: a parameter's whole way from its value as written to its end counts as one, the usual cost; a part of the way counts as that part, a limit lifted "
    "as one step more. The concession is what the moves hurt in all."
)


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


def eligible_for(eligible: int, hurts: float) -> str:
    """``203 for 1.5``: how many are eligible for what concession."""
    return f"{count(eligible)} for {concession(hurts)}"


def concession(hurts: float) -> str:
    """``0.51``; of one that would be said to be none ``less than 0.01``."""
    return f"less than {1 / HUNDREDTHS:.2f}" if 0 < hurts < 0.5 / HUNDREDTHS else f"{hurts:,.2f}"


def target_reached(found: Reached, unit: int = 0, searching: bool = False) -> str:
    """Whether and how the target is reached, and what is proven of it; with markup.

    ``unit``: to which the counts are rounded; ``searching``: whether something better is still looked for.
    """
    wanted = f"{count(found.target)} eligible"
    if not found.within_reach:
        everything = f"with everything as far as allowed {count(found.eligible)} are eligible of {patients(found.patients)}"
        return f"**{wanted} is out of reach** by what may move: {everything}."
    if not found.moves:
        return f"**{wanted} is reached as it stands**: {count(found.eligible)}."
    moves = "1 move makes" if len(found.moves) == 1 else f"{count(len(found.moves))} moves make"
    as_shown = f", in counts rounded to {count(unit)}" if unit else ""
    how = f"**{moves} {count(found.eligible)} eligible** (target {count(found.target)}{as_shown}), for a concession of {concession(found.cost)}."
    if searching:
        return f"{how} {SEARCHING[found.least]}"
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
    start = worded(parameter, move.start) if math.isinf(move.to) else value_of(parameter, move.start)  # the unit stands once
    return count(number), f"{of_number(parameter)}: {start} → {worded(parameter, move.to)}", signed(move.gained), count(move.eligible), concession(move.cost)


def order_of_steps(found: Reached, unit: int) -> str:
    """In which order steps stand, and what one is for that brings nobody by itself; of that nothing where counts are rounded, by which a few are none."""
    greedy = GREEDY_ORDER if len(found.moves) > 1 else ""
    return sentences(greedy, NEEDED_LATER if not unit and any(not move.gained for move in found.moves) else "")


def conceded_already(hurts: float) -> str:
    """What the scenario concedes before anything of this is taken; nothing where that is nothing."""
    return f"The scenario itself concedes {concession(hurts)} beyond the protocol as written; what is said here comes on top." if hurts else ""


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
        f"Eligible of {patients(points[0].patients)} against what the moves hurt in all: as usual one parameter, all the way to its end, hurts one.",
        "The way is that from its value as written, along a logarithmic scale where it has one. "
        f"Line: the best found, small points by a greedy way over some of the values or a search that was not finished.{proven}",
    )


def point_hover(parameters: Mapping[str, Number], point: Point) -> str:
    """The values at a point of the front, a line each."""
    values = [f"{of_number(parameters[each])} {worded(parameters[each], value)}" for each, value in point.values.items()]
    proven = f", {PROVEN_POINT}" if point.proven and point.cost else ""
    return "<br>".join([f"{count(point.eligible)} eligible for {concession(point.cost)}{proven}", *(each.replace("<", "&lt;") for each in values)])


def not_a_limit(parameter: Number, why: str) -> str:
    return f"{of_number(parameter)}, as far as: {why}. It stays as it was."


def stricter(parameter: Number, limit: float, now: float) -> str:
    """Why a limit on the wrong side of the value is none."""
    return f"{worded(parameter, limit)} is stricter than it is now, {worded(parameter, now)}; without its tick it stays there"


def not_what_it_hurts(parameter: Number, given: float | None, held: float) -> str:
    """Why a cost as typed cannot be taken; None where none was typed."""
    found = "what was typed" if given is None else f"{given:g}"
    said = f"{of_number(parameter)}, hurts: {found} is no number above 0; it stays {held:g}."
    return f"{said} What hurts nothing would always be moved: give it a small number."


def step_hurts(parameter: Number, cost: float | None) -> str:
    """``0.1 mmol/L: 0.02``; ``10 mg/g: 0.0029 (log)`` where the steps further on cost more, or less."""
    return "–" if cost is None else f"{worded(parameter, parameter.step)}: {cost:.2g}{' (log)' if parameter.scale == 'log' else ''}"


def limit_taken_as(parameter: Number, text: str, limit: float) -> list[str]:
    """What a limit between two steps became; nothing of one on a step."""
    if math.isinf(limit) or typed(text, parameter.unit) == limit:
        return []
    step = worded(parameter, parameter.step)
    return [f"{of_number(parameter)}, as far as: {text} lies between steps of {step}; it is taken as {worded(parameter, limit)}, no looser than typed."]
