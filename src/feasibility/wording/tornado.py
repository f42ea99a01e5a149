"""What the picture of every change by itself says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum

from feasibility.parameters import Choice, Number, Switch, Value
from feasibility.protocol import Protocol
from feasibility.results.overview import Overview
from feasibility.results.tornado import Bar, End, Group, Tornado
from feasibility.wording.criteria import label_of, option_of
from feasibility.wording.ledger import rounded_to
from feasibility.wording.numbers import NO_LIMIT, count, listed, patients, plain_for_figure, sentences, several, signed
from feasibility.wording.thresholds import IF_ALL_PASS, who_is_counted
from feasibility.wording.titled import Titled

TORNADO_TITLE = "What moves the number eligible, one change at a time"
GROUPS = {Group.REMOVED: "Criterion off", Group.RANGE: "Number at another value", Group.READING: "Read another way"}
TORNADO_PARTS = ("gained", "lost", "undetermined")
ALL_BARS, MOST_GAINED_FIRST = "All bars", "Most gained first"
TAKE, TAKEN_INTO = "Take", "Into the scenario"
COUNTING_BARS = "Counting what each reading would change"


def said_of_tornado(overview: Overview, unit: int, thin_lines: bool, nobody: bool) -> Titled:
    """What is said of the tornado; ``thin_lines``: whether there is room for those who may be eligible; ``nobody``: none is eligible, at any end."""
    counted = f"{who_is_counted(overview, unit)}, with one thing changed and all else held"
    if nobody:
        lines = "The lines reach to those who would be eligible if all the undetermined passed; their number stands at the right."
        return Titled(TORNADO_TITLE, f"{counted}: nobody, now or with any one of these changes.", sentences(lines, rounded_to(unit)))
    lines = ", to which the thin lines reach" if thin_lines else ""
    more = (
        "Right of the line: gained. Left of it: no longer eligible, solid lost, hatched undetermined then. Where a change gains some and loses others, the "
        "bar is the difference. A number goes to both ends of its range; one without a looser side, such as a window, to its worst and its best value. At the "
        f"right: eligible or undetermined then, grey at the lower end, green at the upper{lines}. Press a bar to take its change into the scenario."
    )
    return Titled(TORNADO_TITLE, f"{counted}.", sentences(more, rounded_to(unit)))


def eligible_now(number: int) -> str:
    return f"<b>{count(number)} eligible now</b>"


def possible_now(number: int) -> str:
    return f"{IF_ALL_PASS}: <b>{count(number)} now</b>"


def what_of(bar: Bar, protocol: Protocol) -> str:
    """What a bar changes: ``E5 LDL cholesterol below, mmol/L``, ``I4 mean of collections``, ``E3 with infarction``; a shared number without an id."""
    owner = f"{bar.criteria[0]} " if len(bar.criteria) == 1 else ""
    parameter = None if bar.parameter is None else protocol.parameters[bar.parameter]
    match parameter:
        case None:
            return owner + bar.what
        case Number():
            return owner + label_of(parameter)
        case Switch():
            return owner + switched(bar.what, Turned.ON if bar.ends[0].value else Turned.OFF)
        case Choice():
            return f"{owner}{bar.what}: {option_of(parameter, str(bar.ends[0].value))}"


class Turned(StrEnum):
    """Which way a switch is turned."""

    ON = "with"
    OFF = "without"


def switched(label: str, turned: Turned) -> str:
    """A switch turned, by its label: ``with myocardial infarction`` of ``etc.: myocardial infarction``, ``UACR no longer counts`` of ``UACR counts``."""
    _, _, what = label.rpartition(": ")
    what, space, last = what.removeprefix(f"{Turned.ON} ").rpartition(" ")
    if last in ("count", "counts"):
        return f"{what} {last}" if turned is Turned.ON else f"{what} no longer {last}"
    return f"{turned} {what}{space}{last}"


def lost_by(bar: Bar) -> str:
    """Beside the bar's left end: ``−81 at 2.6``, ``−89 from 130 down`` where the rest of the range loses no more; nothing where nobody is lost."""
    return _change(bar, bar.low) if bar.low.eligible < bar.base.eligible else ""


def gained_by(bar: Bar) -> str:
    """Beside the bar's right end, likewise: ``+62 at 6.5``, ``+69 from 40 down``. Nothing where nobody is gained; ``0`` where nobody is lost either."""
    if bar.high.eligible <= bar.base.eligible:
        return "" if bar.low.eligible < bar.base.eligible else "0"
    return _change(bar, bar.high)


def cut_by(change: str) -> str:
    """Beside a bar that is cut at the edge: ``+1,038, cut``."""
    return f"{change}, cut"


def bar(bar: Bar, tornado: Tornado, protocol: Protocol) -> str:
    """One bar in words."""
    lines = [f"<b>{plain_for_figure(what_of(bar, protocol))}</b>", f"now {count(bar.base.eligible)} eligible, {count(bar.base.possible)} with the undetermined"]
    for end in bar.ends:
        where = "switched off" if bar.group is Group.REMOVED else f"at {_value(end.value)}" if bar.group is Group.RANGE else "read so"
        change = signed(end.eligible - bar.base.eligible) + _traded(end)
        since = f", as many eligible {_from(end)}" if end.since is not None else ""
        lines.append(f"{plain_for_figure(where)}: {count(end.eligible)} eligible ({change}), {count(end.possible)} with the undetermined{since}")
    return "<br>".join((*lines, f"of {patients(tornado.patients)}"))


def take_end(bar: Bar, end: End) -> str:
    """On the button: ``Take 6.5: 196 eligible (+62)``, ``Take off: …``, ``Take this reading: …``."""
    what = {Group.REMOVED: "off", Group.READING: "this reading"}.get(bar.group) or _value(end.nearest)
    change = end.eligible - bar.base.eligible
    return f"{TAKE} {what}: {count(end.eligible)} eligible ({signed(change) if change else 'as many as now'})"


def taken_end(bar: Bar, end: End, protocol: Protocol) -> str:
    """What that button does: ``Into the scenario: E5 LDL cholesterol below, mmol/L, at 6.5.``"""
    how = {Group.REMOVED: "off", Group.READING: "read so"}.get(bar.group) or f"at {_value(end.nearest)}"
    return f"{TAKEN_INTO}: {what_of(bar, protocol)}, {how}."


def _traded(end: End) -> str:
    """``: 1 gained, 103 no longer eligible, 3 of them undetermined``; nothing where it is only one of the two and nobody becomes undetermined."""
    both = end.traded is not None and end.traded.gained and end.traded.lost
    pair = f"{count(end.traded.gained)} gained, {count(end.traded.lost)} no longer eligible" if end.traded is not None and both else ""
    opened = f"{count(end.opened)} of those eligible now undetermined" if end.opened else ""
    said = ", ".join(filter(None, (pair, opened)))
    return f": {said}" if said else ""


def fewer_bars(tornado: Tornado, shown: Sequence[Bar], idle: int, unit: int, by_gain: bool = False) -> str:
    """What the picture leaves out; nothing where it has all. ``by_gain``: those that gain most stand first."""
    more = len(tornado.bars) - len(shown) - idle
    does = "gain" if by_gain else "move"
    said = [f"{several(more, 'change')} that {does}{'s' if more == 1 else ''} fewer patients"] if more else []
    as_many = f"as many eligible{' as shown' if unit else ''}, and no more who may be"
    said += [f"{several(idle, 'change')} that {'leaves' if idle == 1 else 'leave'} {as_many}"] if idle else []
    return f"Not drawn: {listed(said)}." if said else ""


def _change(bar: Bar, end: End) -> str:
    where = "" if bar.group is not Group.RANGE else f" at {_value(end.value)}" if end.since is None else f" {_from(end)}"
    return f"{signed(end.eligible - bar.base.eligible)}{where}"


def _from(end: End) -> str:
    """From where on there are as many: ``from 40 down``."""
    assert isinstance(end.value, (int, float))
    assert end.since is not None
    return f"from {_value(end.since)} {'up' if end.value > end.since else 'down'}"


def _value(value: Value | None) -> str:
    assert isinstance(value, (int, float))
    return NO_LIMIT if math.isinf(value) else f"{value:,.12g}"
