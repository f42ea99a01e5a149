"""The tornado: what each change alone would make of the number eligible; three groups about one line, on one scale."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import plotly.graph_objects as go

from feasibility import wording
from feasibility.figures import FONT, HEAD_SIZE, Palette
from feasibility.figures_of_thresholds import headed, hover
from feasibility.protocol import Protocol
from feasibility.results.pairs import round_targets
from feasibility.results.tornado import Bar, Group, Tornado

ROW_PIXELS, EDGES, SAID_CHARACTERS = 20, 30, 235
LABELS = 0.29  # of the width, for the names
THICK, THIN = 0.66, 0.14  # of a row
ROOM = 0.16  # of the scale, on either side, for what is written beside the bars


def pixels(rows: int, said: str) -> int:
    """How tall the picture is with so many rows."""
    return _above(said) + ROW_PIXELS * max(rows, 1) + EDGES


def bars(tornado: Tornado, shown: Sequence[Bar], protocol: Protocol, title: str, said: str, palette: Palette) -> go.Figure:
    """The bars ``shown``, each group under its heading; what is lost to the left of the line, gained to the right, possible as a thin line beyond."""
    rows: list[Bar | Group] = []
    for group in Group:
        of_group = [bar for bar in shown if bar.group is group]
        rows += [group, *of_group] if of_group else []
    figure = go.Figure(layout=_layout(tornado, shown, len(rows), title, said, palette))
    placed = [(row, place) for place, row in enumerate(rows) if isinstance(row, Bar)]
    base = tornado.base.eligible
    ends = [(bar, place, bar.low.eligible, bar.high.eligible) for bar, place in placed]
    _bars(figure, [(place, low, base) for _, place, low, _ in ends], THICK, palette.lost)
    _bars(figure, [(place, base, high) for _, place, _, high in ends], THICK, palette.eligible)
    beyond = [(place, bar.high.eligible, bar.high.possible) for bar, place in placed if _reaches_on(bar)]
    _bars(figure, beyond, THIN, palette.eligible, 0.55)
    for value, line in ((base, {"color": palette.text, "width": 2}), (tornado.base.possible, {"color": palette.muted, "width": 1, "dash": "dot"})):
        figure.add_shape(type="line", x0=value, x1=value, y0=-0.5, y1=len(rows) - 0.5, line=line)
    _write(figure, [(low, place, wording.lost_by(bar)) for bar, place, low, _ in ends], "left", palette.lost_text, palette)
    _write(figure, [(high, place, wording.gained_by(bar)) for bar, place, _, high in ends], "right", palette.eligible, palette)
    _write(figure, [(possible, place, wording.count(possible)) for place, _, possible in beyond], "right", palette.muted, palette)
    _names(figure, rows, protocol, palette)
    figure.add_scatter(
        x=[(low + high) / 2 for *_, low, high in ends],
        y=[place for _, place, *_ in ends],
        mode="markers",
        marker={"opacity": 0, "size": 14},
        hoverinfo="text",
        hovertext=[wording.bar(bar, tornado, protocol) for bar, *_ in ends],
    )
    return figure


def _reaches_on(bar: Bar) -> bool:
    """Whether the undetermined could add to what the change gains: to more than may pass now."""
    return bar.high.possible > max(bar.high.eligible, bar.base.possible)


def _above(said: str) -> int:
    return 34 + 17 * len(textwrap.wrap(said, SAID_CHARACTERS)) + 22


def _layout(tornado: Tornado, shown: Sequence[Bar], rows: int, title: str, said: str, palette: Palette) -> go.Layout:
    low = min((bar.low.eligible for bar in shown), default=tornado.base.eligible)
    high = max(max((bar.high.possible if _reaches_on(bar) else bar.high.eligible for bar in shown), default=0), tornado.base.possible)
    room = (high - low or 1) * ROOM
    return go.Layout(
        height=pixels(rows, said),
        barmode="overlay",
        margin={"l": 8, "r": 8, "t": _above(said), "b": EDGES, "pad": 0},
        paper_bgcolor=palette.paper,
        plot_bgcolor="rgba(0,0,0,0)",
        font={**FONT, "color": palette.text},
        showlegend=False,
        dragmode=False,
        hoverlabel=hover(palette),
        hovermode="y",
        hoverdistance=-1,
        title=headed(title, textwrap.wrap(said, SAID_CHARACTERS), palette),
        xaxis={"domain": (LABELS, 1), "range": (low - room, high + room), "fixedrange": True, "zeroline": False, "gridcolor": palette.line,
               "color": palette.muted, "tickformat": ",", "tickvals": (0, *round_targets(0, high)), "automargin": True},
        xaxis2={"domain": (0, LABELS), "range": (0, 1), "visible": False, "fixedrange": True},
        yaxis={"range": (max(rows, 1) - 0.5, -0.5), "visible": False, "fixedrange": True},
        annotations=[
            {"text": text, "x": value, "y": 1, "yref": "y domain", "yanchor": "bottom", "xanchor": side, "showarrow": False,
             "font": {"size": FONT["size"], "color": colour}}
            for value, text, side, colour in (
                (tornado.base.eligible, wording.eligible_now(tornado.base.eligible), "center", palette.text),
                (tornado.base.possible, wording.possible_now(tornado.base.possible), "left", palette.muted),
            )[: 2 if tornado.base.possible != tornado.base.eligible else 1]
        ],
    )  # fmt: skip


def _bars(figure: go.Figure, spans: Sequence[tuple[int, int, int]], width: float, colour: str, opacity: float = 1.0) -> None:
    """Bars lying from one number to another."""
    figure.add_bar(
        y=[place for place, *_ in spans],
        base=[low for _, low, _ in spans],
        x=[high - low for _, low, high in spans],
        orientation="h",
        width=width,
        marker={"color": colour, "line": {"width": 0}},
        opacity=opacity,
        hoverinfo="skip",
    )


def _write(figure: go.Figure, numbers: Sequence[tuple[int, int, str]], side: str, colour: str, palette: Palette) -> None:
    """What stands beside an end of a bar, on paper of its own, so that a thin line goes on behind it."""
    left = side == "left"
    for at, place, said in numbers:
        if said:
            figure.add_annotation(
                x=at,
                y=place,
                text=f"<b>{wording.plain_for_figure(said)}</b>",
                showarrow=False,
                xanchor="right" if left else "left",
                xshift=-2 if left else 2,
                bgcolor=palette.paper,
                borderpad=1,
                font={"size": HEAD_SIZE, "color": colour},
            )


def _names(figure: go.Figure, rows: Sequence[Bar | Group], protocol: Protocol, palette: Palette) -> None:
    said = [wording.what_of(row, protocol) if isinstance(row, Bar) else wording.GROUPS[row] for row in rows]
    figure.add_scatter(
        x=[0.97 if isinstance(row, Bar) else 0.0 for row in rows],
        y=list(range(len(rows))),
        xaxis="x2",
        mode="text",
        text=[wording.plain_for_figure(each) for each in said],
        textposition=["middle left" if isinstance(row, Bar) else "middle right" for row in rows],
        textfont={"size": 13, "color": palette.text, "weight": ["normal" if isinstance(row, Bar) else "bold" for row in rows]},
        hoverinfo="skip",
        cliponaxis=False,
    )
