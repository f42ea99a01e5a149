"""Pictures of threshold curves: all of them small on one scale, and one of them large with its bands.

Small, they stand on one pair of axes: on axes or in figures of their own they would take the browser five to ten times as long.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from feasibility import wording
from feasibility.axes import BEYOND, places, span, ticks
from feasibility.figures import FONT, HEAD_SIZE, Palette
from feasibility.results.curves import Curve

COLUMNS, TILE_PIXELS, HEAD_PIXELS = 7, 104, 24
TITLE_CHARACTERS = 27  # of a tile at 1280 pixels
TITLE_AT, GAIN_AT, TOP, FLOOR = 0.12, 0.28, 0.40, 0.92  # within a tile, from its upper edge
LEFT, RIGHT = 0.04, 0.96
LARGE_PIXELS, SAID_CHARACTERS = 372, 235
CLOSE, STEP_UP = 0.15, 16  # of the axis, pixels
WIDE_BAND, BAND = 0.10, 0.28  # opacity


def multiples(curves: Sequence[Curve], palette: Palette) -> go.Figure:
    """A tile a curve, in the order given; pressing one selects the bar behind it, ``customdata`` being the parameter's name.

    All are as high as the most who could pass where nobody eligible is lost; the undetermined that a tighter value adds are cut off above.
    """
    rows = max(-(-len(curves) // COLUMNS), 1)
    top = max((int(each.possible[each.eligible >= each.base[0]].max()) for each in curves), default=0) or 1
    figure = go.Figure(
        layout=go.Layout(
            height=rows * TILE_PIXELS + HEAD_PIXELS,
            margin={"l": 0, "r": 0, "t": HEAD_PIXELS, "b": 0, "pad": 0},
            paper_bgcolor=palette.paper,
            plot_bgcolor="rgba(0,0,0,0)",
            font={**FONT, "color": palette.text},
            showlegend=False,
            dragmode=False,
            hoverlabel=hover(palette),
            bargap=0,
            xaxis={"visible": False, "fixedrange": True, "range": (0, COLUMNS)},
            yaxis={"visible": False, "fixedrange": True, "range": (rows, 0)},
            annotations=[_legend(palette, top)],
        )
    )
    _tiles(figure, curves, palette)
    corners = [(place % COLUMNS, place // COLUMNS) for place in range(len(curves))]
    floor = [([column + LEFT, column + RIGHT], [row + FLOOR] * 2) for column, row in corners]
    _line(figure, floor, palette.muted, 0.75)
    drawn = [(curve, *corner) for curve, corner in zip(curves, corners, strict=True)]
    _line(figure, [_path(curve, curve.possible, column, row, top) for curve, column, row in drawn], palette.eligible, 1.5, dash="dot")
    _line(figure, [_path(curve, curve.eligible, column, row, top) for curve, column, row in drawn], palette.eligible, 2.5)
    _line(figure, [_upright(curve, curve.written, column, row) for curve, column, row in drawn], palette.muted, 1.25, dash="dash")
    changed = [each for each in drawn if each[0].scenario != each[0].written]
    _line(figure, [_upright(curve, curve.scenario, column, row) for curve, column, row in changed], palette.changed, 2)
    at = [_point(curve, column, row, top) for curve, column, row in drawn]
    colours = [palette.changed if curve.scenario != curve.written else palette.text for curve in curves]
    figure.add_scatter(x=[x for x, _ in at], y=[y for _, y in at], mode="markers", marker={"color": colours, "size": 7}, hoverinfo="skip")
    _words(figure, corners, [_short(wording.of_number(each.parameter)) for each in curves], TITLE_AT, colours, "normal")
    gains = [palette.eligible if each.most_to_gain else palette.muted for each in curves]
    _words(figure, corners, [_short(wording.most_gained(each)) for each in curves], GAIN_AT, gains, "bold")
    return figure


def _legend(palette: Palette, top: int) -> dict[str, Any]:
    said = (
        f"<b style='color:{palette.eligible}'>━ {wording.ELIGIBLE}</b>   <span style='color:{palette.eligible}'>┈ {wording.IF_ALL_PASS}</span>   "
        f"<span style='color:{palette.muted}'>┆ {wording.AS_WRITTEN_HERE}</span>   <span style='color:{palette.changed}'>┃ {wording.SCENARIO_HERE}</span>   "
        f"{wording.heights(top)}"
    )
    return {"text": said, "x": 0, "xref": "paper", "xanchor": "left", "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False,
            "font": {"size": HEAD_SIZE, "color": palette.muted}}  # fmt: skip


def hover(palette: Palette) -> dict[str, Any]:
    """How what is pointed at is said."""
    return {"bgcolor": palette.paper, "bordercolor": palette.muted, "align": "left", "font": {**FONT, "color": palette.text}}


def _tiles(figure: go.Figure, curves: Sequence[Curve], palette: Palette) -> None:
    """What is pressed and pointed at: a faint field behind each curve."""
    same = {"marker": {"opacity": 1}}
    figure.add_bar(
        x=[place % COLUMNS + 0.5 for place in range(len(curves))],
        base=[place // COLUMNS + 0.02 for place in range(len(curves))],
        y=[0.96] * len(curves),
        width=0.97,
        marker={"color": palette.line, "opacity": 1, "line": {"width": 0}, "cornerradius": 5},
        opacity=0.45,
        selected=same,
        unselected=same,
        customdata=[each.name for each in curves],
        hoverinfo="text",
        hovertext=[wording.tile(each) for each in curves],
        textposition="none",
    )


def _x(column: int, place: float) -> float:
    """Where a place of a curve's axis lies in its tile; there is room for no limit at both ends of each, so that all are alike."""
    return column + LEFT + (RIGHT - LEFT) * (place + BEYOND) / (1 + 2 * BEYOND)


def _y(row: int, patients: float, top: int) -> float:
    return row + FLOOR - (FLOOR - TOP) * min(patients / top, 1)


def _path(curve: Curve, counts: Any, column: int, row: int, top: int) -> tuple[list[float], list[float]]:
    return [_x(column, each) for each in places(curve.parameter, curve.stops)], [_y(row, int(each), top) for each in counts]


def _upright(curve: Curve, value: float, column: int, row: int) -> tuple[list[float], list[float]]:
    return [_x(column, places(curve.parameter, [value])[0])] * 2, [row + TOP - 0.02, row + FLOOR]


def _point(curve: Curve, column: int, row: int, top: int) -> tuple[float, float]:
    return _x(column, places(curve.parameter, [curve.scenario])[0]), _y(row, curve.base[0], top)


def _line(figure: go.Figure, paths: Sequence[tuple[list[float], list[float]]], colour: str, width: float, dash: str = "solid") -> None:
    """One trace for the lines of all tiles: a gap parts them."""
    x, y = ([each for path in paths for each in (*path[axis], None)] for axis in (0, 1))
    figure.add_scatter(x=x, y=y, mode="lines", line={"color": colour, "width": width, "dash": dash}, hoverinfo="skip")


def _words(figure: go.Figure, corners: Sequence[tuple[int, int]], said: Sequence[str], down: float, colours: Sequence[str], weight: str) -> None:
    figure.add_scatter(
        x=[column + LEFT for column, _ in corners],
        y=[row + down for _, row in corners],
        mode="text",
        text=list(said),
        textposition="middle right",
        textfont={"size": 12.5, "color": list(colours), "weight": weight},
        hoverinfo="skip",
    )


def _short(text: str) -> str:
    return wording.plain_for_figure(text if len(text) <= TITLE_CHARACTERS else f"{text[: TITLE_CHARACTERS - 1].rstrip()}…")


def large(curve: Curve, looked_at: float, title: str, said: str, palette: Palette) -> go.Figure:
    """One curve over its whole range with both bands; pressing selects a stop. ``looked_at`` is marked, with the values as written and of the scenario."""
    x = places(curve.parameter, curve.stops)
    figure = go.Figure(layout=_large_layout(curve, title, said, palette))
    for low, high, opacity in ((*curve.honest_band, WIDE_BAND), (*curve.band, BAND)):
        figure.add_scatter(
            x=[*x, *reversed(x)],
            y=[each * curve.patients for each in (*high, *reversed(low))],
            mode="lines",
            line={"width": 0},
            fill="toself",
            fillcolor=palette.eligible,
            opacity=opacity,
            hoverinfo="skip",
        )
    figure.add_scatter(x=x, y=curve.possible, mode="lines", line={"color": palette.eligible, "width": 2, "dash": "dot"}, hoverinfo="skip")
    same = {"marker": {"opacity": 1}}
    figure.add_scatter(
        x=x,
        y=curve.eligible,
        mode="lines+markers",
        line={"color": palette.eligible, "width": 3},
        marker={"color": palette.eligible, "size": 5, "opacity": 1},
        selected=same,
        unselected=same,
        customdata=list(range(len(x))),
        hoverinfo="text",
        hovertext=[wording.stop_of_curve(curve, place) for place in range(len(x))],
    )
    _named_ends(figure, curve, x, palette)
    _values(figure, curve, looked_at, palette)
    return figure


def _large_layout(curve: Curve, title: str, said: str, palette: Palette) -> go.Layout:
    lines = textwrap.wrap(said, SAID_CHARACTERS)
    plain = {"fixedrange": True, "zeroline": False, "color": palette.muted}
    low, high = span(curve.parameter)
    most = max(float(curve.honest_band[1].max()) * curve.patients, 1.0)
    name = " ".join(filter(None, (wording.label_of(curve.parameter), f"({wording.loosening(curve)})" if curve.loosens else "")))
    return go.Layout(
        height=LARGE_PIXELS,
        margin={"l": 8, "r": 8, "t": 30 + 17 * len(lines) + 24 + 2 * STEP_UP, "b": 8, "pad": 0},
        paper_bgcolor=palette.paper,
        plot_bgcolor="rgba(0,0,0,0)",
        font={**FONT, "color": palette.text},
        showlegend=False,
        dragmode=False,
        hoverlabel=hover(palette),
        hovermode="closest",
        hoverdistance=-1,
        title=headed(title, lines, palette),
        xaxis={**plain, **ticks(curve.parameter), "range": (low - 0.01, high + 0.09), "showgrid": False, "automargin": True,
               "title": {"text": wording.plain_for_figure(name), "standoff": 4, "font": {"size": FONT["size"]}}},
        yaxis={**plain, "range": (0, min(most, curve.patients) * 1.02), "gridcolor": palette.line, "nticks": 6, "automargin": True, "tickformat": ",",
               "title": {"text": "patients", "standoff": 6, "font": {"size": FONT["size"]}}},
    )  # fmt: skip


def headed(title: str, lines: Sequence[str], palette: Palette) -> dict[str, Any]:
    """A title with the sentence beneath it, so that a slide made from the picture needs no other words."""
    return {
        "text": f"<b>{wording.plain_for_figure(title)}</b>",
        "font": {"size": 16, "color": palette.text},
        "subtitle": {"text": "<br>".join(map(wording.plain_for_figure, lines)), "font": {"size": HEAD_SIZE, "color": palette.muted}},
        "x": 0,
        "xanchor": "left",
        "xref": "container",
        "y": 1,
        "yref": "container",
        "yanchor": "top",
        "pad": {"l": 2, "t": 6},
    }


def _named_ends(figure: go.Figure, curve: Curve, x: Sequence[float], palette: Palette) -> None:
    """The two lines say at their right ends what they are."""
    apart = bool(curve.possible[-1] != curve.eligible[-1])
    ends = [(int(curve.eligible[-1]), f"<b>{wording.ELIGIBLE}</b>", "top" if apart else "middle")]
    ends += [(int(curve.possible[-1]), "or<br>undetermined", "bottom")] if apart else []
    for y, text, anchor in ends:
        font = {"color": palette.eligible}
        figure.add_annotation(x=x[-1], y=y, text=text, showarrow=False, xanchor="left", yanchor=anchor, xshift=8, align="left", font=font)


def _values(figure: go.Figure, curve: Curve, looked_at: float, palette: Palette) -> None:
    """Upright lines at the values, each named above with how many are eligible there; names that would touch stand one above another."""
    marks = [(curve.written, wording.AS_WRITTEN_HERE, palette.muted, "dash")]
    marks += [(curve.scenario, wording.SCENARIO_HERE, palette.changed, "solid")] if curve.scenario != curve.written else []
    marks += [(looked_at, "", palette.text, "dot")] if looked_at not in (curve.written, curve.scenario) else []
    before: list[float] = []
    for value, text, colour, dash in marks:
        x, eligible = places(curve.parameter, [value])[0], int(curve.eligible[curve.place(value)])
        above = sum(abs(x - other) < CLOSE for other in before) * STEP_UP
        before.append(x)
        figure.add_shape(type="line", x0=x, x1=x, y0=0, y1=1, yref="y domain", line={"color": colour, "width": 2, "dash": dash})
        figure.add_annotation(
            x=x,
            y=1,
            yref="y domain",
            yanchor="bottom",
            yshift=above,
            text=f"{text} {wording.value_of(curve.parameter, value)}: <b>{wording.count(eligible)}</b>".strip(),
            showarrow=False,
            xanchor="left" if x < CLOSE else "center",
            font={"size": FONT["size"], "color": colour},
        )
        figure.add_scatter(x=[x], y=[eligible], mode="markers", marker={"color": colour, "size": 10}, hoverinfo="skip")
