"""What the picture of two numbers at once says."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from feasibility.parameters import Direction, Number
from feasibility.results.overview import Overview
from feasibility.results.pairs import Grid
from feasibility.results.proportion import Proportion
from feasibility.wording.criteria import of_number, value_of
from feasibility.wording.ledger import rounded_to
from feasibility.wording.numbers import count, listed, patients, percent, percent_range, plain_for_figure, sentences, signed
from feasibility.wording.thresholds import at_value, read_as, who_is_counted
from feasibility.wording.titled import Titled

ONE_NUMBER_ONLY = "Only one number moves a criterion that counts: it stands under Thresholds."
ALONG, UP, TAKEN_ALREADY = "Along", "Up", "The scenario stands at both values."
FINDING_PAIR = "Looking for the two with the most to gain"
COUNTING_PAIR = "Counting every pair of values"


def title_of_pair(grid: Grid) -> str:
    return f"{listed(of_number(each) for each in grid.parameters)}, moved together"


def said_of_pair(overview: Overview, grid: Grid, unit: int) -> Titled:
    """What is said of two numbers: who is counted, of whom, under which reading; and at which values, and what the lines are."""
    screening = overview.screening
    held = ", ".join(filter(None, ("all else held", read_as(screening.protocol, screening.scenario, grid.criteria))))
    fewest, most = int(grid.possible.min()), int(grid.possible.max())
    open_ = f"; {count(fewest)} to {count(most)} are eligible or undetermined" if fewest < most else ""
    alike = f"All pairs shown {'are shown with' if unit else 'have'} as many eligible: {count(int(grid.eligible.max()))}{open_}."
    lines = "The stronger the colour, the more are eligible: on its stronger side of a line at least so many, drawn between counted cells."
    lines = lines if grid.targets else alike
    more = sentences(f"Each cell is counted.{_values_left_out(grid)}", lines, rounded_to(unit))
    return Titled(title_of_pair(grid), f"{who_is_counted(overview, unit)}; {held}.", more)


def _values_left_out(grid: Grid) -> str:
    """`` E5 LDL cholesterol below stands in steps of 0.5 mmol/L: values between are not shown, …``; nothing where every value has its cell."""
    said = [f"{of_number(each)} stands {at}" for each, stops in zip(grid.parameters, grid.stops, strict=True) if (at := in_steps(each, stops))]
    left_out = "values between are not shown, but for the ends of the range and the values as written and of the scenario"
    return f" {listed(said)}: {left_out}." if said else ""


def in_steps(parameter: Number, stops: Sequence[float]) -> str:
    """How the values shown of a number lie where not all are: ``in steps of 0.5 mmol/L``, ``at 25 of its values``; nothing where all are."""
    finite = [stop for stop in stops if math.isfinite(stop)]
    apart = [value_of(parameter, after - before) for before, after in pairwise(finite)]
    if all(each == value_of(parameter, parameter.step) for each in apart):
        return ""
    ((usual, number),) = Counter(apart).most_common(1)
    if parameter.scale == "log" or 2 * number <= len(apart):
        return f"at {count(len(finite))} of its values"
    return f"in steps of {usual} {parameter.unit}".rstrip()


def axis_of_pair(parameter: Number, stops: Sequence[float]) -> str:
    """``E5 LDL cholesterol below, in steps of 0.5 mmol/L (looser →)``, ``I4 UACR above, mg/g, at 25 of its values (← looser)``."""
    arrow = {Direction.UP: " (looser →)", Direction.DOWN: " (← looser)", None: ""}[parameter.loosens]
    steps = in_steps(parameter, stops)
    unit = "" if steps.startswith("in steps") else parameter.unit
    return ", ".join(filter(None, (of_number(parameter), unit, steps))) + arrow


def cell(grid: Grid, place: tuple[int, int]) -> str:
    """One pair of stops in words."""
    values = [at_value(parameter, stops[at]) for parameter, stops, at in zip(grid.parameters, grid.stops, place, strict=True)]
    eligible, possible = int(grid.eligible[place]), int(grid.possible[place])
    now = "the scenario" if place == grid.place(grid.scenario) else f"{signed(eligible - grid.base[0])} against the scenario"
    lines = [f"<b>{plain_for_figure(each)}</b>" for each in values] + [f"{count(eligible)} eligible of {patients(grid.patients)} ({now})"]
    low, high = Proportion(eligible, grid.patients, grid.unit).interval
    lines.append(f"{percent(Proportion(eligible, grid.patients).value)}, 95 % interval here {percent_range(low, high)}")
    return "<br>".join(lines + ([f"{count(possible)} eligible or undetermined"] if possible != eligible else []))


def take_pair(grid: Grid, place: tuple[int, int]) -> str:
    """On the button: ``Take both into the scenario: 180 eligible (+45)``; ``as many as now`` where nobody is gained or lost."""
    eligible = int(grid.eligible[place])
    change = eligible - grid.base[0]
    return f"Take both into the scenario: {count(eligible)} eligible ({signed(change) if change else 'as many as now'})"
