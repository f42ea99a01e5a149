"""What the tornado shows, written out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from oracle.patients import patient
from spec.tables import rows
from spec.test_count_tables import workbench

from feasibility import wording
from feasibility.protocol import Protocol, read_protocol
from feasibility.results import rounded
from feasibility.results.accounting import Comparison
from feasibility.results.curves import curves
from feasibility.results.disclosure import Rounding
from feasibility.results.overview import Workbench
from feasibility.results.tornado import Bar, End, Group, Tornado, tornado
from feasibility.scenario import AS_WRITTEN, Scenario, with_criterion_off, with_reading, with_value
from feasibility.variables import builtin_catalogue

PROTOCOL = """
title = "t"
[[criterion]]
id = "A"
role = "inclusion"
label = "albuminuria"
text = "a"
[criterion.parameters]
p = { value = 300, min = 100, max = 500, step = 100, unit = "mg/g", label = "at least", loosens = "down", unbounded = "down" }
w = { value = 20, min = 10, max = 30, step = 10, unit = "days", label = "within" }
averaged = { value = false, label = "averaged" }
[[criterion.reading]]
id = "latest"
label = "the latest"
[[criterion.reading.limb]]
label = "UACR"
rule = "(not averaged and latest(uacr, within=w) >= p) or (averaged and mean(uacr) >= p)"
[[criterion.reading]]
id = "lowest"
label = "the lowest"
[[criterion.reading.limb]]
label = "UACR"
rule = "lowest(uacr) >= p"
[[criterion.reading]]
id = "protein"
label = "protein"
[[criterion.reading.limb]]
label = "protein"
rule = "urine_protein_24h >= 3.5"

[[criterion]]
id = "B"
role = "exclusion"
label = "HbA1c"
text = "b"
[[criterion.reading]]
id = "r"
label = "r"
[[criterion.reading.limb]]
label = "HbA1c"
rule = "hba1c >= 9"
"""
PEOPLE = """
 uacr                | hba1c   # A: latest within 20 days at least 300; B: below 9
 400 @5d; 100 @40d   | 7       # + +
 200 @5d; 900 @40d   | 7       # - +
 400 @25d            | 7       # ? +
 400 @5d             | 10      # + -
                     | 7       # ? +
"""


def protocol() -> Protocol:
    return read_protocol(PROTOCOL, builtin_catalogue())


def bench() -> Workbench:
    return workbench(protocol(), [patient(**row) for row in rows(PEOPLE)])


def of(scenario: Scenario = AS_WRITTEN) -> Tornado:
    made = bench()
    return tornado(made, scenario, curves(made, scenario))


def said(bar: Bar) -> tuple[object, ...]:
    return bar.criteria, bar.what, bar.parameter, [(end.value, end.eligible, end.possible) for end in bar.ends], bar.change


def test_bars_by_hand() -> None:
    found = of()
    assert (found.base.eligible, found.base.possible, found.patients) == (1, 3, 5)
    assert [said(bar) for bar in found.of(Group.REMOVED)] == [
        (("A",), "albuminuria", None, [(None, 4, 4)], 3),
        (("B",), "HbA1c", None, [(None, 2, 4)], 1),
    ]
    assert [said(bar) for bar in found.of(Group.RANGE)] == [
        (("A",), "at least", "A.p", [(-math.inf, 4, 4), (500, 0, 2)], 3),
        (("A",), "within", "A.w", [(30, 2, 3)], 1),
    ]
    assert [said(bar) for bar in found.of(Group.READING)] == [
        (("A",), "averaged", "A.averaged", [(True, 2, 3)], 1),
        (("A",), "the lowest", None, [("lowest", 1, 2)], 0),
    ]
    assert [bar.base.value for bar in found.bars] == [None, None, 300, 20, False, "latest"]
    assert found.scale == (0, 4)


def test_a_bar_runs_from_the_fewest_to_the_most() -> None:
    found = {bar.what: bar for bar in of().bars}
    assert (found["at least"].low.value, found["at least"].high.value) == (500, -math.inf)
    assert (found["albuminuria"].low, found["albuminuria"].high.eligible) == (found["albuminuria"].base, 4)
    assert found["the lowest"].low.eligible == found["the lowest"].high.eligible == 1


@pytest.mark.parametrize(
    ("uacr", "since", "gained"),
    [(("400", "250"), 200, "+1 from 200 down"), (("400", "250", "90"), None, "+2 at no limit"), (("400", "450"), None, "")],
)
def test_an_end_that_gains_no_more_than_a_value_before_it_says_from_where_on(uacr: tuple[str, ...], since: float | None, gained: str) -> None:
    """As the threshold by itself does, which names the nearest value with as many."""
    made = workbench(protocol(), [patient(uacr=f"{value} @5d", hba1c="7") for value in uacr])
    found = tornado(made, AS_WRITTEN, curves(made, AS_WRITTEN))
    (bar,) = (each for each in found.bars if each.what == "at least")
    assert bar.ends[0].since == since
    assert wording.gained_by(bar) == gained
    assert ("as many eligible from 200 down" in wording.bar(bar, found, protocol())) == (since is not None)
    assert {end.since for each in rounded.tornado(Rounding(10), found).bars for end in each.ends} == {None}


def test_at_the_tighter_end_too_it_is_said_from_where_on_as_many_are_lost() -> None:
    made = workbench(protocol(), [patient(uacr="300 @5d", hba1c="7"), patient(uacr="900 @5d", hba1c="7")])
    found = tornado(made, AS_WRITTEN, curves(made, AS_WRITTEN))
    (bar,) = (each for each in found.bars if each.what == "at least")
    assert (bar.ends[1].value, bar.ends[1].eligible, bar.ends[1].since, wording.lost_by(bar)) == (500, 1, 400, "−1 from 400 up")


def test_who_becomes_undetermined_is_not_lost() -> None:
    """Of three eligible at 300 one is lost at 500 and two, known to be above 300 only, are undetermined; of the lowest value nobody knows anything."""
    people = [patient(uacr=value, hba1c="7") for value in (">300 @5d", ">300 @5d", "400 @5d")]
    made = workbench(protocol(), people)
    found = {bar.what: bar for bar in tornado(made, AS_WRITTEN, curves(made, AS_WRITTEN)).bars}
    assert (found["at least"].low.eligible, found["at least"].opened, found["at least"].low.traded) == (0, 2, Comparison(0, 3))
    assert wording.lost_by(found["at least"]) == "−3 at 500"
    assert "(−3: 2 of those eligible now undetermined)" in wording.bar(found["at least"], of(), protocol())
    later = workbench(protocol(), [patient(uacr="400 @5d; ? @2d", hba1c="7"), patient(uacr=">300 @5d", hba1c="7")])
    everybody = with_value(protocol(), AS_WRITTEN, "A.p", 500)
    assert later.overview(everybody).tally.undetermined == 1
    (tight,) = (bar for bar in tornado(later, AS_WRITTEN, curves(later, AS_WRITTEN)).bars if bar.what == "at least")
    assert (tight.low.eligible, tight.opened) == (0, 1)
    all_open = workbench(protocol(), people[:1])
    (tight,) = (bar for bar in tornado(all_open, AS_WRITTEN, curves(all_open, AS_WRITTEN)).bars if bar.what == "at least")
    assert tight.mostly_opened
    assert found["at least"].mostly_opened, "2 of 3"
    half = replace(tight, ends=tuple(replace(end, traded=Comparison(0, 4), opened=2) for end in tight.ends))
    assert not half.mostly_opened


def test_of_a_net_change_no_more_is_undetermined_than_is_not_due_to_those_who_fail() -> None:
    """50 gained and 60 no longer eligible, 10 of these undetermined: ten fewer, whom the 50 who fail would be without anybody undetermined."""
    bar = Bar(Group.READING, ("A",), "w", None, End(None, 100, 200), (End("r", 90, 190, Comparison(50, 60), 10),))
    assert (bar.opened, bar.mostly_opened) == (0, False)
    most = replace(bar, ends=(End("r", 41, 190, Comparison(1, 60), 58),))
    assert (most.opened, most.mostly_opened) == (57, True)


def test_rounding_never_makes_all_undetermined_of_some() -> None:
    bar = Bar(Group.READING, ("A",), "w", None, End(None, 134, 200), (End("r", 122, 190, Comparison(0, 12), 1),))
    (shown,) = rounded.tornado(Rounding(10, 2000), Tornado(bar.base, (bar,), 2000)).bars
    assert (shown.low.eligible, shown.opened, shown.mostly_opened) == (120, 0, False)


def test_about_the_scenario() -> None:
    """Read as the lowest, the window and the switch move nothing; the reading as written is the alternative."""
    read_so = with_value(protocol(), with_reading(protocol(), AS_WRITTEN, "A", "lowest"), "A.p", 200)
    found = of(read_so)
    assert (found.base.eligible, found.base.possible) == (2, 3)
    assert [said(bar) for bar in found.bars if bar.group is not Group.REMOVED] == [
        (("A",), "at least", "A.p", [(-math.inf, 4, 4), (500, 0, 1)], 2),
        (("A",), "the latest", None, [("latest", 2, 4)], 0),
    ]


def test_a_criterion_that_is_off_has_no_bars() -> None:
    found = of(with_criterion_off(protocol(), AS_WRITTEN, "A"))
    assert [said(bar) for bar in found.bars] == [(("B",), "HbA1c", None, [(None, 5, 5)], 1)]


@pytest.mark.parametrize("number", [0, 2])
def test_with_nobody_and_with_nothing_known(number: int) -> None:
    made = workbench(protocol(), [patient(uacr="?", hba1c="?")] * number, "uacr", "hba1c")
    found = tornado(made, AS_WRITTEN, curves(made, AS_WRITTEN))
    assert (found.scale, found.patients) == ((0, 0), number)
    assert {bar.high.possible for bar in found.bars} == {number}


SET_ASIDE = """
title = "two"
[parameters]
sw = { value = false, label = "or HbA1c" }
[[criterion]]
id = "A"
role = "inclusion"
label = "A"
text = "a"
[[criterion.reading]]
id = "r"
label = "r"
[[criterion.reading.limb]]
label = "UACR"
rule = "uacr >= 300"
[[criterion]]
id = "B"
role = "inclusion"
label = "B"
text = "b"
[[criterion.reading]]
id = "ldl"
label = "by LDL"
[[criterion.reading.limb]]
label = "l"
rule = "(not sw and ldl < 3) or (sw and hba1c < 7)"
[[criterion.reading]]
id = "hba1c"
label = "by HbA1c"
[[criterion.reading.limb]]
label = "l"
rule = "hba1c < 8"
"""


def test_what_is_set_aside_may_be_assessable_read_otherwise() -> None:
    """For want of a column as written; by a switch it stops three of four, by another reading two: these are bars."""
    protocol = read_protocol(SET_ASIDE, builtin_catalogue())
    bench = workbench(protocol, [patient(uacr="400", hba1c=each) for each in ("6", "7", "9", "9")])
    overview = bench.overview(AS_WRITTEN)
    assert (overview.order, overview.tally.eligible) == (("A",), 4)
    found = {bar.what: (bar.criteria, [(end.value, end.eligible) for end in bar.ends]) for bar in tornado(bench, AS_WRITTEN, ()).of(Group.READING)}
    assert found == {"or HbA1c": (("B",), [(True, 1)]), "by HbA1c": (("B",), [("hba1c", 2)])}
    assert bench.overview(with_reading(protocol, AS_WRITTEN, "B", "hba1c")).tally.eligible == 2
    assert bench.overview(with_value(protocol, AS_WRITTEN, "sw", True)).tally.eligible == 1


def test_where_nothing_can_be_assessed_as_it_stands_another_reading_may_be() -> None:
    only_b = SET_ASIDE.replace(SET_ASIDE[SET_ASIDE.index("[[criterion]]") : SET_ASIDE.index('[[criterion]]\nid = "B"')], "")
    bench = workbench(read_protocol(only_b, builtin_catalogue()), [patient(hba1c=each) for each in ("6", "9")])
    assert bench.overview(AS_WRITTEN).order == ()
    found = {bar.what: bar.ends[0].eligible for bar in tornado(bench, AS_WRITTEN, ()).of(Group.READING)}
    assert found == {"or HbA1c": 1, "by HbA1c": 1}


def test_what_the_buttons_of_a_pressed_bar_say() -> None:
    base = End(3.0, 134, 300)
    ranged = Bar(Group.RANGE, ("A",), "at least", "A.p", base, (End(100.0, 203, 350, since=200.0), End(math.inf, 90, 300)))
    assert [wording.take_end(ranged, end) for end in ranged.ends] == ["Take 200: 203 eligible (+69)", "Take no limit: 90 eligible (−44)"]
    assert [wording.taken_end(ranged, end, protocol()) for end in ranged.ends] == [
        "Into the scenario: A at least, mg/g, at 200.",
        "Into the scenario: A at least, mg/g, at no limit.",
    ]
    off = Bar(Group.REMOVED, ("A",), "albuminuria", None, base, (End(None, 134, 320),))
    assert wording.take_end(off, off.ends[0]) == "Take off: 134 eligible (as many as now)"
    assert wording.taken_end(off, off.ends[0], protocol()) == "Into the scenario: A albuminuria, off."
    read = Bar(Group.READING, ("A",), "the lowest", None, base, (End("lowest", 100, 320),))
    assert wording.take_end(read, read.ends[0]) == "Take this reading: 100 eligible (−34)"
    assert wording.taken_end(read, read.ends[0], protocol()) == "Into the scenario: A the lowest, read so."
