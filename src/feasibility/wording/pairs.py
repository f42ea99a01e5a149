"""What the picture of two numbers at once says."""

from __future__ import annotations

from feasibility.parameters import Direction, Number
from feasibility.results.overview import Overview
from feasibility.results.pairs import Grid
from feasibility.results.proportion import Proportion
from feasibility.wording.criteria import of_number
from feasibility.wording.ledger import rounded_to
from feasibility.wording.numbers import count, listed, patients, percent, percent_range, plain_for_figure, sentences, signed
from feasibility.wording.thresholds import at_value, read_as, who_is_counted

ONE_NUMBER_ONLY = "Only one number moves a criterion that counts: it stands under Thresholds."
ALONG, UP, TAKEN_ALREADY = "Along", "Up", "The scenario stands at both values."
FINDING_PAIR = "Looking for the two with the most to gain"
COUNTING_PAIR = "Counting every pair of values"


def title_of_pair(grid: Grid) -> str:
    return f"{listed(of_number(each) for each in grid.parameters)}, moved together"


def said_of_pair(overview: Overview, grid: Grid, unit: int) -> str:
    """The sentence under the title of two numbers: who is counted, of whom, under which reading, and what the lines are."""
    screening = overview.screening
    held = ", ".join(filter(None, ("all else held", read_as(screening.protocol, screening.scenario, grid.criteria))))
    fewest, most = int(grid.possible.min()), int(grid.possible.max())
    open_ = f"; {count(fewest)} to {count(most)} are eligible or undetermined" if fewest < most else ""
    alike = f"All pairs {'are shown with' if unit else 'have'} as many eligible: {count(int(grid.eligible.max()))}{open_}."
    lines = "Lines part pairs with fewer eligible from pairs with more, drawn between counted cells; the stronger the colour, the more."
    lines = lines if grid.targets else alike
    return sentences(f"{who_is_counted(overview)}; {held}. Each cell is counted. {lines}", rounded_to(unit))


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
    low, high = Proportion(eligible, grid.patients, grid.unit).interval
    lines.append(f"{percent(Proportion(eligible, grid.patients).value)}, 95 % interval here {percent_range(low, high)}")
    return "<br>".join(lines + ([f"{count(possible)} eligible or undetermined"] if possible != eligible else []))


def take_pair(grid: Grid, place: tuple[int, int]) -> str:
    """On the button: ``Take both into the scenario: 180 eligible (+45)``; ``as many as now`` where nobody is gained or lost."""
    eligible = int(grid.eligible[place])
    change = eligible - grid.base[0]
    return f"Take both into the scenario: {count(eligible)} eligible ({signed(change) if change else 'as many as now'})"
