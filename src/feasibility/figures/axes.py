"""Axes for the stops of a number: where each stands, and which values are written along them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from feasibility import wording
from feasibility.parameters import Number, Unbounded, snap
from feasibility.results.distributions import Axis

BEYOND = 0.08  # of the axis: how far past its end "no limit" stands
MOST_TICKS = 9
ROUND = (1, 2, 5)


def places(parameter: Number, values: Sequence[float]) -> list[float]:
    """Where values lie on the parameter's own scale, its range being 0 to 1; without a limit a little past its end."""
    axis, past = Axis(parameter.min, parameter.max, 1, parameter.scale == "log"), {math.inf: 1 + BEYOND, -math.inf: -BEYOND}
    return [past[each] if math.isinf(each) else round(axis.place(each), 5) for each in values]


def span(parameter: Number) -> tuple[float, float]:
    """From where to where the axis goes, with no limit where it may be lifted."""
    return (-BEYOND if parameter.unbounded is Unbounded.DOWN else 0.0), (1 + BEYOND if parameter.unbounded is Unbounded.UP else 1.0)


def ticks(parameter: Number, most: int = MOST_TICKS) -> dict[str, list[float] | list[str]]:
    """Round values along the axis, and no limit where it may be lifted, as Plotly takes them."""
    values = [each for each in _round_values(parameter, most) if snap(parameter, each) == each and parameter.min <= each <= parameter.max]
    lifted = {Unbounded.UP: [math.inf], Unbounded.DOWN: [-math.inf], None: list[float]()}[parameter.unbounded]
    shown = [*values, *lifted]
    return {"tickvals": places(parameter, shown), "ticktext": [wording.value_of(parameter, each) for each in shown]}


def _round_values(parameter: Number, most: int) -> list[float]:
    low, high = parameter.min, parameter.max
    if parameter.scale == "log":
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        return [float(f"{each}e{power}") for power in powers for each in ROUND]
    steps = (float(f"{each}e{power}") for power in range(-6, 12) for each in ROUND)
    step = next(each for each in steps if each >= parameter.step and (high - low) / each <= most)
    return [round(place * step, 9) for place in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
