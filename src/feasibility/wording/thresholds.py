"""What the pictures of thresholds say: all of them small, one of them large, and its noise."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

from feasibility.parameters import Direction, Number, unit_for, worded
from feasibility.protocol import Protocol
from feasibility.results.curves import Curve
from feasibility.results.noise import FEWEST as FEWEST_OF_OTHERS
from feasibility.results.noise import Noise
from feasibility.results.overview import Overview
from feasibility.results.proportion import Proportion
from feasibility.rules.nodes import Ref, Window, walk
from feasibility.scenario import Scenario, reading_id
from feasibility.variables import Catalogue
from feasibility.wording.criteria import of_number, value_of
from feasibility.wording.headline import on_criteria
from feasibility.wording.ledger import rounded_to
from feasibility.wording.numbers import count, listed, patients, percent, percent_range, plain_for_figure, rate, sentences, several, signed
from feasibility.wording.titled import Titled

IF_ALL_PASS = "eligible or undetermined"
OR_UNDETERMINED, POSSIBLE_ABOVE = "or<br>undetermined", "↑ or<br>undetermined"
AS_WRITTEN_HERE, BOTH_AS_WRITTEN, SCENARIO_HERE = "value as written", "these two as written", "scenario"
NOTHING_COUNTS = "No criterion counts: all are off, or the data can show none of them. Everybody is eligible, and no threshold changes it."
NO_NUMBER_COUNTS = "No criterion that counts has a number that could be moved. Criteria are switched and read on the workbench."
CURVES_TITLE = "What each threshold could gain"
NOBODY_AT_ANY_VALUE = (
    "Nobody is eligible at any value of any one of them. The pictures show who would be if all the undetermined passed; the less of its data a value looks at, "
    "the more are undetermined."
)
BACK_TO_ALL = "All thresholds"
CHOOSE_LARGE = "choose or press one to see it large"
STOP_SHOWN = "Value to look at"
ARE_HERE_ALREADY = "The scenario stands at this value."
NOISY, MOST_NOISY = "≈", 12  # the mark of a threshold that has noise, and how many are named
NOISE_WHEN_PRESSED = f"{NOISY} shows noise when pressed: who might fail measured again"
NOISE_OF_NOBODY = "No eligible patient has an exactly known value on the passing side of this threshold: how near to it they lie is not known."
NOISE_OF_TOO_FEW = "How near to the threshold so few eligible lie is not said while small counts are hidden."
NOISE_EXPLAINED = (
    "Eligible within one within-person variation of the threshold: their value is at most so many times as large or as small as one standard deviation of its "
    "logarithm makes it (a CV of 49 % makes it 1.59 times). Who would pass again reckons with regression to the mean. A value is taken for a single "
    "measurement, also where the rule takes the lowest of several. An estimate (eGFR) varies by as much as its equation makes of the variation of what is "
    "measured."
)
BANDS = "the bands are 95 % intervals, pointwise"
POINTWISE = "Bands: Wilson intervals at each value by itself, not for the curve as a whole."
HONEST = "The wide band reaches from the lower bound if nobody undetermined passes to the upper bound if all do."


def at_value(parameter: Number, value: float) -> str:
    """``E5 LDL cholesterol below 4.5 mmol/L``."""
    return f"{of_number(parameter)}: no limit" if math.isinf(value) else f"{of_number(parameter)} {worded(parameter, value)}"


def read_as(protocol: Protocol, scenario: Scenario, criteria: Iterable[str]) -> str:
    """``E5 read as “triglycerides or LDL”``: of the criteria that may be read in several ways how they are; nothing where there are none."""
    said = []
    for each in criteria:
        used = reading_id(protocol, scenario, each)
        if used is not None and len(protocol[each].readings) > 1:
            said.append(f"{each} read as “{protocol[each].reading(used).label}”")
    return listed(said) if said else ""


def who_is_counted(overview: Overview, unit: int) -> str:
    """What eligible means in a picture, out of how many, and to what counts are rounded."""
    rounding = f"; counts rounded to {count(unit)}" if unit else ""
    return f"Patients who pass every criterion that counts, of {count(overview.tally.patients)} ({on_criteria(overview)}{rounding})"


def said_of_curves(overview: Overview, unit: int) -> Titled:
    """What is said of all thresholds."""
    counted = f"{who_is_counted(overview, unit)}, all else as in the scenario, one number moved at a time, the most to gain first."
    return Titled(CURVES_TITLE, counted, rounded_to(unit))


def title_of_curve(curve: Curve) -> str:
    return f"{of_number(curve.parameter)}: who would be eligible"


def said_of_curve(overview: Overview, curve: Curve, unit: int) -> Titled:
    """What is said of one threshold: who is counted, of whom, under which reading; and at which values, and what the bands are."""
    screening = overview.screening
    held = ", ".join(filter(None, ("all else held", read_as(screening.protocol, screening.scenario, curve.criteria))))
    honest = HONEST if (curve.possible != curve.eligible).any() else ""
    asked = nothing_asked(curve, [window for each in curve.criteria for window in _windows(screening.protocol, screening.scenario, each, curve.name)])
    apart = counted_apart(curve)
    more = sentences(f"{apart[:1].upper()}{apart[1:]}." if apart else "", asked, POINTWISE, honest, rounded_to(unit))
    return Titled(title_of_curve(curve), f"{who_is_counted(overview, unit)}; {held}; {BANDS}.", more)


def counted_apart(curve: Curve) -> str:
    """``counted at values 13 days apart: …``; nothing where no value of its range is passed over."""
    finite = [stop for stop in curve.stops if math.isfinite(stop)]
    widest = max((after - before for before, after in pairwise(finite)), default=0.0)
    if round(widest / curve.parameter.step) <= 1:
        return ""
    where = "at some of its values" if curve.by_ratio else f"at values {worded(curve.parameter, widest)} apart"
    return f"counted {where}: as many may be reached at a nearer one between"


def _windows(protocol: Protocol, scenario: Scenario, criterion_id: str, name: str) -> list[Window]:
    """The windows of a criterion, as it is read, whose length a number is."""
    used = reading_id(protocol, scenario, criterion_id)
    rules = [] if used is None else [rule for limb in protocol[criterion_id].reading(used).limbs for rule in (limb.rule, limb.unless) if rule is not None]
    return [node for rule in rules for node in walk(rule) if isinstance(node, Window) and node.length == Ref(name)]


def nothing_asked(curve: Curve, windows: Sequence[Window]) -> str:
    """At which of its stops a number looks at nothing; nothing where there is none. ``windows``: those whose length it is."""
    if windows and not curve.stops[0] and not any(window.closed for window in windows):
        return f"At {worded(curve.parameter, 0)} no day is looked at, so that nothing can be found then."
    if not windows and any(map(math.isinf, curve.stops)):
        return "Without a limit it holds nobody back, nor whoever has no value."
    return ""


WITH_THE_OTHER = "and with the other number as loose as it goes"


def lets_in_unknown(parameters: Sequence[Number], beside: str = "") -> str:
    """Which numbers let in, once lifted, whoever has no value; ``beside`` what else is so then. Nothing where none does."""
    then = f", {beside}," if beside else ","
    return f"With no limit{then} patients with no value at all pass too: {listed(of_number(each) for each in parameters)}." if parameters else ""


def most_gained(curve: Curve) -> str:
    """``+62 at 6.5 mmol/L``: the value nearest to the scenario's with no more to gain; with nobody eligible at any, ``≤ +62 at …`` possible."""
    if not curve.most_to_gain:
        if curve.eligible.any() or not curve.most_possible_to_gain:
            return "alone it gains nobody"
        return f"≤ {signed(curve.most_possible_to_gain)} at {worded(curve.parameter, curve.stops[curve.best_possible])}"
    return f"{signed(curve.most_to_gain)} at {worded(curve.parameter, curve.stops[curve.best])}"


def noisy_thresholds(parameters: Sequence[Number]) -> str:
    """Which thresholds also show their noise where they stand large; nothing where none does."""
    if not parameters:
        return ""
    more = [f"{several(len(parameters) - MOST_NOISY, 'more threshold')}"] if len(parameters) > MOST_NOISY else []
    named = listed([*map(of_number, parameters[:MOST_NOISY]), *more])
    return f"{NOISY} Pressed or chosen, it also shows how many eligible lie so near to it that measured again they might fail: {named}."


def head_of_tile(curve: Curve, *, is_noisy: bool) -> str:
    """Above a small picture: the threshold, with a mark where it has noise to show."""
    return f"{NOISY if is_noisy else ''} {of_number(curve.parameter)}".strip()


def tile(curve: Curve, *, is_noisy: bool = False) -> str:
    """All of a small picture in words."""
    parameter = curve.parameter
    eligible, possible = curve.base
    changed = f", as written {worded(parameter, curve.written)}" if curve.scenario != curve.written else ""
    low, high, further = curve.worst, curve.best, onwards(curve, curve.place(curve.scenario))
    return "<br>".join(
        filter(
            None,
            (
                f"<b>{plain_for_figure(of_number(parameter))}</b>, {worded(parameter, curve.stops[0])} to {worded(parameter, curve.stops[-1])}",
                f"now {worded(parameter, curve.scenario)}{changed}: {count(eligible)} eligible, {count(possible)} with the undetermined",
                f"from there {further}" if further else "",
                f"most eligible {count(int(curve.eligible[high]))} at {worded(parameter, curve.stops[high])}",
                _most_possible(curve) if not curve.eligible.any() else "",
                f"fewest {count(int(curve.eligible[low]))} at {worded(parameter, curve.stops[low])}",
                counted_apart(curve),
                "press to see it large" + (", and how many eligible lie so near to it that measured again they might fail" if is_noisy else ""),
            ),
        )
    )


def _most_possible(curve: Curve) -> str:
    most = curve.best_possible
    return f"most with the undetermined {count(int(curve.possible[most]))} at {worded(curve.parameter, curve.stops[most])}"


def heights(top: int) -> str:
    """On what scale small pictures stand."""
    return f"each from 0 to {patients(top)}, cut above; the ends of its range beneath"


def end_of_axis(parameter: Number, value: float) -> str:
    """``3,000``, or ``∞`` without a limit: beneath a small picture there is room for a few signs."""
    return f"{'−' if value < 0 else ''}∞" if math.isinf(value) else value_of(parameter, value)


def named_above(eligible: int, possible: int | None) -> str:
    """Above an upright line: how many are eligible there, and the possible where their curve has left the picture."""
    return f"<b>{count(eligible)}</b>" + ("" if possible is None else f", up to {count(possible)}")


def above_the_picture(curve: Curve, top: float) -> str:
    """``┈ eligible or undetermined, 121 to 190: above the picture, which is fitted to the eligible``."""
    above = curve.possible[curve.possible > top]
    low, high = int(above.min()), int(above.max())
    return f"┈ {IF_ALL_PASS}, {count(low)}{f' to {count(high)}' if high != low else ''}: above the picture, which is fitted to the eligible"


def level(curves: Sequence[Curve], unit: int) -> str:
    """Which numbers change nothing, or nothing of what is shown; nothing where there are none."""
    if not curves:
        return ""
    are = "are shown as eligible" if unit else "are eligible"
    return f"As many {are} at every value counted of: {listed(of_number(each.parameter) for each in curves)}."


def counting(curve: str, place: int, of: int) -> str:
    return f"Counting {place + 1} of {of}: {curve}"


def loosening(curve: Curve) -> str:
    """Which way the axis loosens: ``looser →``; nothing where it has no direction."""
    return {Direction.UP: "looser →", Direction.DOWN: "← looser", None: ""}[curve.loosens]


def onwards(curve: Curve, place: int) -> str:
    """What the next move gains, counted where it leads; nothing at the last stop.

    ``to 19 mL/min: +3, 3 per mL/min``; on a logarithmic scale by the power of ten next below the way: ``down to 500 mg/g: +5, 1 per 100 mg/g``.
    """
    move = curve.onwards[place]
    if move is None:
        return ""
    way = ("down " if move.stop < curve.stops[place] else "up ") if curve.by_ratio else ""
    said = f"{way}to {worded(curve.parameter, move.stop)}: {signed(move.gained)}"
    if not move.gained or not curve.parameter.unit or move.per_unit is None:
        return said
    amount = 10 ** math.floor(math.log10(move.units)) if curve.by_ratio else 1
    number = "" if amount == 1 else f"{amount:,.12g} "
    return f"{said}, {'−' if move.gained < 0 else ''}{abs(move.per_unit) * amount:,.3g} per {number}{unit_for(curve.parameter.unit, amount)}"


def stop_of_curve(curve: Curve, place: int) -> str:
    """One stop of a curve in words."""
    eligible, possible, low, high = int(curve.eligible[place]), int(curve.possible[place]), *(band[place] for band in curve.band)
    change = eligible - curve.base[0]
    against = f" ({signed(change)} against the scenario)" if curve.stops[place] != curve.scenario else " (the scenario)"
    lines = [
        f"<b>{plain_for_figure(at_value(curve.parameter, curve.stops[place]))}</b>",
        f"{count(eligible)} eligible of {patients(curve.patients)}{against}",
        f"{percent(Proportion(eligible, curve.patients).value)}, 95 % interval here {percent_range(low, high)}",
    ]
    if possible != eligible:
        lines.append(f"{count(possible)} eligible or undetermined; with both, {percent_range(curve.honest_band[0][place], curve.honest_band[1][place])}")
    return "<br>".join(filter(None, (*lines, onwards(curve, place))))


def take_stop(curve: Curve, place: int) -> str:
    """On the button: ``Take 4.5 mmol/L into the scenario (+20)``."""
    return f"Take {worded(curve.parameter, curve.stops[place])} into the scenario ({signed(int(curve.eligible[place]) - curve.base[0])})"


def noise_number(found: Noise) -> str:
    """``59 of 135``."""
    return f"{count(found.near)} of {count(found.beyond)}"


def noise(found: Noise, catalogue: Catalogue) -> str:
    """At which value how many eligible lie near, how many would pass again, by whose mean, and where the variation within a person is from."""
    known = f", {count(found.beyond)} pass by an exactly known value; of these" if found.beyond != found.eligible else ","
    of = f"At {worded(found.parameter, found.threshold)}, the scenario's value: of {several(found.eligible, 'eligible patient')}{known}"
    verb = "is" if found.near == 1 else "are"
    again = round(found.again)
    failing = "" if found.reference is None else f" and {count(found.beyond - again)} to fail it"  # a difference of rounded numbers says nothing
    return (
        f"{of} {count(found.near)} {verb} within one within-person variation of the threshold. If all {count(found.beyond)} were measured again, about "
        f"{count(again)} would be expected to pass this threshold{failing}: {_nearer_to(found)}. {_varying(found, catalogue)}"
    )


def _nearer_to(found: Noise) -> str:
    """Whose mean a next value is expected nearer to, and of how many; without numbers of them while small counts are hidden."""
    if found.of_others:
        those = "those" if found.reference is None else f"the {count(found.reference)}"
        return f"a next value tends towards the mean, here of {those} with an exactly known value who pass all other criteria"
    everybody, few = ("all", "few") if found.reference is None else (f"all {count(found.reference)}", f"fewer than {FEWEST_OF_OTHERS}")
    return f"a next value tends towards the mean, here of {everybody} with an exactly known value, for {few} of them pass all other criteria"


def _varying(found: Noise, catalogue: Catalogue) -> str:
    """``Serum creatinine varies within a person by 6 % (from memory: confirm before citing).``; of an estimate, how that goes into it."""
    sources = {name: each.source if each.verified else f"{each.source}: confirm before citing" for name, each in found.measured.items()}
    said = listed(f"{catalogue[name].label} varies within a person by {rate(each.cv)} ({sources[name]})" for name, each in found.measured.items())
    if not found.computed:
        return f"{said}."
    if len(found.measured) == 1:
        return f"{said}; the estimate is computed from it, all else of the patient as it is."
    return f"{said}; the estimate is computed from these, taken to vary independently, all else of the patient as it is."
