"""What measuring what is missing could add: a bar a gap, from what it adds at least to what it could add at most."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from feasibility import wording
from feasibility.figures.style import FONT, HEAD_PIXELS, MARGIN, Palette, hovers, sheet, words_above
from feasibility.results.gaps import Gap
from feasibility.variables import Catalogue

ROW_PIXELS, NAMES = 25, 0.38
SAID_CHARACTERS = 190
ROOM = 1.12  # for the numbers beside the longest bar


def could_add(shown: Sequence[Gap], catalogue: Catalogue, palette: Palette, said: Sequence[str]) -> go.Figure:
    """Solid what is gained whatever is found, hatched what may be; the first gap on top."""
    words, above = words_above(said, palette, SAID_CHARACTERS)
    rows = list(range(len(shown)))
    least, most = [gap.gained.low for gap in shown], [gap.gained.high for gap in shown]
    hatched = {"shape": "/", "fgcolor": palette.eligible, "bgcolor": palette.paper, "size": 6}
    figure = go.Figure(
        layout={
            "height": MARGIN + above + HEAD_PIXELS + ROW_PIXELS * len(shown) + MARGIN,
            "margin": {"l": MARGIN, "r": MARGIN, "t": MARGIN + above + HEAD_PIXELS, "b": MARGIN},
            "barmode": "stack",
            "bargap": 0.3,
            **sheet(palette),
            "annotations": words,
            "xaxis": {"visible": False, "fixedrange": True, "domain": (NAMES, 1), "range": (0, max(*most, 1) * ROOM)},
            "xaxis2": {"visible": False, "fixedrange": True, "domain": (0, NAMES), "range": (0, 1)},
            "yaxis": {"visible": False, "fixedrange": True, "range": (len(shown) - 0.5, -0.5)},
        }
    )
    of_each = hovers(wording.gap_said(gap, catalogue) for gap in shown)
    figure.add_bar(x=least, y=rows, orientation="h", marker={"color": palette.eligible, "line": {"width": 0}}, hovertext=of_each, hoverinfo="text")
    figure.add_bar(
        x=[high - low for low, high in zip(least, most, strict=True)],
        y=rows,
        orientation="h",
        marker={"pattern": hatched, "color": palette.eligible, "line": {"width": 1, "color": palette.eligible}},
        text=[f" {wording.gained_said(gap)}" for gap in shown],
        textposition="outside",
        textfont={"color": palette.text, "size": FONT["size"]},
        cliponaxis=False,
        hovertext=of_each,
        hoverinfo="text",
    )
    figure.add_scatter(
        x=[0] * len(shown),
        y=rows,
        xaxis="x2",
        mode="text",
        text=[wording.plain_for_figure(wording.gap_name(gap, catalogue)) for gap in shown],
        textposition="middle right",
        textfont={"color": palette.text},
        hoverinfo="skip",
    )
    return figure
