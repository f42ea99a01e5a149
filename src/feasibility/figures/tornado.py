"""The tornado: what each change alone would make of the number eligible; three groups about one line, on one scale.

Its numbers of those eligible or undetermined stand in a column of their own: beside the ends of their lines they would overprint those of the bars.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from feasibility import wording
from feasibility.figures.style import FONT, HEAD_SIZE, Palette, hatched, headed, sheet
from feasibility.protocol import Protocol
from feasibility.results.pairs import round_targets
from feasibility.results.tornado import Bar, Group, Tornado

Marker = dict[str, Any]

ROW_PIXELS, EDGES, SAID_CHARACTERS = 19, 26, 235
LABELS, REACHES = 0.29, 0.89  # of the width: up to where the names stand, and from where the numbers of those who could be eligible
THICK, THIN = 0.56, 0.14  # of a row
BELOW = 0.38  # of a row: how far under the middle the line from a bar's lower end runs, clear of what is written
ROOM, CHARACTER = 0.16, 0.0125  # of the scale, on either side, for what is written beside the bars; on the left for so many characters more
CUT_FROM, MOST_CUT, CUT_AT = 4, 4, 1.25  # a few bars so many times as long as the next are cut, at so many times its length
FEW_TIMES = 3  # thin lines are drawn where the longest is at most so many times as long as the bars, which would be too short to be told apart beside it


@dataclass(frozen=True)
class Scale:
    """From where to where the picture goes: ``low`` and ``high`` of the bars, and how far the thin lines ``reach``; None where they are not drawn."""

    low: float
    high: float
    reach: float | None

    def edges(self, characters: int = 0) -> tuple[float, float]:
        """The ends of the axis, with room for what is written, on the left for as many characters."""
        high = max(self.high, self.reach or self.high)
        whole = high - self.low or 1
        return self.low - whole * max(ROOM, CHARACTER * characters), high + whole * ROOM


def scale(tornado: Tornado, shown: Sequence[Bar]) -> Scale:
    """The scale of the bars shown: a few that are many times as long as all others do not set it, nor do the undetermined where they are many times as many."""
    base = tornado.base.eligible
    arms = sorted((arm for bar in shown for arm in (base - bar.low.eligible, bar.high.eligible - base) if arm), reverse=True)
    longest = float(arms[0]) if arms else 0.0
    for cut in range(1, min(MOST_CUT, len(arms) // 2) + 1):
        if arms[cut - 1] > CUT_FROM * arms[cut]:
            longest = arms[cut] * CUT_AT
    low = max(base - longest, min((float(bar.low.eligible) for bar in shown), default=base))
    high = min(base + longest, max((float(bar.high.eligible) for bar in shown), default=base))
    reach = float(max((end.possible for bar in shown for end in (*bar.ends, bar.base)), default=tornado.base.possible))
    return Scale(low, high, reach if reach - low <= FEW_TIMES * (high - low) or high == low else None)


def pixels(rows: int, said: str) -> int:
    """How tall the picture is with so many rows."""
    return _above(said) + ROW_PIXELS * max(rows, 1) + EDGES


def bars(tornado: Tornado, shown: Sequence[Bar], protocol: Protocol, title: str, said: str, palette: Palette, pressed: Bar | None = None) -> go.Figure:
    """The bars ``shown``, each group under its heading; who is no longer eligible to the left of the line, lost or undetermined, who is gained to the right.

    From each end that a change leads to a thin line reaches to those eligible or undetermined there, unless they are many times as many; their number stands
    at the right. A bar longer than the scale is cut. Pressing a row selects a point whose ``customdata`` is the bar's place in the tornado; the name of the one
    ``pressed`` is bold.
    """
    rows: list[Bar | Group] = []
    for group in Group:
        of_group = [bar for bar in shown if bar.group is group]
        rows += [group, *of_group] if of_group else []
    within = scale(tornado, shown)
    figure = go.Figure(layout=_layout(tornado, shown, within, len(rows), title, said, palette))
    _legend(figure, shown, palette)
    placed = [(row, place) for place, row in enumerate(rows) if isinstance(row, Bar)]
    base = tornado.base.eligible
    ends = [(bar, place, max(bar.low.eligible, within.low), min(bar.high.eligible, within.high)) for bar, place in placed]
    lasting = [(place, low, min(max(bar.low.eligible + bar.opened, low), base)) for bar, place, low, _ in ends]  # up to where they are undetermined
    _bars(figure, [(place, open_to, base) for place, _, open_to in lasting], THICK, _filled(palette.lost))
    _bars(figure, [(place, base, high) for _, place, _, high in ends], THICK, _filled(palette.eligible))
    if within.reach is not None:
        above = [(place, high, bar.high.possible) for bar, place, _, high in ends if bar.high in bar.ends and bar.high.possible > bar.high.eligible]
        beneath = [(place + BELOW, low, bar.low.possible) for bar, place, low, _ in ends if _open_below(bar)]
        _bars(figure, above, THIN, _filled(palette.eligible), 0.55)
        _bars(figure, beneath, THIN, _filled(palette.muted), 0.55)
    _bars(figure, [(place, low, open_to) for place, low, open_to in lasting if open_to > low], THICK, hatched(palette.muted))
    now, possible = {"color": palette.text, "width": 2}, {"color": palette.muted, "width": 1, "dash": "dot"}
    for value, line in ((base, now), *(((tornado.base.possible, possible),) if within.reach is not None else ())):
        figure.add_shape(type="line", x0=value, x1=value, y0=-0.5, y1=len(rows) - 0.5, line=line)
    _cuts(figure, [(place, low) for bar, place, low, _ in ends if low > bar.low.eligible], palette)
    _cuts(figure, [(place, high) for bar, place, _, high in ends if high < bar.high.eligible], palette)
    left = [(bar.mostly_opened, (low, place, wording.lost_by(bar), low > bar.low.eligible)) for bar, place, low, _ in ends]
    known, opened = ([number for mostly_opened, number in left if mostly_opened is kind] for kind in (False, True))
    gained = [(high, place, wording.gained_by(bar), high < bar.high.eligible) for bar, place, _, high in ends]
    for numbers, side, colour in ((known, "left", palette.lost_text), (opened, "left", palette.muted), (gained, "right", palette.eligible)):
        _write(figure, [(at, place, wording.cut_by(said) if cut else said) for at, place, said, cut in numbers], side, colour, palette)
    _names(figure, rows, [isinstance(row, Group) or row is pressed for row in rows], protocol, palette)
    _reaches(figure, placed, palette)
    unseen = {"marker": {"opacity": 0}}
    figure.add_scatter(
        x=[(low + high) / 2 for *_, low, high in ends],
        y=[place for _, place, *_ in ends],
        mode="markers",
        marker={"opacity": 0, "size": 14},
        selected=unseen,
        unselected=unseen,
        customdata=[tornado.bars.index(bar) for bar, *_ in ends],
        hoverinfo="text",
        hovertext=[wording.bar(bar, tornado, protocol) for bar, *_ in ends],
    )
    return figure


def _legend(figure: go.Figure, shown: Sequence[Bar], palette: Palette) -> None:
    """What the colours of the bars are, where such bars are drawn: under the names, where there is room in a narrow window too."""
    gained, lost, undetermined = wording.TORNADO_PARTS
    parts = [f"<span style='color:{palette.eligible}'>■</span> {gained}"] if any(bar.high.eligible > bar.base.eligible for bar in shown) else []
    if any(bar.base.eligible - bar.low.eligible > bar.opened for bar in shown):
        parts.append(f"<span style='color:{palette.lost}'>■</span> {lost}")
    if any(bar.opened for bar in shown):
        parts.append(f"▨ {undetermined}")
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": 0, "yref": "paper", "yanchor": "top"}
    figure.add_annotation(text=" ".join(parts), **place, showarrow=False, font={"size": HEAD_SIZE, "color": palette.muted})


def _open_below(bar: Bar) -> bool:
    """Whether the change leads to the lower end, and some are undetermined there."""
    return bar.low in bar.ends and bar.low != bar.high and bar.low.possible > bar.low.eligible


def _cuts(figure: go.Figure, at: Sequence[tuple[int, float]], palette: Palette) -> None:
    """Two strokes across the end of a bar that is longer than the picture."""
    figure.add_scatter(
        x=[x for _, x in at],
        y=[place for place, _ in at],
        mode="text",
        text=["<b>//</b>"] * len(at),
        textposition="middle center",
        textfont={"size": ROW_PIXELS, "color": palette.paper},
        hoverinfo="skip",
    )


def _reaches(figure: go.Figure, placed: Sequence[tuple[Bar, int]], palette: Palette) -> None:
    """At the right of each row who would be eligible or undetermined at the ends that the change leads to, the lower first."""
    for bar, place in placed:
        ends = [(bar.low, palette.muted)] if bar.low in bar.ends and bar.low != bar.high else []
        ends += [(bar.high, palette.eligible)] if bar.high in bar.ends else []
        said = " · ".join(f"<span style='color:{colour}'>{wording.count(end.possible)}</span>" for end, colour in ends)
        figure.add_annotation(
            x=1, xref="paper", xanchor="right", y=place, yref="y", text=said, showarrow=False, font={"size": HEAD_SIZE, "color": palette.muted}
        )


def _above(said: str) -> int:
    return 34 + 17 * len(textwrap.wrap(said, SAID_CHARACTERS)) + 22


def _layout(tornado: Tornado, shown: Sequence[Bar], within: Scale, rows: int, title: str, said: str, palette: Palette) -> go.Layout:
    low, high = within.edges(max((len(wording.lost_by(bar)) for bar in shown), default=0))
    base = tornado.base
    right = base.eligible > (low + high) / 2
    return go.Layout(
        height=pixels(rows, said),
        barmode="overlay",
        margin={"l": 8, "r": 8, "t": _above(said), "b": EDGES, "pad": 0},
        **sheet(palette),
        hovermode="y",
        hoverdistance=-1,
        title=headed(title, textwrap.wrap(said, SAID_CHARACTERS), palette),
        xaxis={"domain": (LABELS, REACHES), "range": (low, high), "fixedrange": True, "zeroline": False, "gridcolor": palette.line,
               "color": palette.muted, "tickformat": ",", "tickvals": (0, *round_targets(0, int(high))), "automargin": True},
        xaxis2={"domain": (0, LABELS), "range": (0, 1), "visible": False, "fixedrange": True},
        yaxis={"range": (max(rows, 1) - 0.5, -0.5), "visible": False, "fixedrange": True},
        annotations=[
            _above_all(wording.eligible_now(base.eligible), base.eligible, "x", "right" if right else "left", palette.text),
            _above_all(wording.possible_now(base.possible), 1, "paper", "right", palette.muted),
        ],
    )  # fmt: skip


def _above_all(text: str, x: float, of: str, side: str, colour: str) -> dict[str, Any]:
    place = {"x": x, "xref": of, "xanchor": side, "y": 1, "yref": "y domain", "yanchor": "bottom"}
    return {"text": text, **place, "showarrow": False, "font": {"size": FONT["size"], "color": colour}}


def _bars(figure: go.Figure, spans: Sequence[tuple[float, float, float]], width: float, marker: Marker, opacity: float = 1.0) -> None:
    """Bars lying from one number to another."""
    figure.add_bar(
        y=[place for place, *_ in spans],
        base=[low for _, low, _ in spans],
        x=[high - low for _, low, high in spans],
        orientation="h",
        width=width,
        marker=marker,
        opacity=opacity,
        unselected={"marker": {"opacity": 1}},  # though another row is pressed
        hoverinfo="skip",
    )


def _filled(colour: str) -> Marker:
    return {"color": colour, "line": {"width": 0}}


def _write(figure: go.Figure, numbers: Sequence[tuple[float, int, str]], side: str, colour: str, palette: Palette) -> None:
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


def _names(figure: go.Figure, rows: Sequence[Bar | Group], bold: Sequence[bool], protocol: Protocol, palette: Palette) -> None:
    said = [wording.what_of(row, protocol) if isinstance(row, Bar) else wording.GROUPS[row] for row in rows]
    figure.add_scatter(
        x=[0.97 if isinstance(row, Bar) else 0.0 for row in rows],
        y=list(range(len(rows))),
        xaxis="x2",
        mode="text",
        text=[wording.plain_for_figure(each) for each in said],
        textposition=["middle left" if isinstance(row, Bar) else "middle right" for row in rows],
        textfont={"size": 13, "color": palette.text, "weight": ["bold" if each else "normal" for each in bold]},
        hoverinfo="skip",
        cliponaxis=False,
    )
