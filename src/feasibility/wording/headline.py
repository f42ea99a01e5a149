"""The numbers always in view."""

from __future__ import annotations

import math
from dataclasses import dataclass

from feasibility.protocol import Protocol
from feasibility.results.accounting import Comparison, Tally
from feasibility.results.overview import Overview
from feasibility.wording.criteria import name
from feasibility.wording.numbers import MOST_LISTED, count, listed, patients, percent, percent_range, rate, ratio, several, signed


@dataclass(frozen=True)
class Headline:
    """One of the numbers always in view: the lines of ``detail`` stand under it, ``more`` is said on asking."""

    id: str
    label: str
    value: str
    detail: tuple[str, ...]
    more: str = ""


def on_criteria(overview: Overview) -> str:
    """On how many criteria the numbers stand: ``on 16 of 21 criteria, 3 in part``."""
    part = [each for each in overview.order if each in overview.screening.partly_assessed]
    off = f", {len(overview.off)} off" if overview.off else ""
    return f"on {len(overview.order)} of {len(overview.screening.protocol.criteria)} criteria" + (f", {len(part)} in part" if part else "") + off


def if_resolved(tally: Tally) -> str:
    """What the gaps in the data could change."""
    if not tally.undetermined:
        return "no missing value leaves anybody open"
    low, high = tally.honest_interval
    return f"up to {count(tally.eligible + tally.undetermined)} if missing data resolve: {percent_range(low, high)}"


def eligible_line(overview: Overview) -> str:
    """``135 eligible of 2,000 patients, up to 442 if missing data resolve, on 18 of 21 criteria``."""
    tally = overview.tally
    gaps = f", up to {count(tally.eligible + tally.undetermined)} if missing data resolve" if tally.undetermined else ""
    return f"{count(tally.eligible)} eligible of {patients(tally.patients)}{gaps}, {on_criteria(overview)}"


def headlines(overview: Overview, unit: int = 0) -> tuple[Headline, ...]:
    """The numbers always in view, in order; ``unit``: to what their counts are rounded, 0 where they are exact.

    The change is that between the two numbers shown: of exact ones it is gained less lost, and of rounded ones it says no more than they do.
    """
    tally = overview.tally
    now, best = tally.to_screen
    if math.isinf(best):
        screen = "nobody could be eligible"
    elif math.isinf(now):
        screen = f"at best {ratio(best)}, if missing data resolve"
    else:
        screen = f"{ratio(best)} to {ratio(now)} as missing data resolve" if tally.undetermined else f"{count(tally.patients)} for {count(tally.eligible)}"
    return (
        Headline(
            "eligible",
            f"Eligible {on_criteria(overview)}",
            count(tally.eligible),
            (f"{percent(tally.proportion.value)} (95 % CI {percent_range(*tally.proportion.interval)})", if_resolved(tally)),
            f"{count(tally.eligible)} of {patients(tally.patients)} pass every criterion assessed. {count(tally.undetermined)} more fail none, but a missing "
            "value leaves at least one open. The wider range is the honest one: from the lower bound for the eligible to the upper bound for both.",
        ),
        Headline(
            "change",
            "Against as written",
            signed(tally.eligible - overview.written.eligible),
            (compared(overview.comparison, unit), f"as written {count(overview.written.eligible)}"),
            "Eligible now and not as written, and the reverse: the same patients, compared one by one.",
        ),
        Headline(
            "ineligible",
            "Ineligible on the data",
            percent(tally.ineligible / tally.patients if tally.patients else None),
            (f"{count(tally.ineligible)} of {count(tally.patients)} fail at least one criterion",),
            "A screen failure proper is a consented person, which data cannot show.",
        ),
        Headline("to-screen", "To screen for one eligible", ratio(now), (screen,), "Patients of this cohort for each eligible one."),
        Headline(
            "expected",
            f"Expected to enrol{target(overview.screening.protocol)}",
            count(round(overview.expected)),
            (at_rates(overview),),
            assumption(overview),
        ),
    )


def compared(comparison: Comparison, unit: int) -> str:
    """``64 gained, 0 lost``; of rounded counts, which need not add up to the change, ``about 60 gained, 0 lost``."""
    gained, lost = (f"{'about ' if unit and number else ''}{count(number)}" for number in (comparison.gained, comparison.lost))
    return f"{gained} gained, {lost} lost"


def at_rates(overview: Overview) -> str:
    """Which criteria's assumed pass rates are applied, in two short lines; ``assumption`` says it at length."""
    given = [each.id for each in overview.assumed if each.given]
    without = [each.id for each in overview.assumed if not each.given]
    if not overview.assumed:
        return "no pass rate is assumed"
    said = f"at assumed rates of {listed(given)}, independent" if given else ""
    few = len(without) <= MOST_LISTED - len(given)
    others = listed(without) if few else f"{len(without)} more" if given else several(len(without), "criterion", "criteria")
    return "; ".join(filter(None, (said, f"{others} without a rate" if without else "")))


def in_a_line(overview: Overview) -> str:
    """``134 eligible and 307 undetermined of 2,000 patients, on 18 of 21 criteria.``"""
    tally = overview.tally
    return f"**{count(tally.eligible)} eligible** and {count(tally.undetermined)} undetermined of {patients(tally.patients)}, {on_criteria(overview)}."


def assumption(overview: Overview) -> str:
    """Which pass rates stand behind the number expected to enrol."""
    if not overview.assumed:
        return "No pass rate is assumed."
    protocol = overview.screening.protocol
    rates = (f"{name(protocol[each.id])} {rate(each.rate)}{'' if each.given else ' (none given)'}" for each in overview.assumed)
    return f"Eligible × assumed pass rates, taken as independent: {listed(rates)}."


def target(protocol: Protocol) -> str:
    """What the number expected to enrol is held against: `` of 120 planned``; nothing where the protocol names no number."""
    return "" if protocol.target_enrolment is None else f" of {count(protocol.target_enrolment)} planned"
