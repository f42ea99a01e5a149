"""Pictures of the data themselves: a variable's values with its ranges and the protocol's thresholds, all together and site by site."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from feasibility import wording
from feasibility.figures.style import FONT, HEAD_SIZE, Palette
from feasibility.quality.spread import Distribution, Named
from feasibility.quality.thresholds import Threshold
from feasibility.results.disclosure import Rounding
from feasibility.results.distributions import Axis
from feasibility.variables import Variable

BARS_PIXELS, SITE_PIXELS, EDGES = 190, 20, 62
MOST_SITES = 12
CLOSE = 0.06  # of the axis: labels of thresholds nearer than this stand above one another
STEP_UP = 15  # pixels


def height(sites: int) -> int:
    """Pixels for a distribution with so many sites beneath it."""
    return BARS_PIXELS + EDGES + SITE_PIXELS * sites


def distribution(
    shown: Distribution, variable: Variable, thresholds: Sequence[Threshold], sites: Sequence[str], rounding: Rounding, palette: Palette
) -> go.Figure:
    """Grey bars over the axis; the usual range shaded, the ends of the possible range and the thresholds as lines; a strip a site beneath."""
    edges = _edges(shown.axis)
    counts = rounding.counts(shown.counts)
    figure = go.Figure(layout=_layout(palette, len(sites)))
    middles = np.sqrt(edges[:-1] * edges[1:]) if shown.axis.log else (edges[:-1] + edges[1:]) / 2
    said = [f"{low:.4g} to {high:.4g}: {wording.count(int(number))}" for low, high, number in zip(edges[:-1], edges[1:], counts, strict=True)]
    figure.add_bar(x=middles, y=counts, width=np.diff(edges), marker={"color": palette.muted, "line": {"width": 0}}, hovertext=said, hoverinfo="text")
    span = [float(edges[0]), float(edges[-1])]
    figure.update_xaxes(
        type="log" if shown.axis.log else "linear",
        range=list(np.log10(span)) if shown.axis.log else span,
        title={"text": wording.plain_for_figure(wording.in_unit(variable)), "standoff": 4, "font": {"size": HEAD_SIZE}},
    )
    if shown.axis.log:
        figure.update_xaxes(dtick=1, minor={"dtick": "D1"}, exponentformat="none")
    if variable.soft is not None:
        low, high = max(variable.soft[0], span[0]), min(variable.soft[1], span[1])
        figure.add_shape(
            type="rect", x0=low, x1=high, y0=0, y1=1, yref="y domain", fillcolor=palette.eligible, opacity=0.1, line={"width": 0}, layer="below"
        )
    for end in variable.hard or ():
        if span[0] <= end <= span[1]:
            _upright(figure, end, "y domain", {"color": palette.muted, "width": 1.5, "dash": "dot"})
    _lines(figure, [each for each in thresholds if span[0] <= each.value <= span[1]], shown.axis, palette)
    _strips(figure, middles, shown.by_site, sites, rounding, palette)
    return figure


def named(shown: Named, sites: Sequence[str], rounding: Rounding, palette: Palette) -> go.Figure:
    """A grey bar for each value that is named, with its number; a strip a site beneath."""
    counts = rounding.counts(shown.counts)
    labels = [wording.plain_for_figure(label) for label in shown.labels]
    figure = go.Figure(layout=_layout(palette, len(sites)))
    figure.add_bar(
        x=labels, y=counts, text=[wording.count(int(number)) for number in counts], textposition="outside", cliponaxis=False, marker={"color": palette.muted},
        hoverinfo="skip",
    )  # fmt: skip
    _strips(figure, labels, shown.by_site, sites, rounding, palette)
    return figure


def _edges(axis: Axis) -> Any:
    return np.geomspace(axis.low, axis.high, axis.bins + 1) if axis.log else np.linspace(axis.low, axis.high, axis.bins + 1)


def _layout(palette: Palette, sites: int) -> go.Layout:
    strips = SITE_PIXELS * sites / (height(sites) - EDGES)
    plain = {"fixedrange": True, "zeroline": False, "showgrid": False, "color": palette.muted}
    return go.Layout(
        height=height(sites),
        margin={"l": 8, "r": 8, "t": 26, "b": EDGES - 26, "pad": 0},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={**FONT, "color": palette.text},
        showlegend=False,
        dragmode=False,
        bargap=0,
        xaxis={**plain, "anchor": "y2" if sites else "y", "automargin": True},
        yaxis={**plain, "domain": (strips + (0.02 if sites else 0), 1), "rangemode": "tozero", "nticks": 4, "showgrid": True, "gridcolor": palette.line,
               "automargin": True},
        yaxis2={**plain, "domain": (0, max(strips, 0.001)), "visible": bool(sites), "autorange": "reversed", "automargin": True, "type": "category"},
    )  # fmt: skip


def _upright(figure: go.Figure, x: float, reach: str, line: dict[str, Any]) -> None:
    figure.add_shape(type="line", x0=x, x1=x, y0=0, y1=1, yref=reach, line=line)


def _lines(figure: go.Figure, thresholds: Sequence[Threshold], axis: Axis, palette: Palette) -> None:
    """A line a threshold, named above; of names that would touch, the later stands higher."""
    before: list[float] = []
    for each in sorted(thresholds, key=lambda found: found.value):
        place = axis.place(each.value)
        level = sum(abs(place - other) < CLOSE for other in before)
        before.append(place)
        _upright(figure, each.value, "paper", {"color": palette.lost, "width": 2})
        figure.add_annotation(
            x=np.log10(each.value) if axis.log else each.value,
            y=1,
            yref="y domain",
            yanchor="bottom",
            yshift=level * STEP_UP,
            text=wording.plain_for_figure(wording.threshold(each)),
            showarrow=False,
            xanchor="left" if place < 0.1 else "right" if place > 0.9 else "center",
            font={"size": HEAD_SIZE, "color": palette.lost_text},
        )


def _strips(figure: go.Figure, at: Any, by_site: Any, sites: Sequence[str], rounding: Rounding, palette: Palette) -> None:
    """Where the values of each site lie: a row a site, the darker the more of its own values."""
    if not sites or by_site is None:
        return
    counts = rounding.counts(by_site[: len(sites)]).astype(float)
    shares = counts / np.maximum(counts.max(axis=1, keepdims=True), 1)
    figure.add_heatmap(
        x=at,
        y=[wording.plain_for_figure(name) for name in sites],
        z=shares,
        yaxis="y2",
        zmin=0,
        zmax=1,
        showscale=False,
        colorscale=[(0, "rgba(0,0,0,0)"), (1, palette.eligible)],
        xgap=0,
        ygap=2,
        text=[[wording.count(int(number)) for number in row] for row in counts],
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
