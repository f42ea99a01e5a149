"""Pictures of threshold curves: all of them small on one scale, and one of them large with its bands.

Small, they stand on one pair of axes: on axes or in figures of their own they would take the browser five to ten times as long.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Container, Sequence
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from feasibility import wording
from feasibility.figures.axes import BEYOND, places, span, ticks
from feasibility.figures.style import FONT, HEAD_SIZE, Palette, headed, sheet
from feasibility.results.curves import Curve

MOST_COLUMNS, TILE_PIXELS, HEAD_PIXELS = 7, 102, 24
COLUMNS_A_ROW = 2  # a picture fills a window more than twice as wide as tall: with no more columns than this for each row, tiles are wider than tall
TITLE_CHARACTERS = 27  # of a tile at 1280 pixels, of so many columns
SMALL = 11
FEW = 24  # stops that the line of a tile is drawn through
TITLE_AT, GAIN_AT, TOP, FLOOR, ENDS_AT = 0.11, 0.26, 0.38, 0.84, 0.925  # within a tile, from its upper edge
LEFT, RIGHT = 0.04, 0.96
LARGE_PIXELS, SAID_CHARACTERS = 372, 235
FEW_TIMES, OVER = 4, 1.25  # the possible set the scale up to so many times the eligible; beyond, it goes so far above these
SAID_AT = 0.5  # of the height: what is pointed at is said half-way up, clear of the axis
TILE_STROKE, LARGE_STROKE = 0.02, 0.006  # of the axis, to either side of where no limit stands
CLOSE, STEP_UP = 0.15, 16  # of the axis, pixels
WIDE_BAND, BAND = 0.10, 0.28  # opacity


def multiples(curves: Sequence[Curve], palette: Palette, noisy: Container[str] = ()) -> go.Figure:
    """A tile a curve, in the order given; pressing one selects the bar behind it, ``customdata`` being the parameter's name.

    All are as high as the most who could pass where nobody eligible is lost, or little more than the most eligible where the possible are several times as
    many: these leave the picture then, as the undetermined do that a tighter value adds. ``noisy``: the parameters that are marked, for they have noise.
    """
    rows, columns = grid(len(curves))
    eligible = max((int(each.eligible.max()) for each in curves), default=0)
    possible = max((int(each.possible[each.eligible >= each.base[0]].max()) for each in curves), default=0)
    top = math.ceil(_fitted(eligible, possible)) or 1
    corners = [(place % columns, place // columns) for place in range(len(curves))]
    drawn = [(curve.thinned(FEW), *corner) for curve, corner in zip(curves, corners, strict=True)]
    if_all_pass = [_path(curve, curve.possible, column, row, top) for curve, column, row in drawn]
    any_in_sight = any(up is not None for _, along in if_all_pass for up in along)
    figure = go.Figure(
        layout=go.Layout(
            height=rows * TILE_PIXELS + HEAD_PIXELS,
            margin={"l": 0, "r": 0, "t": HEAD_PIXELS, "b": 0, "pad": 0},
            **sheet(palette),
            bargap=0,
            xaxis={"visible": False, "fixedrange": True, "range": (0, columns)},
            yaxis={"visible": False, "fixedrange": True, "range": (rows, 0)},
            annotations=[_legend(palette, top, any_possible=any_in_sight, any_noisy=any(each.name in noisy for each in curves))],
        )
    )
    _tiles(figure, curves, corners, palette, noisy)
    floor = [([column + LEFT, column + RIGHT], [row + FLOOR] * 2) for column, row in corners]
    _line(figure, floor, palette.muted, 0.75)
    _line(figure, [(x, [row + TOP] * 2) for (x, _), (_, row) in zip(floor, corners, strict=True)], palette.muted, 0.5, dash="dot")
    _line(figure, if_all_pass, palette.eligible, 1.5, dash="dot")
    _line(figure, [_path(curve, curve.eligible, column, row, top) for curve, column, row in drawn], palette.eligible, 2.5)
    _line(figure, [_upright(curve, curve.written, column, row) for curve, column, row in drawn], palette.muted, 1.25, dash="dash")
    changed = [each for each in drawn if each[0].scenario != each[0].written]
    _line(figure, [_upright(curve, curve.scenario, column, row) for curve, column, row in changed], palette.changed, 2)
    at = [_point(curve, column, row, top) for curve, column, row in drawn]
    colours = [palette.changed if curve.scenario != curve.written else palette.text for curve in curves]
    figure.add_scatter(x=[x for x, _ in at], y=[y for _, y in at], mode="markers", marker={"color": colours, "size": 7}, hoverinfo="skip")
    room = TITLE_CHARACTERS * MOST_COLUMNS // columns
    heads = [_short(wording.head_of_tile(each, is_noisy=each.name in noisy), room) for each in curves]
    _words(figure, corners, heads, TITLE_AT, colours, "normal")
    gains = [palette.eligible if each.most_to_gain else palette.muted for each in curves]
    _words(figure, corners, [_short(wording.most_gained(each), room) for each in curves], GAIN_AT, gains, "bold")
    _ends(figure, drawn, top, palette)
    return figure


def grid(tiles: int) -> tuple[int, int]:
    """In how many rows and columns so many tiles stand: in as few rows as leave them wider than tall, and their words room."""
    rows = 1
    while -(-tiles // rows) > min(COLUMNS_A_ROW * rows, MOST_COLUMNS):
        rows += 1
    return rows, max(-(-tiles // rows), 1)


def _ends(figure: go.Figure, drawn: Sequence[tuple[Curve, int, int]], top: int, palette: Palette) -> None:
    """Beneath each tile where its axis begins and ends, and beside its upper edge how many patients that is."""
    for side, at in (("left", LEFT), ("right", RIGHT)):
        said = [wording.end_of_axis(curve.parameter, curve.stops[0 if side == "left" else -1]) for curve, *_ in drawn]
        _small(figure, [(column + at, row + ENDS_AT) for _, column, row in drawn], said, "middle right" if side == "left" else "middle left", palette)
    _small(figure, [(column + RIGHT, row + TOP) for _, column, row in drawn], [wording.count(top)] * len(drawn), "top left", palette)


def _small(figure: go.Figure, at: Sequence[tuple[float, float]], said: Sequence[str], beside: str, palette: Palette) -> None:
    figure.add_scatter(
        x=[x for x, _ in at],
        y=[y for _, y in at],
        mode="text",
        text=list(said),
        textposition=beside,
        textfont={"size": SMALL, "color": palette.muted},
        hoverinfo="skip",
    )


def _fitted(eligible: float, possible: float) -> float:
    """How high a picture goes: to the possible, unless the eligible would be flat beneath them."""
    return possible if possible <= FEW_TIMES * eligible or not eligible else eligible * OVER


def _legend(palette: Palette, top: int, *, any_possible: bool, any_noisy: bool) -> dict[str, Any]:
    lines = [
        f"<b style='color:{palette.eligible}'>━ {wording.ELIGIBLE}</b>",
        f"<span style='color:{palette.eligible}'>┈ {wording.IF_ALL_PASS}</span>" if any_possible else "",
        f"<span style='color:{palette.muted}'>┆ {wording.AS_WRITTEN_HERE}</span>",
        f"<span style='color:{palette.changed}'>┃ {wording.SCENARIO_HERE}</span>",
        wording.NOISE_WHEN_PRESSED if any_noisy else "",
        wording.heights(top),
    ]
    said = "   ".join(line for line in lines if line)
    return {"text": said, "x": 0, "xref": "paper", "xanchor": "left", "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False,
            "font": {"size": HEAD_SIZE, "color": palette.muted}}  # fmt: skip


def _tiles(figure: go.Figure, curves: Sequence[Curve], corners: Sequence[tuple[int, int]], palette: Palette, noisy: Container[str]) -> None:
    """What is pressed and pointed at: a faint field behind each curve."""
    same = {"marker": {"opacity": 1}}
    figure.add_bar(
        x=[column + 0.5 for column, _ in corners],
        base=[row + 0.02 for _, row in corners],
        y=[0.96] * len(curves),
        width=0.97,
        marker={"color": palette.line, "opacity": 1, "line": {"width": 0}, "cornerradius": 5},
        opacity=0.45,
        selected=same,
        unselected=same,
        customdata=[each.name for each in curves],
        hoverinfo="text",
        hovertext=[wording.tile(each, is_noisy=each.name in noisy) for each in curves],
        textposition="none",
    )


def _x(column: int, place: float) -> float:
    """Where a place of a curve's axis lies in its tile; there is room for no limit at both ends of each, so that all are alike."""
    return column + LEFT + (RIGHT - LEFT) * (place + BEYOND) / (1 + 2 * BEYOND)


def _y(row: int, patients: float, top: int) -> float:
    return row + FLOOR - (FLOOR - TOP) * patients / top


def _path(curve: Curve, counts: Any, column: int, row: int, top: int) -> tuple[list[float | None], list[float | None]]:
    lines = [_below(x, y, top) for x, y in _lines(curve, [int(each) for each in counts], TILE_STROKE)]
    drawn = [([_x(column, each) for each in x], [None if each is None else _y(row, each, top) for each in y]) for x, y in lines]
    return _apart([x for x, _ in drawn]), _apart([y for _, y in drawn])


def _lines(curve: Curve, counts: Sequence[float], stroke: float) -> list[tuple[list[float], list[float]]]:
    """A line through the stops; no limit is a stroke by itself, as nothing between it and the end of the range is counted."""
    at = list(zip(curve.stops, places(curve.parameter, curve.stops), counts, strict=True))
    within = [(x, y) for stop, x, y in at if math.isfinite(stop)]
    lifted = [[(x - stroke, y), (x + stroke, y)] for stop, x, y in at if math.isinf(stop)]
    return [([x for x, _ in line], [y for _, y in line]) for line in (within, *lifted) if line]


def _apart(lines: Sequence[Sequence[float | None]]) -> list[float | None]:
    """One after another in one trace, a gap between them."""
    return [each for line in lines for each in (*line, None)][:-1]


def _below(x: Sequence[float], y: Sequence[float], top: float) -> tuple[list[float], list[float | None]]:
    """A line up to where it leaves the picture, and on from where it comes back."""
    along: list[float] = [x[0]]
    up: list[float | None] = [y[0] if y[0] <= top else None]
    for (x0, y0), (x1, y1) in pairwise(zip(x, y, strict=True)):
        if (y0 > top) != (y1 > top):
            along.append(x0 + (x1 - x0) * (top - y0) / (y1 - y0))
            up.append(top)
        along.append(x1)
        up.append(y1 if y1 <= top else None)
    return along, up


def _upright(curve: Curve, value: float, column: int, row: int) -> tuple[list[float], list[float]]:
    return [_x(column, places(curve.parameter, [value])[0])] * 2, [row + TOP - 0.02, row + FLOOR]


def _point(curve: Curve, column: int, row: int, top: int) -> tuple[float, float]:
    return _x(column, places(curve.parameter, [curve.scenario])[0]), _y(row, curve.base[0], top)


def _line(figure: go.Figure, paths: Sequence[tuple[Sequence[float | None], Sequence[float | None]]], colour: str, width: float, dash: str = "solid") -> None:
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


def _short(text: str, room: int) -> str:
    return wording.plain_for_figure(text if len(text) <= room else f"{text[: room - 1].rstrip()}…")


def large(curve: Curve, looked_at: float, title: str, said: str, palette: Palette) -> go.Figure:
    """One curve over its whole range with both bands; pressing selects a stop. ``looked_at`` is marked, with the values as written and of the scenario.

    It is as high as the eligible and their interval where the possible are several times as many: these leave the picture, and stand in words.
    """
    x = places(curve.parameter, curve.stops)
    most, eligible = (float(band[1].max()) * curve.patients for band in (curve.honest_band, curve.band))
    top = min(max(_fitted(eligible if curve.eligible.any() else 0, most), 1.0), curve.patients or 1)
    figure = go.Figure(layout=_large_layout(curve, top, title, said, palette))
    for low, high, opacity in ((*curve.honest_band, WIDE_BAND), (*curve.band, BAND)):
        edges = [_lines(curve, [each * curve.patients for each in side], LARGE_STROKE) for side in (low, high)]
        figure.add_scatter(
            x=_apart([[*along, *reversed(along)] for along, _ in edges[0]]),
            y=_apart([[*above, *reversed(below)] for (_, below), (_, above) in zip(*edges, strict=True)]),
            mode="lines",
            line={"width": 0},
            fill="toself",
            fillcolor=palette.eligible,
            opacity=opacity,
            hoverinfo="skip",
        )
    for counts, line in ((curve.possible, {"width": 2, "dash": "dot"}), (curve.eligible, {"width": 3})):
        drawn = _lines(curve, counts.tolist(), LARGE_STROKE)
        along, up = _apart([x for x, _ in drawn]), _apart([y for _, y in drawn])
        figure.add_scatter(x=along, y=up, mode="lines", line={"color": palette.eligible, **line}, hoverinfo="skip")
    figure.add_scatter(x=x, y=curve.eligible, mode="markers", marker={"color": palette.eligible, "size": 5}, hoverinfo="skip")
    unseen = {"marker": {"opacity": 0}}
    figure.add_scatter(
        x=x,
        y=[top * SAID_AT] * len(x),
        mode="markers",
        **unseen,
        selected=unseen,
        unselected=unseen,
        customdata=list(range(len(x))),
        hoverinfo="text",
        hovertext=[wording.stop_of_curve(curve, place) for place in range(len(x))],
    )
    _named_ends(figure, curve, x, top, palette)
    _values(figure, curve, looked_at, top, palette)
    return figure


def _large_layout(curve: Curve, top: float, title: str, said: str, palette: Palette) -> go.Layout:
    lines = textwrap.wrap(said, SAID_CHARACTERS)
    plain = {"fixedrange": True, "zeroline": False, "color": palette.muted}
    low, high = span(curve.parameter)
    name = " ".join(filter(None, (wording.label_of(curve.parameter), f"({wording.loosening(curve)})" if curve.loosens else "")))
    return go.Layout(
        height=LARGE_PIXELS,
        margin={"l": 8, "r": 8, "t": 30 + 17 * len(lines) + 24 + 2 * STEP_UP, "b": 8, "pad": 0},
        **sheet(palette),
        hovermode="closest",
        hoverdistance=-1,
        title=headed(title, lines, palette),
        xaxis={**plain, **ticks(curve.parameter), "range": (low - 0.01, high + 0.1), "showgrid": False, "automargin": True,
               "showspikes": True, "spikemode": "across", "spikedash": "dot", "spikethickness": 1, "spikecolor": palette.text,
               "title": {"text": wording.plain_for_figure(name), "standoff": 4, "font": {"size": FONT["size"]}}},
        yaxis={**plain, "range": (0, top * 1.02), "gridcolor": palette.line, "nticks": 6, "automargin": True, "tickformat": ",",
               "title": {"text": "patients", "standoff": 6, "font": {"size": FONT["size"]}}},
    )  # fmt: skip


def _named_ends(figure: go.Figure, curve: Curve, x: Sequence[float], top: float, palette: Palette) -> None:
    """The two lines say at their right ends what they are; one that has left the picture says so at its upper edge."""
    end = x[-1] + LARGE_STROKE if math.isinf(curve.stops[-1]) else x[-1]
    apart, above = bool(curve.possible[-1] != curve.eligible[-1]), bool(curve.possible[-1] > top)
    ends = [(float(curve.eligible[-1]), f"<b>{wording.ELIGIBLE}</b>", "top" if apart and not above else "middle")]
    if apart:
        ends.append((top, wording.POSSIBLE_ABOVE, "top") if above else (float(curve.possible[-1]), wording.OR_UNDETERMINED, "bottom"))
    for y, text, anchor in ends:
        font = {"color": palette.eligible}
        figure.add_annotation(x=end, y=y, text=text, showarrow=False, xanchor="left", yanchor=anchor, xshift=8, align="left", font=font)
    if (curve.possible > top).any():
        first = bool(curve.possible[0] > top)
        figure.add_annotation(
            x=x[0] if first else x[-1],
            xanchor="left" if first else "right",
            xshift=6 if first else -6,
            y=1,
            yref="y domain",
            yanchor="top",
            text=wording.above_the_picture(curve, top),
            showarrow=False,
            bgcolor=palette.paper,
            borderpad=1,
            font={"size": HEAD_SIZE, "color": palette.eligible},
        )


def _values(figure: go.Figure, curve: Curve, looked_at: float, top: float, palette: Palette) -> None:
    """Upright lines at the values, each named above with how many are eligible there; names that would touch stand one above another."""
    marks = [(curve.written, wording.AS_WRITTEN_HERE, palette.muted, "dash")]
    marks += [(curve.scenario, wording.SCENARIO_HERE, palette.changed, "solid")] if curve.scenario != curve.written else []
    marks += [(looked_at, "", palette.text, "dot")] if looked_at not in (curve.written, curve.scenario) else []
    before: list[float] = []
    for value, text, colour, dash in marks:
        x, at = places(curve.parameter, [value])[0], curve.place(value)
        eligible, possible = int(curve.eligible[at]), int(curve.possible[at])
        above = sum(abs(x - other) < CLOSE for other in before) * STEP_UP
        before.append(x)
        figure.add_shape(type="line", x0=x, x1=x, y0=0, y1=1, yref="y domain", line={"color": colour, "width": 2, "dash": dash})
        figure.add_annotation(
            x=x,
            y=1,
            yref="y domain",
            yanchor="bottom",
            yshift=above,
            text=f"{text} {wording.value_of(curve.parameter, value)}: {wording.named_above(eligible, possible if possible > top else None)}".strip(),
            showarrow=False,
            xanchor="left" if x < CLOSE else "right" if x > 1 - CLOSE else "center",
            font={"size": FONT["size"], "color": colour},
        )
        figure.add_scatter(x=[x], y=[eligible], mode="markers", marker={"color": colour, "size": 10}, hoverinfo="skip")
