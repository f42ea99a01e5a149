"""Pictures of the overlap of criteria: what each costs, counted three ways, and which are failed together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from feasibility import wording
from feasibility.figures.style import FONT, HEAD_PIXELS, HEAD_SIZE, MARGIN, Palette, sheet, words_above
from feasibility.protocol import Protocol
from feasibility.results.accounting import Loss, Tally
from feasibility.results.overlap import FailedTogether

ROW_PIXELS, BARS_PIXELS = 23, 130
SAID_CHARACTERS = 205
CHARACTER = 7 / 1220  # the width of a character in that of the picture, at 1280 pixels
NAMES = 0.26
GAP = 0.02
DOT, LINE = 11, 3
HIDDEN: dict[str, Any] = {"visible": False, "fixedrange": True}


def attribution(losses: Sequence[Loss], tally: Tally, protocol: Protocol, palette: Palette, said: Sequence[str]) -> go.Figure:
    """A row a criterion: who fails it, who fails only it, its share of the loss, as bars on one scale with their numbers."""
    words, above = words_above(said, palette, SAID_CHARACTERS)
    labels = [wording.plain_for_figure(wording.name(protocol[each.id])) for each in losses]
    values = list(zip(*((each.fails, each.only_fail, each.share) for each in losses), strict=True))
    texts = list(zip(*(wording.loss_texts(each, tally.patients, tally.ineligible) for each in losses), strict=True))
    hovers = list(zip(*(wording.loss_hovers(each, label) for each, label in zip(losses, labels, strict=True)), strict=True))
    named = wording.loss_panels(tally)
    panels = _panels([max(each) for each in values], [max(map(len, each)) for each in texts], [len(head) for head, _ in named])
    heads = [_head(left, f"<b>{head}</b>", explained, palette) for (left, _, _), (head, explained) in zip(panels, named, strict=True)]
    axes = ["xaxis", "xaxis2", "xaxis3"]
    figure = go.Figure(
        layout=_layout(palette, MARGIN + above + HEAD_PIXELS + ROW_PIXELS * len(losses) + MARGIN, above, [*heads, *words])
        | {
            **{axis: {**HIDDEN, "domain": (left, right), "range": (0, most)} for axis, (left, right, most) in zip(axes, panels, strict=True)},
            "xaxis4": {**HIDDEN, "domain": (0, NAMES), "range": (0, 1)},
            "yaxis": _rows(len(losses), palette, (0, 1)),
            "bargap": 0.3,
        }
    )
    _names(figure, labels, "x4", "y", palette)
    for place, colour in enumerate((palette.lost_faint, palette.lost, palette.lost)):
        figure.add_bar(
            x=values[place],
            y=list(range(len(losses))),
            xaxis=axes[place].replace("axis", ""),
            orientation="h",
            marker={"color": colour, "line": {"width": 0}},
            text=[f" {each}" for each in texts[place]],
            textposition="outside",
            textfont={"color": palette.text, "size": FONT["size"]},
            cliponaxis=False,
            hoverinfo="text",
            hovertext=hovers[place],
        )
    return figure


def together(found: FailedTogether, rows: Sequence[str], protocol: Protocol, palette: Palette, said: Sequence[str]) -> go.Figure:
    """A column a set: its patients as a bar with the number, below it a dot on the row of each criterion failed."""
    words, above = words_above(said, palette, SAID_CHARACTERS)
    plot = BARS_PIXELS + ROW_PIXELS * len(rows)
    share = ROW_PIXELS * len(rows) / plot
    columns, most = list(range(len(found.sets))), max(each.patients for each in found.sets)
    further = wording.further_sets(found)
    reach = len(columns) + (2.5 if further else 0)
    hovers = [wording.set_hover(each) for each in found.sets]
    rest = [
        {"text": "<br>".join(further), "x": reach - 0.5, "xref": "x", "xanchor": "right", "y": 1, "yref": "paper", "yanchor": "top", "showarrow": False,
         "align": "right", "font": {"size": FONT["size"], "color": palette.text}}
    ]  # fmt: skip
    figure = go.Figure(
        layout=_layout(palette, MARGIN + above + HEAD_PIXELS + plot + MARGIN, above, [*(rest if further else ()), *words])
        | {
            "xaxis": {**HIDDEN, "domain": (NAMES, 1), "range": (-0.5, reach - 0.5), "anchor": "y"},
            "xaxis2": {**HIDDEN, "domain": (0, NAMES), "range": (0, 1)},
            "yaxis": _rows(len(rows), palette, (0, share)),
            "yaxis2": {**HIDDEN, "domain": (share, 1), "range": (-most * 0.03, most * 1.2), "anchor": "x"},
            "bargap": 0.35,
        }
    )
    _names(figure, [wording.plain_for_figure(wording.name(protocol[each])) for each in rows], "x2", "y", palette)
    figure.add_bar(
        x=columns,
        y=[each.patients for each in found.sets],
        yaxis="y2",
        marker={"color": palette.lost, "line": {"width": 0}},
        text=[wording.count(each.patients) for each in found.sets],
        textposition="outside",
        textfont={"color": palette.text, "size": FONT["size"]},
        cliponaxis=False,
        hoverinfo="text",
        hovertext=hovers,
    )
    _dots(figure, [(column, row) for column in columns for row in range(len(rows))], palette.line, 0.6)
    places = {each: place for place, each in enumerate(rows)}
    spans = [(column, sorted(places[each] for each in found.sets[column].criteria)) for column in columns]
    figure.add_scatter(
        x=[x for column, _ in spans for x in (column, column, None)],
        y=[y for _, failed in spans for y in (failed[0], failed[-1], None)],
        mode="lines",
        line={"color": palette.lost, "width": LINE},
        hoverinfo="skip",
    )
    filled = [(column, row) for column, failed in spans for row in failed]
    _dots(figure, filled, palette.lost, 1, [hovers[column] for column, _ in filled])
    return figure


def _panels(most: Sequence[float], characters: Sequence[int], heads: Sequence[int]) -> list[tuple[float, float, float]]:
    """For each panel where it begins and ends and the value at its end, so that a patient is as long in every one of them.

    ``characters`` stand beside its longest bar, of ``most`` patients; it is no narrower than its head.
    """
    written = [(each + 2) * CHARACTER for each in characters]
    unit = _unit(most, written)
    for _ in most:  # a panel made wider shortens the bars of all
        written = [max(beside, head * CHARACTER - longest * unit) for longest, beside, head in zip(most, written, heads, strict=True)]
        unit = _unit(most, written)
    panels, left = [], NAMES
    for longest, beside in zip(most, written, strict=True):
        width = longest * unit + beside
        panels.append((left, min(left + width, 1.0), width / unit))
        left += width + GAP
    return panels


def _unit(most: Sequence[float], written: Sequence[float]) -> float:
    """How wide a patient is where so much is written beside the bars."""
    room = 1 - NAMES - sum(written) - GAP * (len(most) - 1)
    return max(room, 0.1) / (sum(most) or 1)


def _layout(palette: Palette, height: int, above: int, annotations: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "height": height,
        "margin": {"l": MARGIN, "r": MARGIN, "t": MARGIN + above + HEAD_PIXELS, "b": MARGIN, "pad": 0},
        **sheet(palette),
        "annotations": annotations,
    }


def _rows(number: int, palette: Palette, domain: tuple[float, float]) -> dict[str, Any]:
    return {
        "range": (number - 0.5, -0.5),
        "domain": domain,
        "tickmode": "array",
        "tickvals": [place - 0.5 for place in range(number)],
        "showticklabels": False,
        "ticks": "",
        "gridcolor": palette.line,
        "zeroline": False,
        "fixedrange": True,
    }


def _head(left: float, text: str, explained: str, palette: Palette) -> dict[str, Any]:
    font = {"size": HEAD_SIZE, "color": palette.muted}
    place = {"x": left, "xref": "paper", "xanchor": "left", "y": 1, "yref": "paper", "yanchor": "bottom"}
    return {"text": text, **place, "showarrow": False, "font": font, "hovertext": explained}


def _names(figure: go.Figure, labels: Sequence[str], x: str, y: str, palette: Palette) -> None:
    figure.add_scatter(
        x=[0.0] * len(labels),
        y=list(range(len(labels))),
        xaxis=x,
        yaxis=y,
        mode="text",
        text=list(labels),
        textposition="middle right",
        textfont={"color": palette.text},
        hoverinfo="skip",
        cliponaxis=False,
    )


def _dots(figure: go.Figure, at: Sequence[tuple[int, int]], colour: str, scale: float, hovers: Sequence[str] = ()) -> None:
    figure.add_scatter(
        x=[column for column, _ in at],
        y=[row for _, row in at],
        mode="markers",
        marker={"color": colour, "size": DOT * scale, "line": {"width": 0}},
        **({"hoverinfo": "text", "hovertext": list(hovers)} if hovers else {"hoverinfo": "skip"}),
    )
