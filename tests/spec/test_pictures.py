"""What pictures of what would change it show: that few eligible stay readable beside many undetermined, and one long bar beside many short ones."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from spec.tables import by_name
from spec.test_count_tables import THREE, people, workbench

from feasibility import wording
from feasibility.figures import stages as of_stages
from feasibility.figures import target as of_target
from feasibility.figures import thresholds as of_thresholds
from feasibility.figures import tornado as of_tornado
from feasibility.figures.axes import BEYOND
from feasibility.figures.style import HOVER_CHARACTERS, LIGHT, hovers
from feasibility.figures.tornado import CUT_AT
from feasibility.parameters import Direction, Number, Unbounded
from feasibility.protocol import Protocol, builtin_protocol, read_protocol
from feasibility.results.accounting import Comparison
from feasibility.results.curves import Curve
from feasibility.results.dropping import Aim, Best, Dropping
from feasibility.results.overview import AssumedRate
from feasibility.results.relaxing import Point
from feasibility.results.screening_order import ScreeningCost, StageReached
from feasibility.results.tornado import Bar, End, Group, Tornado
from feasibility.scenario import AS_WRITTEN
from feasibility.variables import builtin_catalogue

UACR = Number("I4.uacr_above", "UACR above", 300, 100, 500, 100, "mg/g", loosens=Direction.DOWN)
PROTOCOL = builtin_protocol()


def curve(eligible: list[int], possible: list[int]) -> Curve:
    return Curve(UACR, ("I4",), (100, 200, 300, 400, 500), np.array(eligible), np.array(possible), 4129, 300)


def large(found: Curve) -> go.Figure:
    return of_thresholds.large(found, 300, "t", "s", LIGHT)


def written(figure: go.Figure) -> list[str]:
    return [each.text for each in figure.layout.annotations]


# Thresholds


FEW = curve([30, 20, 10, 5, 2], [190, 180, 163, 120, 60])


def test_the_scale_is_that_of_the_eligible_where_the_possible_are_many_times_as_many() -> None:
    figure = large(FEW)
    assert 30 < figure.layout.yaxis.range[1] < 60
    assert "value as written 300: <b>10</b>, up to 163" in written(figure)
    assert "┈ eligible or undetermined, 60 to 190: above the picture, which is fitted to the eligible" in written(figure)


def test_the_scale_holds_both_where_they_are_not_far_apart() -> None:
    figure = large(curve([30, 20, 10, 5, 2], [60, 50, 40, 30, 20]))
    assert figure.layout.yaxis.range[1] > 60
    assert "value as written 300: <b>10</b>" in written(figure)
    assert not any("above the picture" in each for each in written(figure))


def test_with_nobody_eligible_at_any_value_the_possible_are_seen() -> None:
    assert large(curve([0] * 5, [190, 180, 163, 120, 60])).layout.yaxis.range[1] > 190


def test_what_is_pointed_at_is_said_halfway_up_clear_of_the_axis() -> None:
    figure = large(FEW)
    (pointed,) = [trace for trace in figure.data if trace.hovertext]
    assert len(set(pointed.y)) == 1
    assert pointed.y[0] == pytest.approx(figure.layout.yaxis.range[1] / 2, rel=0.05)


def tiles(*curves: Curve) -> list[Any]:
    return list(of_thresholds.multiples(curves, LIGHT).data)


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0, (1, 1)), (1, (1, 1)), (2, (1, 2)), (3, (2, 2)), (8, (2, 4)), (9, (3, 3)), (11, (3, 4)), (19, (4, 5)), (28, (4, 7)), (29, (5, 6)), (36, (6, 6))],
)
def test_small_pictures_stand_in_as_few_rows_as_leave_them_wider_than_tall(number: int, expected: tuple[int, int]) -> None:
    """In a picture that is twice as wide as tall, and more."""
    assert of_thresholds.grid(number) == expected
    rows, columns = expected
    layout = of_thresholds.multiples([FEW] * number, LIGHT).layout
    assert (layout.xaxis.range, layout.yaxis.range) == ((0, columns), (rows, 0))


def test_a_small_picture_says_as_much_of_its_name_as_it_has_room_for() -> None:
    named = replace(FEW, parameter=replace(UACR, label="a name of many more letters than seven side by side have room for"))
    of_few, of_many = (next(trace.text[0] for trace in tiles(*([named] * number)) if trace.text) for number in (4, 28))
    assert of_many.endswith("…")
    assert of_many[:-1] in of_few
    assert of_few.endswith("have room for")


def test_small_pictures_name_the_ends_of_their_range_and_their_height() -> None:
    texts = [tuple(trace.text) for trace in tiles(FEW, replace(FEW, parameter=replace(UACR, max=math.inf), stops=(100, 200, 300, 400, math.inf))) if trace.text]
    assert ("100", "100") in texts
    assert ("500", "∞") in texts
    assert ("38", "38") in texts  # a quarter above the 30 eligible, the possible being many times as many


def test_the_mark_of_noise_is_explained_above_where_something_has_it() -> None:
    def legend(*noisy: str) -> str:
        return of_thresholds.multiples([FEW], LIGHT, noisy).layout.annotations[0].text

    assert wording.NOISE_WHEN_PRESSED in legend(FEW.name)
    assert wording.NOISY not in legend("I5.egfr_min")


def test_a_line_that_no_small_picture_shows_is_not_explained_above() -> None:
    """The height being 38, a quarter above the eligible: of 45 possible nothing is in sight, of 36 something."""
    for least, explained in ((45, False), (36, True)):
        legend = of_thresholds.multiples([curve([30, 20, 10, 5, 2], [190, 180, 163, 120, least])], LIGHT).layout.annotations[0].text
        assert (wording.IF_ALL_PASS in legend) == explained


@pytest.mark.parametrize(
    ("step", "scale", "unit", "said"),
    [(100, "linear", "days", ""), (1, "linear", "days", "counted at values 100 days apart: "), (1, "log", "mg/g", "counted at some of its values: ")],
)
def test_where_values_between_those_counted_are_passed_over_that_is_said(step: float, scale: str, unit: str, said: str) -> None:
    found = replace(FEW, parameter=replace(UACR, step=step, scale=scale, unit=unit))
    said_of_it = f"{said}as many may be reached at a nearer one between" if said else ""
    assert wording.counted_apart(found) == said_of_it
    assert said_of_it in wording.tile(found)
    assert ("counted at" in wording.tile(found)) == bool(said)


@pytest.mark.parametrize(
    ("stops", "said"),
    [((500, 1000, 2000), "up to 2,000 mg/g: +5, 5 per 1,000 mg/g"), ((10, 20, 40), "up to 40 mg/g: +5, 2.5 per 10 mg/g"),
     ((3, 6, 12), "up to 12 mg/g: +5, 0.833 per mg/g"), ((0.2, 0.4, 0.8), "up to 0.8 mg/g: +5, 1.25 per 0.1 mg/g")],
)
def test_what_moving_on_gains_is_said_per_unit_on_a_logarithmic_scale_too(stops: tuple[float, ...], said: str) -> None:
    """Of 5 more over 1,000 mg/g, 5 fall to each 1,000; over 20, a half of them to each 10. The small picture says it from the scenario's value on."""
    parameter = replace(UACR, value=stops[1], min=stops[0], max=stops[2], step=0.1, scale="log", loosens=Direction.UP)
    found = Curve(parameter, ("I4",), stops, np.array([4, 10, 15]), np.array([4, 10, 15]), 4129, stops[1])
    assert wording.onwards(found, 1).replace(".0 mg", " mg") == said
    assert f"<br>from there {wording.onwards(found, 1)}<br>" in wording.tile(found)
    assert "from there" not in wording.tile(replace(found, scenario=stops[2]))


def test_in_a_small_picture_the_possible_end_at_its_upper_edge() -> None:
    """Of 190, 45 and 20 possible under a height of 38 the first two are not drawn; the line comes in at the edge."""
    found = curve([30, 20, 10, 5, 2], [190, 45, 20, 12, 6])
    dotted = next(trace for trace in tiles(found) if trace.type == "scatter" and trace.line.dash == "dot" and None in trace.y[:-1])
    edge = of_thresholds.TOP
    assert list(dotted.y[:2]) == [None, None]
    assert dotted.y[2] == pytest.approx(edge)
    assert all(each > edge for each in dotted.y[3:-1])


MAY_BE_LIFTED = replace(UACR, unbounded=Unbounded.UP, loosens=Direction.UP)
LIFTED = Curve(MAY_BE_LIFTED, ("I4",), (100, 300, 500, math.inf), np.array([2, 10, 20, 90]), np.array([3, 12, 30, 95]), 4129, 300)


def gaps(trace: Any) -> list[tuple[float, float]]:
    """Where a line is broken: the last place before the gap and the first after it."""
    return [(trace.x[at - 1], trace.x[at + 1]) for at in range(1, len(trace.x) - 1) if trace.x[at] is None]


def test_nothing_is_drawn_between_the_last_value_counted_and_no_limit() -> None:
    """The line and its bands end at 500, at the end of the axis; no limit is a stroke by itself, with its band, a little past it."""
    data = large(LIFTED).data
    stroke = (1.0, pytest.approx(1 + BEYOND - of_thresholds.LARGE_STROKE))
    lines = [trace for trace in data if trace.mode == "lines"]
    assert len(lines) == 4
    assert [gaps(trace) for trace in lines[2:]] == [[stroke]] * 2
    for band in lines[:2]:
        ((_, after),) = gaps(band)
        assert after == stroke[1]
    (markers,) = [trace for trace in data if trace.mode == "markers" and trace.marker.size == 5]
    assert list(markers.y) == [2, 10, 20, 90]
    assert all(gaps(trace) == [] for trace in large(FEW).data if trace.mode == "lines")


def test_nor_is_it_in_a_small_picture() -> None:
    def counted(found: Curve) -> list[int]:
        return [len(gaps(trace)) for trace in tiles(found) if trace.type == "scatter" and trace.mode == "lines" and trace.line.width in (1.5, 2.5)]

    assert counted(FEW) == [0, 0]
    assert counted(LIFTED) == [1, 1]


# Tornado


def bar(change: int, possible: int = 164, group: Group = Group.REMOVED, base: int = 13) -> Bar:
    return Bar(group, ("I4",), "w", None, End(None, base, 164), (End(None, base + change, possible),))


def tornado(*bars: Bar) -> Tornado:
    return Tornado(bars[0].base, bars, 4129)


def drawn(*bars: Bar) -> go.Figure:
    return of_tornado.bars(tornado(*bars), bars, PROTOCOL, "t", "s", LIGHT)


def test_who_cannot_be_judged_is_drawn_beside_who_is_lost() -> None:
    """A reading that leaves everybody undetermined; and a thin line that goes from nobody eligible to all who may be, where these are few enough."""
    assert any("2,684" in each for each in written(drawn(bar(-13, 2684, Group.READING), bar(5))))
    opened = replace(bar(-13, 2684, Group.READING), ends=(End("w", 0, 2684, Comparison(0, 13), 13),))
    (hatched,) = (trace for trace in drawn(opened, bar(5)).data if trace.type == "bar" and trace.marker.pattern.shape == "/")
    assert (hatched.base, hatched.x) == ((0,), (13,))
    assert drawn(opened, bar(5)).data[0].x == (0, 0), "none of them is drawn as lost"
    few = tuple(replace(each, base=replace(each.base, possible=30)) for each in (bar(-13, 40, Group.READING), bar(5, 35)))
    _, _, above, beneath, *_ = drawn(*few).data
    assert (beneath.base, beneath.x, beneath.width, beneath.marker.color) == ((0,), (40,), of_tornado.THIN, LIGHT.muted)
    assert (above.base, above.x, above.marker.color) == ((18,), (17,), LIGHT.eligible)
    assert of_tornado.THIN not in [trace.width for trace in drawn(opened, bar(5)).data if trace.type == "bar"], "many times as many are counted only"


def test_the_legend_of_the_tornado_names_the_colours_drawn() -> None:
    opened = replace(bar(-13, 2684, Group.READING), ends=(End("w", 0, 2684, Comparison(0, 13), 13),))
    both = replace(bar(-13, 2684, Group.READING), ends=(End("w", 0, 2684, Comparison(0, 13), 12),))
    expected = {(bar(5),): "gained", (bar(-5),): "lost", (opened,): "undetermined", (both,): "lost undetermined", (opened, bar(5)): "gained undetermined"}
    for bars, named in expected.items():
        (legend,) = (each for each in written(drawn(*bars)) if "■" in each or "▨" in each)
        assert [each for each in ("gained", "lost", "undetermined") if each in legend] == named.split()
        for colour, of in ((LIGHT.eligible, "gained"), (LIGHT.lost, "lost")):
            assert (f"<span style='color:{colour}'>■</span> {of}" in legend) == (of in named)


@pytest.mark.parametrize(("longest", "shown"), [(60, 60), (61, 15 * CUT_AT)])
def test_a_bar_many_times_as_long_as_the_next_is_cut_and_says_so(longest: int, shown: float) -> None:
    """Four times as long is not yet cut."""
    bars = bar(longest), bar(15), bar(7), bar(-5)
    within = of_tornado.scale(tornado(*bars), bars)
    assert (within.low, within.high) == (8, 13 + shown)
    assert f"<b>+{longest}{', cut' if shown < longest else ''}</b>" in written(drawn(*bars))


def test_no_more_bars_are_cut_than_stand_whole() -> None:
    bars = bar(700), bar(600), bar(5)
    assert of_tornado.scale(tornado(*bars), bars).high == 713


def test_the_undetermined_do_not_set_the_scale_where_they_are_many_times_as_many() -> None:
    bars = bar(15, 169), bar(-13, 2684)
    within = of_tornado.scale(tornado(*bars), bars)
    assert (within.low, within.high, within.reach) == (0, 28, None)
    near = bar(15, 60), bar(-13, 40)
    close = tuple(replace(each, base=replace(each.base, possible=60)) for each in near)
    assert of_tornado.scale(tornado(*close), close).reach == 60


@pytest.mark.parametrize("bars", [(), (bar(0),)])
def test_a_tornado_of_nothing_has_a_scale(bars: tuple[Bar, ...]) -> None:
    low, high = of_tornado.scale(Tornado(End(None, 13, 13), bars, 20), bars).edges()
    assert low < 13 < high


SWITCHES = """
 label                             | on                              | off
 etc.: myocardial infarction       | with myocardial infarction      | without myocardial infarction
 unstable angina                   | with unstable angina            | without unstable angina
 clinical: with retinopathy        | with retinopathy                | without retinopathy
 UACR counts                       | UACR counts                     | UACR no longer counts
 glucocorticoids count             | glucocorticoids count           | glucocorticoids no longer count
 averaged                          | with averaged                   | without averaged
"""


@pytest.mark.parametrize(("label", "on", "off"), by_name(SWITCHES))
def test_a_switch_says_what_it_does(label: str, on: str, off: str) -> None:
    assert wording.switched(label, wording.Turned.ON) == on
    assert wording.switched(label, wording.Turned.OFF) == off


# The headline


def small() -> Protocol:
    return read_protocol(THREE, builtin_catalogue())


RATES = [
    ("I8 E9 E10 E12 E13", "I3 E1 E4 E11", "at assumed rates of I8, E9, E10, E12 and E13, independent; 4 more without a rate"),
    ("I8 E9", "E1", "at assumed rates of I8 and E9, independent; E1 without a rate"),
    ("I8", "", "at assumed rates of I8, independent"),
    ("", "E1 E4", "E1 and E4 without a rate"),
    ("", "I1 I2 I3 I4 I5 E1", "6 criteria without a rate"),
    ("", "", "no pass rate is assumed"),
]


@pytest.mark.parametrize(("given", "without", "said"), RATES)
def test_the_rates_applied_have_room_in_two_lines(given: str, without: str, said: str) -> None:
    assumed = tuple(AssumedRate(each, 0.5, True) for each in given.split()) + tuple(AssumedRate(each, 1.0, False) for each in without.split())
    overview = replace(workbench(small(), people()).overview(AS_WRITTEN), assumed=assumed)
    assert wording.at_rates(overview) == said
    assert len(said) <= 80


@pytest.mark.parametrize(("most", "target", "each"), [(6, 8, True), (6, 12, False), (6, 13, True), (40, 5, False), (0, 2, True), (0, 28, True)])
def test_each_patient_has_a_tick_only_where_the_scale_holds_few(most: int, target: int, each: bool) -> None:
    """The target stands on the scale too, unless it is far above: there it is named at the upper edge, and the stair has the room."""
    points = [Point(0.0, 0, 40, {}, True), Point(1.0, most, 40, {}, False)]
    drawn = of_target.front(points, None, target, {}, LIGHT, ("t", "s"))
    axis = drawn.layout.yaxis
    assert (axis.dtick == 1) == each
    assert axis.rangemode == "tozero"
    beyond = target > 2 * max(most, 1)
    assert (wording.target_line(target, above=True) in written(drawn)) == beyond
    assert (wording.target_line(target) in written(drawn)) == (not beyond)
    assert len(drawn.layout.shapes) == (0 if beyond else 1)


@pytest.mark.parametrize(
    ("target", "above", "left"),
    [(20, True, True), (11, True, True), (10, False, False), (5, False, False), (40, True, True)],
)
def test_the_name_of_the_target_stands_where_no_point_lies(target: int, above: bool, left: bool) -> None:
    """The stair has 5, 10 and 30 eligible for 0, 1 and 4: above the line left of where it crosses it, unless that is too far left; 40 is not reached."""
    points = [Point(0.0, 5, 40, {}, True), Point(1.0, 10, 40, {}, True), Point(4.0, 30, 40, {}, True)]
    (name,) = [each for each in of_target.front(points, None, target, {}, LIGHT, ("t", "s")).layout.annotations if each.text == wording.target_line(target)]
    assert (name.yanchor == "bottom", name.xanchor == "left") == (above, left)


def test_on_the_front_proven_points_are_told_from_others() -> None:
    points = [Point(0.0, 5, 40, {}, True), Point(1.0, 10, 40, {}, True), Point(4.0, 30, 40, {}, False)]
    legend = "proven  <span style='font-size:8px"
    drawn = of_target.front(points, None, 20, {}, LIGHT, ("t", "s"))
    assert sum(legend in each for each in written(drawn)) == 1
    assert drawn.data[0].marker.size == (9, 9, 3)
    assert [each.partition("<br>")[0] for each in drawn.data[0].hovertext] == ["5 eligible for 0.00", "10 eligible for 1.00, proven", "30 eligible for 4.00"]
    assert not any(legend in each for each in written(of_target.front([points[0], points[2]], None, 20, {}, LIGHT, ("t", "s"))))


def test_what_would_stand_across_the_line_of_the_target_stands_behind_it() -> None:
    """Of 13 eligible and 150 undetermined of 4,129 with a target of 275 the line would go through the number."""
    sets = tuple(Best(("I4", "E5")[:number], *left, True, True) for number, left in enumerate(((13, 150), (719, 1963), (1648, 1108))))
    found = Dropping(Aim.ELIGIBLE, 4129, sets)
    for target, at in ((275, (275, 2682, 2756)), (100, (163, 2682, 2756)), (3000, (163, 3000, 3000)), (4100, (163, 2682, 2756))):
        figure = of_target.dropping(found, 3, target, PROTOCOL, LIGHT, ("t", "s"))
        numbers = next(trace for trace in figure.data if trace.type == "scatter" and " 13 + 150" in trace.text)
        assert tuple(numbers.x) == at


# Screening order


def test_a_long_name_of_a_stage_stands_in_two_lines() -> None:
    stages = tuple(StageReached(str(place), 1.0, 10, 0, 0) for place in range(3))
    found = ScreeningCost(10, stages, 10, 0, 10, ())
    labels = {"0": "Viral load, if serology is positive", "1": "Viral load and resistance, if serology <&> antigen are positive", "2": "word " * 30}
    figure = of_stages.screening(found, found, labels, wording.stage_costs(found), LIGHT, ("t", "s"))
    short, long, longest = next(trace for trace in figure.data if trace.type == "scatter" and trace.xaxis == "x2").text
    assert short == "1 Viral load, if serology is positive"
    assert long == "<span style='font-size:11px'>2 Viral load and resistance, if<br>serology &lt;&amp;&gt; antigen are positive</span>"
    assert longest.count("<br>") == 1
    assert longest.endswith("…</span>")


def test_about_nobody_who_is_stopped_by_an_assumed_rate_there_is_no_edge() -> None:
    stages = StageReached("a", 1.0, 10, 2, 4), StageReached("b", 1.0, 4, 0, 0)
    found = ScreeningCost(10, stages, 4, 0, 4, ())
    figure = of_stages.screening(found, found, {"a": "A", "b": "B"}, wording.stage_costs(found), LIGHT, ("t", "s"))
    (assumed,) = (trace for trace in figure.data if trace.type == "bar" and trace.marker.pattern.shape == "/")
    assert (assumed.x, assumed.marker.line.width) == ((4, 0), (1, 0))


def test_what_is_said_when_pointed_at_stands_in_lines_that_fit() -> None:
    """Where it is broken already it stays so; nothing is lost, and no word is cut."""
    said = "<b>Vital signs</b>: 1,699 reach it, 161 are stopped by data, 0 by a pass rate assumed; 1 each, 1,699 in all<br>a non-steroidal-anti-inflammatory"
    (lines,) = (each.split("<br>") for each in hovers([said]))
    assert " ".join(lines) == said.replace("<br>", " ")
    assert max(map(len, lines)) <= HOVER_CHARACTERS
    assert lines[-1] == "a non-steroidal-anti-inflammatory"
    assert hovers(["short", ""]) == ["short", ""]
