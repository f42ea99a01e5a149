"""The picture of the workbench: the funnel and the breakdown per criterion, in rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import plotly.graph_objects as go

from feasibility import wording
from feasibility.figures.style import HEAD_PIXELS, HEAD_SIZE, MARGIN, Palette, hatched, sheet, words_above, write_column
from feasibility.results.accounting import Loss, Step
from feasibility.results.overview import Overview

ROW_PIXELS = 25
NAMES, FUNNEL, FAILS, COLUMNS = (0.0, 0.28), (0.28, 0.585), (0.592, 0.775), (0.775, 1.0)
CHARACTER = 6.4 / 716  # the width of a character in that of the figure, at 1280 pixels
NAME_AT = 0.14
UNKNOWN_AT, GAIN_AT, SHARE_AT = 0.36, 0.75, 1.0


def funnel_and_breakdown(overview: Overview, palette: Palette, changed: Collection[str] = (), said: Sequence[str] = ()) -> go.Figure:
    """Who is left after each criterion and, in the same row, what that criterion costs.

    Above it stands what is ``said`` of it, the first line as its title, so that a slide made from it needs no other words.

    A row for each criterion assessed, in the order of the funnel; those switched off stand last, empty, so that the shape stays.
    """
    idle = tuple(each for each in overview.screening.assessed if each not in overview.order)
    rows = (*overview.order, *idle)
    places = list(range(len(rows)))
    figure = go.Figure(layout=_layout(overview, len(rows), palette, said))
    _names(figure, overview, rows, changed, palette)
    _funnel(figure, overview.steps, len(idle), palette)
    _fails(figure, overview.losses, len(idle), palette)
    _columns(figure, overview, len(idle), places, palette)
    return figure


def _layout(overview: Overview, rows: int, palette: Palette, said: Sequence[str]) -> go.Layout:
    words, above = words_above(said, palette)
    most = max((loss.fails for loss in overview.losses), default=0) or 1
    only = max((loss.only_fail for loss in overview.losses), default=0)
    hidden = {"visible": False, "fixedrange": True}
    legend = (
        f"<b style='color:{palette.eligible}'>■ {wording.ELIGIBLE}</b>  <span style='color:{palette.eligible}'>▨</span> {wording.UNDETERMINED}  "
        f"<b style='color:{palette.lost_text}'>■ {wording.LOST}</b>"
    )
    heads = (
        (NAMES[0], "left", "Left after each step", ""),
        (FUNNEL[0], "left", legend, wording.LEFT_EXPLAINED),
        (FAILS[0], "left", "Fail it (only it)", wording.FAIL_EXPLAINED),
        (_at(UNKNOWN_AT), "right", "Unknown", wording.UNKNOWN_EXPLAINED),
        (_at(GAIN_AT), "right", "If off", wording.GAIN_EXPLAINED),
        (_at(SHARE_AT), "right", "Share", wording.SHARE_EXPLAINED),
    )
    return go.Layout(
        barmode="stack",
        bargap=0.32,
        height=MARGIN + above + HEAD_PIXELS + ROW_PIXELS * max(rows, 1) + MARGIN,
        margin={"l": MARGIN, "r": MARGIN, "t": MARGIN + above + HEAD_PIXELS, "b": MARGIN, "pad": 0},
        **sheet(palette),
        xaxis={**hidden, "domain": FUNNEL, "range": (0, _longest(overview.steps))},
        xaxis2={**hidden, "domain": FAILS, "range": (0, most * _room(FAILS, 4 + len(wording.count(most)) + len(wording.count(only))))},
        xaxis3={**hidden, "domain": COLUMNS, "range": (0, 1)},
        xaxis4={**hidden, "domain": NAMES, "range": (0, 1)},
        yaxis={
            "range": (max(rows, 1) - 0.5, -0.5),
            "tickmode": "array",
            "tickvals": [place - 0.5 for place in range(rows)],
            "showticklabels": False,
            "ticks": "",
            "gridcolor": palette.line,
            "zeroline": False,
            "fixedrange": True,
        },
        annotations=[
            {
                "text": said,
                "x": at,
                "xref": "paper",
                "xanchor": anchor,
                "y": 1,
                "yref": "paper",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": HEAD_SIZE, "color": palette.muted},
                "hovertext": explained,
            }
            for at, anchor, said, explained in heads
        ]
        + words,
    )


def _room(panel: tuple[float, float], characters: int) -> float:
    """How much longer than its longest bar a panel is, so that the number beside the bar fits."""
    return 1 / max(1 - characters * CHARACTER / (panel[1] - panel[0]), 0.2)


def _at(place: float) -> float:
    return COLUMNS[0] + place * (COLUMNS[1] - COLUMNS[0])


def _names(figure: go.Figure, overview: Overview, rows: Sequence[str], changed: Collection[str], palette: Palette) -> None:
    protocol, partly = overview.screening.protocol, overview.screening.partly_assessed
    labels = [wording.plain_for_figure(protocol[each].label) + (" (in part)" if each in partly else "") for each in rows]
    of_ids = [palette.changed if each in changed else palette.muted for each in rows]
    of_labels = [palette.changed if each in changed else palette.text if each in overview.order else palette.muted for each in rows]
    weights = ["bold" if each in changed else "normal" for each in rows]
    write_column(figure, "x4", [0.0] * len(rows), [wording.plain_for_figure(each) for each in rows], "right", of_ids)
    write_column(figure, "x4", [NAME_AT] * len(rows), labels, "right", of_labels, weights)


def _bars(figure: go.Figure, axis: str, name: str, lengths: Sequence[int], colour: str, hover: str, **more: Any) -> None:
    figure.add_bar(
        x=list(lengths),
        y=list(range(len(lengths))),
        xaxis=axis,
        orientation="h",
        name=name,
        hoverinfo="text",
        hovertext=[f"{wording.count(number)} {hover}" for number in lengths],
        **{"marker": {"color": colour, "line": {"width": 0}}, **more},
    )


def _funnel(figure: go.Figure, steps: Sequence[Step], idle: int, palette: Palette) -> None:
    blank = [0] * idle
    eligible = [step.eligible for step in steps] + blank
    undetermined = [step.undetermined for step in steps] + blank
    lost = [step.lost for step in steps] + blank
    _bars(figure, "x", wording.ELIGIBLE, eligible, palette.eligible, "eligible after this step")
    _bars(figure, "x", wording.UNDETERMINED, undetermined, palette.eligible, "undetermined after this step", marker=hatched(palette.eligible))
    _bars(figure, "x", wording.LOST, lost, palette.lost, "lost at this step")
    ends = [_end(step) for step in steps] + blank
    said = [
        f" {_left(step, '<b>', '</b>')}  <span style='color:{palette.lost_text}'>{wording.signed(-step.lost)}</span>"
        for step in steps
    ]
    write_column(figure, "x", ends, [*said, *[" off"] * idle], "right", palette.text)


def _end(step: Step) -> int:
    return step.eligible + step.undetermined + step.lost


def _left(step: Step, bold: str = "", regular: str = "") -> str:
    """``135 + 307``: the eligible, and the undetermined where there are any."""
    return f"{bold}{wording.count(step.eligible)}{regular}" + (f" + {wording.count(step.undetermined)}" if step.undetermined else "")


def _longest(steps: Sequence[Step]) -> float:
    """The length of the funnel's panel at which every bar has room for what is written beside it."""
    width = FUNNEL[1] - FUNNEL[0]
    written = [len(f" {_left(step)}  {wording.signed(-step.lost)}") * CHARACTER / width for step in steps]
    return max((_end(step) / max(1 - taken, 0.2) for step, taken in zip(steps, written, strict=True)), default=1) or 1


def _fails(figure: go.Figure, losses: Sequence[Loss], idle: int, palette: Palette) -> None:
    blank = [0] * idle
    _bars(figure, "x2", "fail only it", [loss.only_fail for loss in losses] + blank, palette.lost, "fail it and pass all others")
    _bars(
        figure,
        "x2",
        "fail it among others",
        [loss.fails - loss.only_fail for loss in losses] + blank,
        palette.lost_faint,
        "fail it and others too, or are unknown on others",
    )
    said = [f" {wording.count(loss.fails)} ({wording.count(loss.only_fail)})" for loss in losses]
    write_column(figure, "x2", [loss.fails for loss in losses] + blank, [*said, *[""] * idle], "right", palette.text)


def _columns(figure: go.Figure, overview: Overview, idle: int, places: list[int], palette: Palette) -> None:
    ineligible = overview.tally.ineligible
    columns = (
        (UNKNOWN_AT, palette.muted, "normal", [wording.count(loss.unknown) if loss.unknown else "" for loss in overview.losses]),
        (GAIN_AT, palette.text, "bold", [wording.signed(loss.gain) for loss in overview.losses]),
        (SHARE_AT, palette.muted, "normal", [wording.share_of(loss.share, ineligible) for loss in overview.losses]),
    )
    for at, colour, weight, said in columns:
        write_column(figure, "x3", [at] * len(places), [*said, *[""] * idle], "left", colour, weight)
