"""The ineligible as one bar: who fails what is not called treatable, and who could be treated and screened again; where these are few, they alone."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from feasibility import wording
from feasibility.figures.style import HEAD_PIXELS, MARGIN, Palette, hovers, sheet, words_above
from feasibility.results.treatable import Treatable

BAR_PIXELS, MENU, SAID_CHARACTERS = 138, 36, 190  # the menu of the picture stands at its upper right
FEW = 0.15  # of the ineligible: too narrow a part to be told apart
AT = ({"xanchor": "left", "y": 1, "yanchor": "bottom"}, {"xanchor": "right", "y": 0, "yanchor": "top"}, {"xanchor": "right", "y": 1, "yanchor": "bottom"})
"""Where the words of a part stand, so that those of narrow ones do not meet."""


def treated(found: Treatable, palette: Palette, said: Sequence[str]) -> go.Figure:
    """One bar of all ineligible in three parts, each with its number and its words; of those who could be treated in two, where they are few."""
    words, above = words_above(said, palette, SAID_CHARACTERS)
    alone = found.treatable < FEW * found.ineligible
    numbers = (0 if alone else found.for_good, found.eligible, found.undetermined)
    figure = go.Figure(
        layout={
            "height": BAR_PIXELS + above,
            "barmode": "stack",
            "margin": {"l": MARGIN, "r": MENU, "t": MARGIN + above + HEAD_PIXELS, "b": 26},
            **sheet(palette),
            "annotations": words,
            "xaxis": {"visible": False, "fixedrange": True, "range": [0, max(sum(numbers) if alone else found.ineligible, 1)]},
            "yaxis": {"visible": False, "fixedrange": True},
            "hovermode": "closest",
        }
    )
    colours = (palette.lost, palette.eligible, palette.eligible)
    end = 0
    for number, part, colour, open_, at in zip(numbers, wording.TREATED_PARTS, colours, (False, False, True), AT, strict=True):
        start, end = end, end + number
        pattern = {"shape": "/", "fgcolor": palette.eligible, "bgcolor": palette.paper, "size": 6} if open_ else {}
        named = f"{wording.count(number)} {part}"
        figure.add_bar(
            x=[number], y=[""], orientation="h", marker={"color": colour, "pattern": pattern, "line": {"width": 0}}, hovertext=hovers([named]), hoverinfo="text"
        )
        if number:
            figure.add_annotation(x=start if at["xanchor"] == "left" else end, yref="paper", showarrow=False, text=f"<b>{named}</b>", **at)
    if alone:
        not_drawn = wording.for_good_not_drawn(found)
        figure.add_annotation(x=0, yref="paper", y=1, xanchor="left", yanchor="bottom", showarrow=False, text=not_drawn, font={"color": palette.muted})
    return figure
