"""The picture of an order of screening: who reaches each stage, who is stopped there, what it costs."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from feasibility import wording
from feasibility.figures.style import HEAD_PIXELS, HEAD_SIZE, MARGIN, Palette, hatched, hovers, sheet, words_above, write_column
from feasibility.results.screening_order import ScreeningCost

ROW_PIXELS, SAID_CHARACTERS = 29, 88
NAMES, BARS, COLUMNS = (0.0, 0.38), (0.38, 0.82), (0.82, 1.0)
NAME_CHARACTERS, SMALL_PIXELS = 38, 11  # of a line at 1280 pixels; letters of which two lines fit a row
COSTS_AT = 0.45, 1.0
CHARACTER = 7 / 590
HIDDEN: dict[str, Any] = {"visible": False, "fixedrange": True}


def screening(
    found: ScreeningCost,
    beside: ScreeningCost,
    labels: Mapping[str, str],
    costs: Sequence[tuple[str, Sequence[str]]],
    palette: Palette,
    said: Sequence[str],
) -> go.Figure:
    """A row a stage, in order: those who go on, those stopped by the data, those stopped by a pass rate assumed; beside it two columns of ``costs``.

    A stage at another place than in the order ``beside`` stands out, and bars of one length are as many patients in both.
    """
    words, above = words_above(said, palette, SAID_CHARACTERS)
    stages, rows = found.stages, list(range(len(found.stages)))
    names = [_fitted(wording.stage_name(row + 1, labels[each.id])) for row, each in enumerate(stages)]
    moved = [beside.order[row] != each.id for row, each in enumerate(stages)]
    texts = [f" {wording.stage_texts(each)}" for each in stages]
    of_each = hovers(wording.plain_for_figure(wording.stage_hover(each, labels[each.id])) for each in stages)
    width = BARS[1] - BARS[0]
    both = (*stages, *beside.stages)
    most = max((each.reaching / max(1 - (len(wording.stage_texts(each)) + 1) * CHARACTER / width, 0.2) for each in both), default=1) or 1
    on, stopped, assumed = wording.STAGE_PARTS
    legend = (
        f"<b style='color:{palette.eligible}'>■ {on}</b>  <b style='color:{palette.lost_text}'>■ {stopped}</b>  "
        f"<span style='color:{palette.lost_text}'>▨</span> {assumed}"
    )
    heads = [(NAMES[0], "left", wording.STAGE_HEAD), (BARS[0], "left", legend)]
    heads += [(_at(place), "right", named) for place, (named, _) in zip(COSTS_AT, costs, strict=True)]
    figure = go.Figure(
        layout={
            "barmode": "stack",
            "bargap": 0.32,
            "height": MARGIN + above + HEAD_PIXELS + ROW_PIXELS * len(stages) + MARGIN,
            "margin": {"l": MARGIN, "r": MARGIN, "t": MARGIN + above + HEAD_PIXELS, "b": MARGIN, "pad": 0},
            **sheet(palette),
            "xaxis": {**HIDDEN, "domain": BARS, "range": (0, most)},
            "xaxis2": {**HIDDEN, "domain": NAMES, "range": (0, 1)},
            "xaxis3": {**HIDDEN, "domain": COLUMNS, "range": (0, 1)},
            "yaxis": {
                "range": (len(stages) - 0.5, -0.5),
                "tickmode": "array",
                "tickvals": [row - 0.5 for row in rows],
                "showticklabels": False,
                "ticks": "",
                "gridcolor": palette.line,
                "zeroline": False,
                "fixedrange": True,
            },
            "annotations": [
                {"text": text, "x": at, "xref": "paper", "xanchor": anchor, "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False,
                 "font": {"size": HEAD_SIZE, "color": palette.muted}}
                for at, anchor, text in heads
            ] + words,
        }
    )  # fmt: skip
    colours = [palette.changed if each else palette.text for each in moved]
    write_column(figure, "x2", [0.0] * len(rows), names, "right", colours, ["bold" if each else "normal" for each in moved])
    by_assumption = [each.by_assumption for each in stages]
    edged = {**hatched(palette.lost), "line": {"color": palette.lost, "width": [1 if each else 0 for each in by_assumption]}}  # an edge about nobody is seen
    parts: tuple[tuple[str, list[float], dict[str, Any]], ...] = (
        (on, [max(each.reaching - each.stopped - each.by_assumption, 0) for each in stages], {"color": palette.eligible, "line": {"width": 0}}),
        (stopped, [each.stopped for each in stages], {"color": palette.lost, "line": {"width": 0}}),
        (assumed, by_assumption, edged),
    )
    for name, lengths, marker in parts:
        figure.add_bar(x=lengths, y=rows, orientation="h", name=name, marker=marker, hoverinfo="text", hovertext=of_each)
    write_column(figure, "x", [each.reaching for each in stages], texts, "right", [palette.text] * len(rows))
    for place, (_, of_each_stage), colour, weight in zip(COSTS_AT, costs, (palette.muted, palette.text), ("normal", "bold"), strict=True):
        write_column(figure, "x3", [place] * len(rows), list(of_each_stage), "left", [colour] * len(rows), [weight] * len(rows))
    return figure


def _fitted(name: str) -> str:
    """A name of a stage in its column: in two lines of smaller letters where one does not hold it."""
    lines = [wording.plain_for_figure(line) for line in textwrap.wrap(name, NAME_CHARACTERS, max_lines=2, placeholder=" …")]
    return lines[0] if len(lines) == 1 else f"<span style='font-size:{SMALL_PIXELS}px'>{'<br>'.join(lines)}</span>"


def _at(place: float) -> float:
    return COLUMNS[0] + place * (COLUMNS[1] - COLUMNS[0])
