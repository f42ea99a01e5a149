"""Page and core held against each other."""

from __future__ import annotations

from collections.abc import Sequence

from browser.app_server import Hand, Visitor
from browser.expected import Core
from browser.reading import Shown, Told, differences

from feasibility.scenario import AS_WRITTEN, Scenario, changes

POSITIONS = 20
OFF_THE_LINE = (0, -40, 25)  # pixels: the hand does not keep to the row


def wrong_on(page: Shown, core: Told, but_for: Sequence[str] = ()) -> list[str]:
    """The numbers and bars of the page that are not the core's, but for those whose names begin as said, and for facts that the page says stand still."""
    left_out = (*but_for, *page.still)
    return [each for each in differences(page, core) if not each.startswith(left_out)]


def agree(page: Shown, core: Told, where: str, but_for: Sequence[str] = ()) -> None:
    wrong = wrong_on(page, core, but_for)
    assert not wrong, f"{where}, {len(wrong)} differ:\n" + "\n".join(wrong)


def shows(visitor: Visitor, core: Core, scenario: Scenario = AS_WRITTEN, opened: str = "") -> Shown:
    """The settled page is that of the scenario: every number, every chip, and the link."""
    shown = visitor.settled().shown()
    agree(shown, core.told(scenario, opened), f"under {scenario}")
    chips = [change.key for change in changes(core.protocol, scenario)]
    assert shown.chips == chips, f"{shown.chips} instead of {chips}"
    assert visitor.wait_until(lambda: core.from_query(visitor.query()) == scenario, 5000), f"the link says {visitor.query()}"
    return shown


def follows(
    hand: Hand, core: Core, stops: Sequence[int], *, scenario: Scenario = AS_WRITTEN, opened: str = "", but_for: tuple[str, ...] = ()
) -> list[Shown]:
    """Takes a line to some of its stops, and holds the page against the core at each; returns what was seen.

    Rows scrolled out of sight may follow when the line rests.
    """
    name, handle, before = hand.name, core.handle(hand.name, scenario, opened), core.told(scenario, opened)
    seen: list[Shown] = []
    for moves, stop in enumerate(stops):
        hand.to(handle["places"][stop], OFF_THE_LINE[moves % len(OFF_THE_LINE)])
        shown = hand.visitor.shown()
        value = handle["values"][shown.at[name]]
        expected = core.told(core.moved(name, value, scenario), opened, before.most_fail)
        agree(shown, expected, f"{name} at {value}", (*but_for, *(f"{each} " for each in shown.unseen)))
        assert (shown.state, shown.table, shown.faded) == ("dragging", name, False), f"{shown.state}, numbers of {shown.table!r}, faded {shown.faded}"
        away = abs(shown.middle[name] - hand.x)
        assert away <= 1 + hand.width * _gap(handle["places"], stop) / 2, f"{name} at {value} is {away:.1f} pixels from the hand"
        seen.append(shown)
    if seen[-1].unseen:
        hand.visitor.wait_until(lambda: not wrong_on(hand.visitor.shown(), expected, but_for), 2000)
        agree(hand.visitor.shown(), expected, f"{name} at rest, out of sight too", but_for)
    return seen


def _gap(places: Sequence[float], stop: int) -> float:
    """Between a place and those next to it."""
    return max(abs(places[stop] - places[other]) for other in (max(stop - 1, 0), min(stop + 1, len(places) - 1)))


def across(number_of_values: int) -> list[int]:
    """From one end to the other in as many positions as wanted; where there are fewer values, to and fro over all of them until it is enough."""
    if number_of_values >= POSITIONS:
        return [round(at * (number_of_values - 1) / (POSITIONS - 1)) for at in range(POSITIONS)]
    there = list(range(number_of_values))
    to_and_fro = there[:-1] + there[:0:-1]
    return [to_and_fro[at % len(to_and_fro)] for at in range(max(POSITIONS, len(to_and_fro)))]
