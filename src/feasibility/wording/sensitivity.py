"""What the pictures of thresholds, pairs of them and the tornado say."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum

from feasibility.parameters import WINDOW_UNITS, Direction, Number, Switch, worded
from feasibility.protocol import Protocol
from feasibility.results.curves import Curve
from feasibility.results.noise import Noise
from feasibility.results.overview import Overview
from feasibility.results.pairs import Grid
from feasibility.results.proportion import Proportion
from feasibility.results.tornado import Bar, End, Group, Tornado
from feasibility.scenario import Scenario, reading_id
from feasibility.variables import Catalogue
from feasibility.wording.criteria import label_of, value_of
from feasibility.wording.headline import on_criteria
from feasibility.wording.ledger import rounded_to
from feasibility.wording.numbers import NO_LIMIT, count, listed, patients, percent, percent_range, plain_for_figure, rate, several, signed

IF_ALL_PASS = "eligible or undetermined"
OR_UNDETERMINED, POSSIBLE_ABOVE = "or<br>undetermined", "↑ or<br>undetermined"
AS_WRITTEN_HERE, BOTH_AS_WRITTEN, SCENARIO_HERE = "value as written", "these two as written", "scenario"
NOTHING_COUNTS = "No criterion counts: all are off, or the data can show none of them. Everybody is eligible, and no threshold changes it."
NO_NUMBER_COUNTS = "No criterion that counts has a number that could be moved. Criteria are switched and read on the workbench."
CURVES_TITLE = "What each threshold could gain"
BACK_TO_ALL = "All thresholds"
CHOOSE_LARGE = "choose or press one to see it large"
STOP_SHOWN = "Value to look at"
ARE_HERE_ALREADY = "The scenario stands at this value."
NOISE_EXPLAINED = (
    "Eligible within one within-person variation of the threshold. Who would pass again reckons with regression to the mean: a next value is expected "
    "nearer to the mean of all patients. A value is taken for a single measurement, also where the rule takes the lowest of several. An estimate (eGFR) "
    "varies by as much as its equation makes of the variation of what is measured."
)
TORNADO_TITLE = "What moves the number eligible, one change at a time"
GROUPS = {Group.REMOVED: "Criterion off", Group.RANGE: "Number at another value", Group.READING: "Read another way"}
ALL_BARS = "All bars"
COUNTING_BARS = "Counting what each reading would change"
ONE_NUMBER_ONLY = "Only one number moves a criterion that counts: it stands under Thresholds."
ALONG, UP, TAKEN_ALREADY = "Along", "Up", "The scenario stands at both values."
FINDING_PAIR = "Looking for the two with the most to gain"
COUNTING_PAIR = "Counting every pair of values"
POINTWISE = "Bands: 95 % Wilson intervals at each value by itself (pointwise), not for the curve as a whole."
HONEST = "The wide band reaches from the lower bound if nobody undetermined passes to the upper bound if all do."


def of_number(parameter: Number) -> str:
    """``E5 LDL cholesterol below``; a shared one by its label alone."""
    owner, dot, _ = parameter.name.partition(".")
    return f"{owner} {parameter.label}" if dot else parameter.label


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


def who_is_counted(overview: Overview) -> str:
    """What eligible means in a picture, and out of how many."""
    return f"Patients who pass every criterion that counts, of {count(overview.tally.patients)} ({on_criteria(overview)})"


def said_of_curves(overview: Overview, unit: int) -> str:
    """The sentence under the title of all thresholds."""
    return _sentences(
        f"{who_is_counted(overview)}, all else as in the scenario, one number moved at a time. The most to gain first.",
        rounded_to(unit),
    )


def title_of_curve(curve: Curve) -> str:
    return f"{of_number(curve.parameter)}: who would be eligible"


def said_of_curve(overview: Overview, curve: Curve, unit: int) -> str:
    """The sentence under the title of one threshold: who is counted, of whom, under which reading, and what the bands are."""
    screening = overview.screening
    held = ", ".join(filter(None, ("all else held", read_as(screening.protocol, screening.scenario, curve.criteria))))
    honest = HONEST if (curve.possible != curve.eligible).any() else ""
    return _sentences(f"{who_is_counted(overview)}; {held}.", POINTWISE, honest, rounded_to(unit))


def most_gained(curve: Curve) -> str:
    """``+62 at 6.5 mmol/L``: the value nearest to the scenario's at which there is no more to gain."""
    if not curve.most_to_gain:
        return "nobody to gain"
    return f"{signed(curve.most_to_gain)} at {worded(curve.parameter, curve.stops[curve.best])}"


def tile(curve: Curve) -> str:
    """All of a small picture in words."""
    parameter = curve.parameter
    eligible, possible = curve.base
    changed = f", as written {worded(parameter, curve.written)}" if curve.scenario != curve.written else ""
    low, high = curve.worst, curve.best
    return "<br>".join(
        (
            f"<b>{plain_for_figure(of_number(parameter))}</b>, {worded(parameter, curve.stops[0])} to {worded(parameter, curve.stops[-1])}",
            f"now {worded(parameter, curve.scenario)}{changed}: {count(eligible)} eligible, {count(possible)} with the undetermined",
            f"most eligible {count(int(curve.eligible[high]))} at {worded(parameter, curve.stops[high])}",
            f"fewest {count(int(curve.eligible[low]))} at {worded(parameter, curve.stops[low])}",
            "press to see it large",
        )
    )


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
    """``down to 500 mg/g: +5``, ``to 19 mL/min: +3, 3 per mL/min``: what the next move gains, counted where it leads; nothing at the last stop."""
    move = curve.onwards[place]
    if move is None:
        return ""
    way = ("down " if move.stop < curve.stops[place] else "up ") if curve.by_ratio else ""
    said = f"{way}to {worded(curve.parameter, move.stop)}: {signed(move.gained)}"
    if curve.by_ratio or not move.gained or not curve.parameter.unit or move.per_unit is None:
        return said
    unit = curve.parameter.unit.removesuffix("s") if curve.parameter.unit in WINDOW_UNITS else curve.parameter.unit
    return f"{said}, {'−' if move.gained < 0 else ''}{abs(move.per_unit):,.3g} per {unit}"


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


def title_of_pair(grid: Grid) -> str:
    return f"{listed(of_number(each) for each in grid.parameters)}, moved together"


def said_of_pair(overview: Overview, grid: Grid, unit: int) -> str:
    """The sentence under the title of two numbers: who is counted, of whom, under which reading, and what the lines are."""
    screening = overview.screening
    held = ", ".join(filter(None, ("all else held", read_as(screening.protocol, screening.scenario, grid.criteria))))
    alike = "All pairs are shown with as many eligible." if unit else "All pairs have as many eligible."
    lines = "Lines join pairs with as many eligible; the stronger the colour, the more." if grid.targets else alike
    return _sentences(f"{who_is_counted(overview)}; {held}. Each cell is counted. {lines}", rounded_to(unit))


def axis_of_pair(parameter: Number) -> str:
    """``E5 LDL cholesterol below, mmol/L (looser →)``."""
    arrow = {Direction.UP: " (looser →)", Direction.DOWN: " (← looser)", None: ""}[parameter.loosens]
    return of_number(parameter) + (f", {parameter.unit}" if parameter.unit else "") + arrow


def cell(grid: Grid, place: tuple[int, int]) -> str:
    """One pair of stops in words."""
    values = [at_value(parameter, stops[at]) for parameter, stops, at in zip(grid.parameters, grid.stops, place, strict=True)]
    eligible, possible = int(grid.eligible[place]), int(grid.possible[place])
    now = "the scenario" if place == grid.place(grid.scenario) else f"{signed(eligible - grid.base[0])} against the scenario"
    lines = [f"<b>{plain_for_figure(each)}</b>" for each in values] + [f"{count(eligible)} eligible of {patients(grid.patients)} ({now})"]
    low, high = Proportion(eligible, grid.patients).interval
    lines.append(f"{percent(Proportion(eligible, grid.patients).value)}, 95 % interval here {percent_range(low, high)}")
    return "<br>".join(lines + ([f"{count(possible)} eligible or undetermined"] if possible != eligible else []))


def take_pair(grid: Grid, place: tuple[int, int]) -> str:
    """On the button: ``Take both into the scenario: 180 eligible (+45)``."""
    eligible = int(grid.eligible[place])
    return f"Take both into the scenario: {count(eligible)} eligible ({signed(eligible - grid.base[0])})"


def said_of_tornado(overview: Overview, unit: int) -> str:
    """The sentence under the title of the tornado."""
    return _sentences(
        f"{who_is_counted(overview)}, one thing changed and all else as in the scenario. Left of the line lost, right of it gained (of a reading or a "
        "window, which may do both, the difference); thin lines, grey from the "
        "lower end, reach to those eligible or undetermined then, whose number stands at the right: who cannot be judged is not lost. A number goes to either "
        "end of its range; one without a looser side, such as a window, to its worst and its best value.",
        rounded_to(unit),
    )


def eligible_now(number: int) -> str:
    return f"<b>{count(number)} eligible now</b>"


def possible_now(number: int) -> str:
    return f"{IF_ALL_PASS}: <b>{count(number)} now</b>"


def what_of(bar: Bar, protocol: Protocol) -> str:
    """What a bar changes: ``E5 LDL cholesterol below, mmol/L``, ``I4 mean of collections``, ``E3 with infarction``; a shared number without an id."""
    owner = f"{bar.criteria[0]} " if len(bar.criteria) == 1 else ""
    parameter = None if bar.parameter is None else protocol.parameters[bar.parameter]
    match parameter:
        case None:
            return owner + bar.what
        case Number():
            return owner + label_of(parameter)
        case Switch():
            return owner + switched(bar.what, Turned.ON if bar.ends[0].value else Turned.OFF)
        case _:
            return f"{owner}{bar.what}: {bar.ends[0].value}"


class Turned(StrEnum):
    """Which way a switch is turned."""

    ON = "with"
    OFF = "without"


def switched(label: str, turned: Turned) -> str:
    """A switch turned, by its label: ``with myocardial infarction`` of ``etc.: myocardial infarction``, ``UACR no longer counts`` of ``UACR counts``."""
    _, _, what = label.rpartition(": ")
    what, space, last = what.removeprefix(f"{Turned.ON} ").rpartition(" ")
    if last in ("count", "counts"):
        return f"{what} {last}" if turned is Turned.ON else f"{what} no longer {last}"
    return f"{turned} {what}{space}{last}"


def lost_by(bar: Bar) -> str:
    """Beside the bar's left end: ``−81 at 2.6``; nothing where nobody is lost."""
    return _change(bar, bar.low) if bar.low.eligible < bar.base.eligible else ""


def gained_by(bar: Bar) -> str:
    """Beside the bar's right end: ``+62 at 6.5``; nothing where nobody is gained."""
    return _change(bar, bar.high) if bar.high.eligible > bar.base.eligible else ""


def cut_by(change: str) -> str:
    """Beside a bar that is cut at the edge: ``+1,038, cut``."""
    return f"{change}, cut"


def bar(bar: Bar, tornado: Tornado, protocol: Protocol) -> str:
    """One bar in words."""
    lines = [f"<b>{plain_for_figure(what_of(bar, protocol))}</b>", f"now {count(bar.base.eligible)} eligible, {count(bar.base.possible)} with the undetermined"]
    for end in bar.ends:
        where = "switched off" if bar.group is Group.REMOVED else f"at {_end(end)}" if bar.group is Group.RANGE else "read so"
        change = signed(end.eligible - bar.base.eligible) + _traded(end)
        lines.append(f"{plain_for_figure(where)}: {count(end.eligible)} eligible ({change}), {count(end.possible)} with the undetermined")
    return "<br>".join((*lines, f"of {patients(tornado.patients)}"))


def _traded(end: End) -> str:
    """``: 1 gained, 103 lost``; nothing where it is only one of the two."""
    return f": {count(end.traded.gained)} gained, {count(end.traded.lost)} lost" if end.traded is not None and end.traded.gained and end.traded.lost else ""


def fewer_bars(tornado: Tornado, shown: Sequence[Bar], idle: int, unit: int) -> str:
    """What the picture leaves out; nothing where it has all."""
    more = len(tornado.bars) - len(shown) - idle
    said = [f"{several(more, 'change')} that {'moves' if more == 1 else 'move'} fewer patients"] if more else []
    as_many = f"as many eligible{' as shown' if unit else ''}, and no more who may be"
    said += [f"{several(idle, 'change')} that {'leaves' if idle == 1 else 'leave'} {as_many}"] if idle else []
    return f"Not drawn: {listed(said)}." if said else ""


def _change(bar: Bar, end: End) -> str:
    return signed(end.eligible - bar.base.eligible) + (f" at {_end(end)}" if bar.group is Group.RANGE else "")


def _end(end: End) -> str:
    assert isinstance(end.value, (int, float))
    return NO_LIMIT if math.isinf(end.value) else f"{end.value:,g}"


def noise_number(found: Noise) -> str:
    """``59 of 135``."""
    return f"{count(found.near)} of {count(found.beyond)}"


def noise(found: Noise, catalogue: Catalogue) -> str:
    """How many eligible lie near the threshold, how many would pass again, and where the variation within a person is from."""
    known = f", {count(found.beyond)} pass by an exactly known value; of these" if found.beyond != found.eligible else ","
    of = f"Of {several(found.eligible, 'eligible patient')}{known}"
    verb = "is" if found.near == 1 else "are"
    return (
        f"{of} {count(found.near)} {verb} within one within-person variation of the threshold where the scenario has it "
        f"({worded(found.parameter, found.threshold)}); if all {count(found.beyond)} were measured again, about {count(round(found.again))} would be expected "
        f"to pass again. {_varying(found, catalogue)}"
    )


def _varying(found: Noise, catalogue: Catalogue) -> str:
    """``Serum creatinine varies within a person by 6 % (from memory: confirm before citing).``; of an estimate, how that goes into it."""
    sources = {name: each.source if each.verified else f"{each.source}: confirm before citing" for name, each in found.measured.items()}
    said = listed(f"{catalogue[name].label} varies within a person by {rate(each.cv)} ({sources[name]})" for name, each in found.measured.items())
    if not found.computed:
        return f"{said}."
    if len(found.measured) == 1:
        return f"{said}; the estimate is computed from it, all else of the patient as it is."
    return f"{said}; the estimate is computed from these, taken to vary independently, all else of the patient as it is."


def _sentences(*parts: str) -> str:
    return " ".join(filter(None, parts))
