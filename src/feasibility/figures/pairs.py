"""A picture of two numbers moved at once: a cell for each pair of stops, darker the more are eligible, with lines at round numbers of patients."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import pairwise

import plotly.graph_objects as go

from feasibility import wording
from feasibility.figures.axes import places, span, ticks
from feasibility.figures.style import FONT, HEAD_SIZE, Palette, headed, sheet
from feasibility.parameters import Number
from feasibility.results.pairs import Grid

PIXELS, SAID_CHARACTERS = 530, 170
BELOW = 0.5  # patients: so far below its number a line runs, so that cells that hold as many are all on its one side
STRONGEST = "cc"  # the opacity of most eligible, in hex


def heat_map(grid: Grid, looked_at: tuple[float, float], title: str, said: str, palette: Palette) -> go.Figure:
    """The first number along, the second up; pressing a cell selects a point whose ``customdata`` is its place in both.

    The values as written and of the scenario are marked, and those ``looked_at``.
    """
    x, y = (places(parameter, stops) for parameter, stops in zip(grid.parameters, grid.stops, strict=True))
    counts = grid.eligible.T
    lines = textwrap.wrap(said, SAID_CHARACTERS)
    figure = go.Figure(layout=_layout(grid, title, lines, palette))
    scale = [(0, f"{palette.eligible}00"), (1, f"{palette.eligible}{STRONGEST}")]
    figure.add_heatmap(x=_edges(x), y=_edges(y), z=counts, zmin=0, zmax=max(int(counts.max()), 1), colorscale=scale, showscale=False, hoverinfo="skip")
    if targets := grid.targets:
        step = targets[1] - targets[0] if len(targets) > 1 else 1
        figure.add_contour(
            x=x,
            y=y,
            z=counts,
            contours={"coloring": "none", "start": targets[0] - BELOW, "end": targets[-1] - BELOW, "size": step, "showlabels": True, "labelformat": ",d",
                      "labelfont": {**FONT, "size": 14, "color": palette.text, "weight": "bold"}},
            line={"color": palette.text, "width": 1.25, "smoothing": 0},
            showscale=False,
            hoverinfo="skip",
        )  # fmt: skip
    pairs = [(one, other) for one in range(len(x)) for other in range(len(y))]
    unseen = {"marker": {"opacity": 0}}
    figure.add_scatter(
        x=[x[one] for one, _ in pairs],
        y=[y[other] for _, other in pairs],
        mode="markers",
        marker={"symbol": "square", "size": 12, "opacity": 0, "color": palette.eligible},
        selected=unseen,
        unselected=unseen,
        customdata=pairs,
        hoverinfo="text",
        hovertext=[wording.cell(grid, place) for place in pairs],
    )
    _marks(figure, grid, looked_at, palette)
    return figure


def _layout(grid: Grid, title: str, lines: list[str], palette: Palette) -> go.Layout:
    plain = {"fixedrange": True, "zeroline": False, "showgrid": False, "color": palette.muted, "automargin": True}
    return go.Layout(
        height=PIXELS,
        margin={"l": 8, "r": 8, "t": 34 + 17 * len(lines), "b": 8, "pad": 0},
        **sheet(palette),
        hovermode="closest",
        hoverdistance=-1,
        title=headed(title, lines, palette),
        xaxis={**plain, **_axis(grid.parameters[0], grid.stops[0])},
        yaxis={**plain, **_axis(grid.parameters[1], grid.stops[1])},
    )


def _axis(parameter: Number, stops: Sequence[float]) -> dict[str, object]:
    low, high = span(parameter)
    title = {"text": wording.plain_for_figure(wording.axis_of_pair(parameter, stops)), "standoff": 6, "font": {"size": FONT["size"]}}
    return {**ticks(parameter), "range": (low - 0.02, high + 0.02), "title": title}


def _edges(at: list[float]) -> list[float]:
    """The borders of cells about places: halfway between."""
    if len(at) == 1:
        return [at[0] - 0.5, at[0] + 0.5]
    halfway = [(one + other) / 2 for one, other in pairwise(at)]
    return [2 * at[0] - halfway[0], *halfway, 2 * at[-1] - halfway[-1]]


def _marks(figure: go.Figure, grid: Grid, looked_at: tuple[float, float], palette: Palette) -> None:
    """Where the protocol as written, the scenario and the pair looked at stand: each by a sign, a word and its number."""
    marks = [(grid.written, wording.BOTH_AS_WRITTEN, palette.text, "circle-open")]
    marks += [(grid.scenario, wording.SCENARIO_HERE, palette.changed, "diamond")] if grid.scenario != grid.written else []
    marks += [(looked_at, "", palette.text, "x-thin-open")] if looked_at not in (grid.written, grid.scenario) else []
    for pair, text, colour, symbol in marks:
        x, y = (places(parameter, [value])[0] for parameter, value in zip(grid.parameters, pair, strict=True))
        one, other = grid.place(pair)
        sign = {"symbol": symbol, "size": 13, "color": colour, "line": {"width": 3, "color": colour}}
        figure.add_scatter(x=[x], y=[y], mode="markers", hoverinfo="skip", marker=sign)
        figure.add_annotation(
            x=x,
            y=y,
            text=f"{text} <b>{wording.count(int(grid.eligible[one, other]))}</b>".strip(),
            showarrow=False,
            xanchor="right" if x > 0.85 else "left",
            yanchor="bottom" if y < 0.9 else "top",
            xshift=-8 if x > 0.85 else 8,
            yshift=4 if y < 0.9 else -4,
            bgcolor=palette.paper,
            opacity=0.9,
            borderpad=2,
            font={"size": HEAD_SIZE + 1, "color": colour},
        )
