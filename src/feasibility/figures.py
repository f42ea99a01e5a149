"""Pictures of the results: Plotly figures of a stable shape, so that they change in place.

Passing is teal, undetermined hatched, lost vermilion, changed indigo; a number or a word always says it too.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from feasibility import wording
from feasibility.results.accounting import Loss, Step
from feasibility.results.overview import Overview


@dataclass(frozen=True)
class Palette:
    """The colours of one theme."""

    eligible: str
    on_eligible: str
    lost: str
    lost_text: str
    lost_faint: str
    changed: str
    text: str
    muted: str
    line: str


LIGHT = Palette("#0b7a6f", "#ffffff", "#cc6a3c", "#b04d1e", "#eec5b0", "#3b46a5", "#1c2430", "#5c6777", "#e4e8ee")
DARK = Palette("#36b3a4", "#0c1512", "#d9784a", "#eb9a72", "#6e4430", "#a9b1f8", "#e6eaf0", "#9aa5b4", "#2b333e")

ROW_PIXELS = 26
HEAD_PIXELS = 26
FONT_PIXELS = 12.5
LABEL_PIXELS = 186
FUNNEL, FAILS, COLUMNS = (0.0, 0.475), (0.495, 0.725), (0.725, 1.0)
ROOM_FOR_NUMBERS = 1.42  # how much longer than the longest bar its panel is
LEAST_BAR_WITH_NUMBER = 0.1  # of the panel: shorter bars have no room for a number inside
UNKNOWN_AT, GAIN_AT, SHARE_AT = 0.28, 0.66, 1.0


def height(rows: int) -> int:
    """Pixels for a figure of so many criteria."""
    return HEAD_PIXELS + ROW_PIXELS * max(rows, 1) + 6


def funnel_and_breakdown(overview: Overview, palette: Palette, changed: Collection[str] = ()) -> go.Figure:
    """Who is left after each criterion and, in the same row, what that criterion costs.

    A row for each criterion assessed, in the order of the funnel; those switched off stand last, empty, so that the shape stays.
    """
    protocol, partly = overview.screening.protocol, overview.screening.partly_assessed
    idle = tuple(each for each in overview.screening.assessed if each not in overview.order)
    rows = (*overview.order, *idle)
    labels = []
    for each in rows:
        said = f"{each}  {wording.plain_for_figure(protocol[each].label)}{' *' if each in partly else ''}"
        colour = palette.muted if each in idle else palette.changed if each in changed else palette.text
        labels.append(f'<span style="color:{colour}">{f"<b>{said}</b>" if each in changed else said}</span>')
    figure = go.Figure(layout=_layout(overview, labels, palette))
    places = list(range(len(rows)))
    _funnel(figure, overview.steps, len(idle), places, palette)
    _fails(figure, overview.losses, len(idle), places, palette)
    _columns(figure, overview, len(idle), places, palette)
    return figure


def _layout(overview: Overview, labels: Sequence[str], palette: Palette) -> go.Layout:
    total = max(overview.tally.patients, 1)
    most = max((loss.fails for loss in overview.losses), default=0) or 1
    hidden = {"visible": False, "fixedrange": True, "anchor": "y"}
    heads = (
        (FUNNEL[0], "left", f"Left after this step: <b style='color:{palette.eligible}'>■ eligible</b>  ▨ undetermined  <b style='color:{palette.lost_text}'>■ lost</b>"),
        (FAILS[0], "left", "Fails it <b>(only it)</b>"),
        (_at(UNKNOWN_AT), "right", "Unknown"),
        (_at(GAIN_AT), "right", "If off"),
        (_at(SHARE_AT), "right", "Share"),
    )
    return go.Layout(
        barmode="stack",
        bargap=0.34,
        height=height(len(labels)),
        margin={"l": LABEL_PIXELS, "r": 4, "t": HEAD_PIXELS, "b": 4, "pad": 4},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"size": FONT_PIXELS, "color": palette.text},
        showlegend=False,
        dragmode=False,
        uniformtext={"minsize": 11, "mode": "hide"},
        xaxis={**hidden, "domain": FUNNEL, "range": (0, total * ROOM_FOR_NUMBERS)},
        xaxis2={**hidden, "domain": FAILS, "range": (0, most * 2.1)},
        xaxis3={**hidden, "domain": COLUMNS, "range": (0, 1)},
        yaxis={
            "range": (max(len(labels), 1) - 0.5, -0.5),
            "tickmode": "array",
            "tickvals": list(range(len(labels))),
            "ticktext": list(labels),
            "tickfont": {"size": FONT_PIXELS, "color": palette.text},
            "ticklabelposition": "outside",
            "ticks": "",
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "automargin": False,
        },
        shapes=[
            {"type": "line", "xref": "paper", "x0": -0.36, "x1": 1, "yref": "y", "y0": place - 0.5, "y1": place - 0.5, "line": {"color": palette.line, "width": 1}, "layer": "below"}
            for place in range(len(labels))
        ],
        annotations=[
            {"text": said, "x": at, "xref": "paper", "xanchor": anchor, "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False, "align": anchor, "font": {"size": 12, "color": palette.muted}, "yshift": 2}
            for at, anchor, said in heads
        ],
    )


def _at(place: float) -> float:
    return COLUMNS[0] + place * (COLUMNS[1] - COLUMNS[0])


def _funnel(figure: go.Figure, steps: Sequence[Step], idle: int, places: list[int], palette: Palette) -> None:
    blank = [0] * idle
    eligible = [step.eligible for step in steps] + blank
    undetermined = [step.undetermined for step in steps] + blank
    lost = [step.lost for step in steps] + blank
    longest = max((e + u + gone for e, u, gone in zip(eligible, undetermined, lost, strict=True)), default=1) * ROOM_FOR_NUMBERS
    inside = [wording.count(number) if number > LEAST_BAR_WITH_NUMBER * longest else "" for number in eligible]
    common = {"y": places, "orientation": "h", "hoverinfo": "text"}
    figure.add_bar(
        **common, x=eligible, name=wording.ELIGIBLE, marker={"color": palette.eligible, "line": {"width": 0}}, text=inside, textposition="inside",
        insidetextanchor="start", textangle=0, textfont={"color": palette.on_eligible, "size": 11.5}, hovertext=[f"{wording.count(number)} eligible" for number in eligible],
    )
    figure.add_bar(
        **common, x=undetermined, name=wording.UNDETERMINED, hovertext=[f"{wording.count(number)} undetermined" for number in undetermined],
        marker={"color": "rgba(0,0,0,0)", "line": {"color": palette.eligible, "width": 1},
                "pattern": {"shape": "/", "fgcolor": palette.eligible, "bgcolor": "rgba(0,0,0,0)", "size": 5, "solidity": 0.3, "fillmode": "replace"}},
    )
    figure.add_bar(
        **common, x=lost, name=wording.LOST, marker={"color": palette.lost, "line": {"width": 0}}, hovertext=[f"{wording.count(number)} lost at this step" for number in lost],
    )
    said = [
        f"<b>{wording.count(step.eligible + step.undetermined)}</b> <span style='color:{palette.lost_text}'>{wording.signed(-step.lost)}</span>" for step in steps
    ] + [f"<span style='color:{palette.muted}'>off</span>"] * idle
    ends = [e + u + gone for e, u, gone in zip(eligible, undetermined, lost, strict=True)]
    figure.add_scatter(x=ends, y=places, mode="text", text=[f"  {each}" for each in said], textposition="middle right", hoverinfo="skip", cliponaxis=False)


def _fails(figure: go.Figure, losses: Sequence[Loss], idle: int, places: list[int], palette: Palette) -> None:
    blank = [0] * idle
    only = [loss.only_fail for loss in losses] + blank
    others = [loss.fails - loss.only_fail for loss in losses] + blank
    fails = [loss.fails for loss in losses] + blank
    common = {"y": places, "orientation": "h", "xaxis": "x2", "hoverinfo": "text"}
    figure.add_bar(**common, x=only, name="only fail", marker={"color": palette.lost, "line": {"width": 0}}, hovertext=[f"{wording.count(number)} fail it and pass all others" for number in only])
    figure.add_bar(**common, x=others, name="fails", marker={"color": palette.lost_faint, "line": {"width": 0}}, hovertext=[f"{wording.count(number)} fail it among others" for number in others])
    said = [f"  {wording.count(loss.fails)} <b>({wording.count(loss.only_fail)})</b>" for loss in losses] + [""] * idle
    figure.add_scatter(x=fails, y=places, xaxis="x2", mode="text", text=said, textposition="middle right", hoverinfo="skip", cliponaxis=False)


def _columns(figure: go.Figure, overview: Overview, idle: int, places: list[int], palette: Palette) -> None:
    ineligible = overview.tally.ineligible
    columns = (
        (UNKNOWN_AT, palette.muted, [wording.count(loss.unknown) if loss.unknown else "" for loss in overview.losses]),
        (GAIN_AT, palette.text, [f"<b>{wording.signed(loss.gain)}</b>" for loss in overview.losses]),
        (SHARE_AT, palette.muted, [wording.share_of(loss.share, ineligible) for loss in overview.losses]),
    )
    for at, colour, said in columns:
        figure.add_scatter(
            x=[at] * len(places), y=places, xaxis="x3", mode="text", text=[*said, *[""] * idle], textposition="middle left",
            textfont={"color": colour}, hoverinfo="skip", cliponaxis=False,
        )
