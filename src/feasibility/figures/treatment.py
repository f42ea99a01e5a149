"""The ineligible as one bar: who fails what is not called treatable, and who could be treated and screened again; where these are few, they alone."""

from __future__ import annotations

import plotly.graph_objects as go

from feasibility import wording
from feasibility.figures.style import Palette, sheet
from feasibility.results.treatable import Treatable

BAR_PIXELS, MENU = 130, 36  # the menu of the picture stands at its upper right
FEW = 0.15  # of the ineligible: too narrow a part to be told apart
AT = ({"xanchor": "left", "y": 1, "yanchor": "bottom"}, {"xanchor": "right", "y": 0, "yanchor": "top"}, {"xanchor": "right", "y": 1, "yanchor": "bottom"})
"""Where the words of a part stand, so that those of narrow ones do not meet."""


def treated(found: Treatable, palette: Palette) -> go.Figure:
    """One bar of all ineligible in three parts, each with its number and its words; of those who could be treated in two, where they are few."""
    alone = found.treatable < FEW * found.ineligible
    numbers = (0 if alone else found.for_good, found.eligible, found.undetermined)
    figure = go.Figure(
        layout={
            "height": BAR_PIXELS,
            "barmode": "stack",
            "margin": {"l": 0, "r": MENU, "t": 26, "b": 26},
            **sheet(palette),
            "xaxis": {"visible": False, "fixedrange": True, "range": [0, max(sum(numbers) if alone else found.ineligible, 1)]},
            "yaxis": {"visible": False, "fixedrange": True},
            "hovermode": "closest",
        }
    )
    colours = (palette.lost, palette.eligible, palette.eligible)
    end = 0
    for number, said, colour, open_, at in zip(numbers, wording.TREATED_PARTS, colours, (False, False, True), AT, strict=True):
        start, end = end, end + number
        pattern = {"shape": "/", "fgcolor": palette.eligible, "bgcolor": palette.paper, "size": 6} if open_ else {}
        words = f"{wording.count(number)} {said}"
        figure.add_bar(
            x=[number], y=[""], orientation="h", marker={"color": colour, "pattern": pattern, "line": {"width": 0}}, hovertext=[words], hoverinfo="text"
        )
        if number:
            figure.add_annotation(x=start if at["xanchor"] == "left" else end, yref="paper", showarrow=False, text=f"<b>{words}</b>", **at)
    if alone:
        said = wording.for_good_not_drawn(found)
        figure.add_annotation(x=0, yref="paper", y=1, xanchor="left", yanchor="bottom", showarrow=False, text=said, font={"color": palette.muted})
    return figure
