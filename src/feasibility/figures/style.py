"""What all pictures have in common: colours, letters, the words above them.

Passing is teal, undetermined hatched, lost vermilion, changed indigo; a number or a word always says it too.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from feasibility import wording


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
    paper: str


LIGHT = Palette("#0b7a6f", "#ffffff", "#cc6a3c", "#b04d1e", "#eec5b0", "#3b46a5", "#1c2430", "#5c6777", "#e4e8ee", "#ffffff")
DARK = Palette("#36b3a4", "#0c1512", "#d9784a", "#eb9a72", "#6e4430", "#a9b1f8", "#e6eaf0", "#9aa5b4", "#2b333e", "#12161c")

HEAD_PIXELS, SAID_PIXELS, TITLE_PIXELS, BELOW_WORDS, MARGIN = 24, 17, 22, 8, 10
SAID_CHARACTERS = 150  # in a line above the picture, at 1280 pixels
FONT = {"family": '"Source Sans", "Source Sans Pro", sans-serif', "size": 13.5}
HEAD_SIZE = 12.5
HOVER_CHARACTERS = 64


def hatched(colour: str) -> dict[str, Any]:
    """A bar of those of whom it is not settled, as Plotly's marker."""
    pattern = {"shape": "/", "fgcolor": colour, "bgcolor": "rgba(0,0,0,0)", "size": 5, "solidity": 0.3, "fillmode": "replace"}
    return {"color": "rgba(0,0,0,0)", "line": {"color": colour, "width": 1}, "pattern": pattern}


def hovers(said: Iterable[str]) -> list[str]:
    """What is said of what is pointed at, in lines short enough to stand whole in half of the page."""
    return [
        "<br>".join(line for part in each.split("<br>") for line in textwrap.wrap(part, HOVER_CHARACTERS, break_long_words=False, break_on_hyphens=False))
        for each in said
    ]


def words_above(said: Sequence[str], palette: Palette, characters: int = SAID_CHARACTERS) -> tuple[list[dict[str, Any]], int]:
    """What is said above the picture, line by line from the top, and how many pixels it takes; room for the heads of its columns is left beneath."""
    if not said:
        return [], 0
    lines: list[tuple[str, float, int]] = [(f"<b>{wording.plain_for_figure(said[0])}</b>", 15, TITLE_PIXELS)]
    lines += [(wording.plain_for_figure(part), HEAD_SIZE, SAID_PIXELS) for each in said[1:] for part in textwrap.wrap(each, characters)]
    above = sum(pixels for _, _, pixels in lines) + BELOW_WORDS
    drawn, left = [], HEAD_PIXELS + above
    for text, size, pixels in lines:
        font = {"size": size, "color": palette.text}
        place = {"x": 0, "xref": "paper", "xanchor": "left", "y": 1, "yref": "paper", "yanchor": "top", "yshift": left}
        drawn.append({"text": text, **place, "showarrow": False, "align": "left", "font": font, "name": "said"})
        left -= pixels
    return drawn, above


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


def write_column(
    figure: go.Figure, axis: str, at: Sequence[float], text: Sequence[str], side: str, colour: str | Sequence[str], weight: str | Sequence[str] = "normal"
) -> None:
    """A column of text, a cell a row; ``side`` is on which side of ``at`` it stands. Plain text with a colour and a weight draws faster than tags."""
    figure.add_scatter(
        x=list(at),
        y=list(range(len(text))),
        xaxis=axis,
        mode="text",
        text=list(text),
        textposition=f"middle {side}",
        textfont={"color": colour, "weight": weight},
        hoverinfo="skip",
        cliponaxis=False,
    )


def sheet(palette: Palette) -> dict[str, Any]:
    """What a picture stands on, in the words of a Plotly layout: its paper and letters, and those of what is pointed at; nothing on it is dragged."""
    return {
        "paper_bgcolor": palette.paper,
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {**FONT, "color": palette.text},
        "showlegend": False,
        "dragmode": False,
        "hoverlabel": {"bgcolor": palette.paper, "bordercolor": palette.muted, "align": "left", "font": {**FONT, "color": palette.text}},
    }
