"""Pictures of reaching a target: the best sets of criteria to drop, and concession against patients."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from feasibility import wording
from feasibility.figures.style import HEAD_PIXELS, HEAD_SIZE, MARGIN, Palette, hatched, hovers, sheet, words_above, write_column
from feasibility.parameters import Number
from feasibility.protocol import Protocol
from feasibility.results.dropping import Dropping
from feasibility.results.relaxing import Point, Reached

ROW_PIXELS, FRONT_PIXELS = 30, 250
SAID_CHARACTERS, SAID_BESIDE = 190, 88
BESIDE_FRONT = 76  # pixels for the numbers of its upright axis, above which its words begin
NUMBERS, NAMES, BARS = 0.0, 0.03, 0.5
CHARACTER = 7 / 1100
PROVEN_AND_FOUND = 16, 8  # pixels of the letters that stand for large and small points
FEW_PATIENTS = 10  # of whom each has a tick
FAR_LEFT, FAR_RIGHT = 0.25, 0.7  # of the scale: up to there is no room for words at the left; from there on they stand there
FAR_ABOVE = 2  # times as many as are ever eligible: a target beyond would leave the stair no room
HIDDEN: dict[str, Any] = {"visible": False, "fixedrange": True}


def dropping(found: Dropping, rows: int, target: int, protocol: Protocol, palette: Palette, said: Sequence[str]) -> go.Figure:
    """A row for each number of criteria: what the best set has beside the one before, who is left with it off, and the target as a line."""
    words, above = words_above(said, palette, SAID_CHARACTERS)
    sets = found.sets[:rows]
    ids = list(range(len(sets)))
    ends = [each.eligible + each.undetermined for each in sets]
    texts = [wording.set_counts(each) for each in sets]
    of_each = hovers(wording.plain_for_figure(wording.dropped_set(protocol, each)) for each in sets)
    names = [wording.plain_for_figure(wording.changed_set(protocol, each, sets[row - 1] if row else None)) for row, each in enumerate(sets)]
    reaching = next((row for row, each in enumerate(sets) if each.count(found.aim) >= target), None)
    weights = ["bold" if row == reaching else "normal" for row in ids]
    most = max(max(ends), target) / max(1 - max(map(len, texts)) * CHARACTER / (1 - BARS), 0.2)
    figure = go.Figure(
        layout={
            "barmode": "stack",
            "bargap": 0.32,
            "height": MARGIN + above + HEAD_PIXELS + ROW_PIXELS * len(sets) + MARGIN,
            "margin": {"l": MARGIN, "r": MARGIN, "t": top(said, palette), "b": MARGIN, "pad": 0},
            **sheet(palette),
            "xaxis": {**HIDDEN, "domain": (BARS, 1), "range": (0, most)},
            "xaxis2": {**HIDDEN, "domain": (0, BARS), "range": (0, BARS)},
            "yaxis": {
                "range": (len(sets) - 0.5, -0.5),
                "tickmode": "array",
                "tickvals": [row - 0.5 for row in ids],
                "showticklabels": False,
                "ticks": "",
                "gridcolor": palette.line,
                "zeroline": False,
                "fixedrange": True,
            },
            "annotations": [
                *words,
                {"text": wording.target_line(target), "x": target, "xref": "x", "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False,
                 "font": {"size": HEAD_SIZE, "color": palette.changed, "weight": "bold"}},
            ],
        }
    )  # fmt: skip
    for at, text in ((NUMBERS, [wording.count(len(each.dropped)) for each in sets]), (NAMES, names)):
        write_column(figure, "x2", [at] * len(sets), text, "right", palette.text, weights)
    _bar(figure, "eligible", [each.eligible for each in sets], {"color": palette.eligible, "line": {"width": 0}}, of_each)
    _bar(figure, "undetermined", [each.undetermined for each in sets], hatched(palette.eligible), of_each)
    # What would stand across the line of the target stands behind it.
    across = [end < target < end + (len(text) + 2) * CHARACTER / (1 - BARS) * most for end, text in zip(ends, texts, strict=True)]
    begins = [target if crossed else end for end, crossed in zip(ends, across, strict=True)]
    write_column(figure, "x", begins, [f" {each}" for each in texts], "right", palette.text, weights)
    for line in ({"color": palette.paper, "width": 5}, {"color": palette.changed, "width": 2.5}):
        figure.add_shape(type="line", x0=target, x1=target, y0=0, y1=1, yref="paper", line=line)
    return figure


def top(said: Sequence[str], palette: Palette) -> int:
    """Pixels above the first row of the picture of dropping."""
    return MARGIN + words_above(said, palette, SAID_CHARACTERS)[1] + HEAD_PIXELS


def front(
    points: Sequence[Point], chosen: Reached | None, target: int, parameters: Mapping[str, Number], palette: Palette, said: Sequence[str]
) -> go.Figure:
    """Eligible against what the moves hurt: a stair through the best points found, those proven large, the one chosen a diamond, the target a line.

    A target far above all of them is named at the upper edge.
    """
    words, above = words_above(said, palette, SAID_BESIDE)
    hurts, eligible = wording.FRONT_AXES
    most = max(each.eligible for each in points)
    beyond = target > FAR_ABOVE * max(most, 1)
    whole = {"dtick": 1} if (most if beyond else max(target, most)) <= FEW_PATIENTS else {}  # the scale reaches to the target
    axis = {"fixedrange": True, "zeroline": False, "gridcolor": palette.line, "color": palette.muted, "automargin": True, "nticks": 7}
    figure = go.Figure(
        layout={
            "height": FRONT_PIXELS + above,
            "margin": {"l": BESIDE_FRONT, "r": MARGIN + 14, "t": MARGIN + above + HEAD_PIXELS, "b": 40, "pad": 0},
            **sheet(palette),
            "hovermode": "closest",
            "xaxis": {**axis, "title": {"text": hurts, "font": {"size": HEAD_SIZE}, "standoff": 4}, "rangemode": "tozero"},
            "yaxis": {**axis, "title": {"text": eligible, "font": {"size": HEAD_SIZE}, "standoff": 4}, "rangemode": "tozero", "tickformat": ",d", **whole,
                      "automargin": False},
            "annotations": [{**each, "xshift": MARGIN - BESIDE_FRONT} for each in words],
        }
    )
    of_each = [wording.point_hover(parameters, each) for each in points]
    figure.add_scatter(
        x=[each.cost for each in points],
        y=[each.eligible for each in points],
        mode="lines+markers",
        line={"color": palette.eligible, "width": 2, "shape": "hv"},
        marker={"color": palette.eligible, "size": [9 if each.proven else 3 for each in points], "line": {"width": 0}, "opacity": 1},
        hoverinfo="text",
        hovertext=of_each,
        cliponaxis=False,
    )
    if any(each.proven and each.cost for each in points):
        large, small = (f"<span style='font-size:{size}px; color:{palette.eligible}'>●</span>" for size in PROVEN_AND_FOUND)
        legend = f"{large} {wording.PROVEN_POINT}  {small} {wording.FOUND_POINT}"
        place = {"x": 1, "xref": "paper", "xanchor": "right", "y": 1, "yref": "paper", "yanchor": "bottom"}
        figure.add_annotation(text=legend, **place, showarrow=False, font={"size": HEAD_SIZE, "color": palette.muted})
    if beyond:
        corner = {"x": 0, "xref": "paper", "xanchor": "left", "y": 1, "yref": "paper", "yanchor": "bottom"}
        figure.add_annotation(text=wording.target_line(target, above=True), **corner, showarrow=False, font={"size": HEAD_SIZE, "color": palette.changed})
    else:
        _line_of(figure, target, points, palette)
    if chosen is not None:
        figure.add_scatter(
            x=[chosen.cost],
            y=[chosen.eligible],
            mode="markers+text",
            marker={"color": palette.changed, "size": 14, "symbol": "diamond", "line": {"width": 0}},
            text=[f"  {wording.eligible_for(chosen.eligible, chosen.cost)}  "],
            textposition="bottom left" if chosen.cost > points[-1].cost * FAR_RIGHT else "bottom right",
            textfont={"color": palette.changed, "weight": "bold"},
            hoverinfo="skip",
            cliponaxis=False,
        )
    return figure


def _line_of(figure: go.Figure, target: int, points: Sequence[Point], palette: Palette) -> None:
    figure.add_hline(
        y=target,
        line={"color": palette.changed, "width": 2, "dash": "dash"},
        annotation={"text": wording.target_line(target), "font": {"size": HEAD_SIZE, "color": palette.changed}},
        annotation_position=_clear_of(points, target),
    )


def _clear_of(points: Sequence[Point], target: int) -> str:
    """Where along the line of the target no point lies: above it before the stair has come up to it, beneath it after."""
    reached = next((each.cost for each in points if each.eligible >= target), math.inf)
    return "top left" if reached > points[-1].cost * FAR_LEFT else "bottom right"


def _bar(figure: go.Figure, name: str, lengths: Sequence[int], marker: dict[str, Any], said: Sequence[str]) -> None:
    figure.add_bar(
        x=list(lengths), y=list(range(len(lengths))), orientation="h", name=name, marker=marker, hoverinfo="text", hovertext=list(said)
    )
