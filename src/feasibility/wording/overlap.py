"""Which criteria are failed together, and which of them say much the same."""

from __future__ import annotations

from collections.abc import Sequence

from feasibility.protocol import Protocol
from feasibility.results.accounting import Loss, Tally
from feasibility.results.overlap import (
    FEWEST,
    IMPLIES,
    LEVEL,
    RATIO,
    SELDOM_ALONE,
    Associated,
    Association,
    Costless,
    FailedSet,
    FailedTogether,
    Implication,
    Redundancy,
    SeldomAlone,
)
from feasibility.results.overview import Overview
from feasibility.scenario import AS_WRITTEN
from feasibility.wording.criteria import name
from feasibility.wording.ledger import SHARE_EXPLAINED
from feasibility.wording.numbers import count, listed, patients, percent, plain, rate, sentences, several, share_of
from feasibility.wording.titled import Titled

ATTRIBUTION_TITLE = "What each criterion costs: counted three ways"
TOGETHER_TITLE = "Which criteria are failed together"
REDUNDANCY_TITLE = "Which criteria say much the same, or pull against each other"
NOTHING_FAILED = "Nobody fails a criterion: there is no loss to attribute, and nothing is failed together."
NO_CRITERION = "No criterion counts: all are off or not in the data."
ALONE_HEAD = (
    "Almost never fail alone",
    f"Others do most of their work: at most {rate(SELDOM_ALONE)} of those who fail it fail no other. The few may still be many beside the eligible. "
    f"Only criteria that at least {FEWEST} patients fail are looked at.",
)
NO_GAIN_HEAD = ("Cost nobody", "As the data stand nobody more is eligible with one of these off. Who is unknown on it may fail it yet.")
IMPLIED_HEAD = (
    "One implies the other",
    f"{rate(IMPLIES)} or more of those who fail the one fail the other too. Of those who pass the one fewer do, and the share that passes the other is at "
    f"least twice that of those who fail the one. Only criteria that at least {FEWEST} fail for whom the other is known are taken as the one.",
)
ASSOCIATED_HEADS = {
    Association.TOGETHER: ("Failed together more than by chance", "Who fails the one is likelier to fail the other than who passes it."),
    Association.APART: (
        "Failed together less than by chance",
        "They pull against each other: who passes the one is likelier to fail the other than who fails it.",
    ),
}

IMPLIED_ROW = {
    "Who fails": "The one.",
    "also fails": "The other.",
    "Fail the one": "Patients who fail the one, and for whom the other is known.",
    "Fail both": "Of these, who fail the other too.",
    "Both known": "Patients for whom both are known.",
    "Fail the other": "Of these, who fail the other, whatever the one says.",
    "Unknown": "More patients who fail the one, for whom the other is unknown. They are in no other column.",
    "Of the one": "Fail both, of those who fail the one.",
    "Of all": "Fail the other, of all for whom both are known.",
}
PAIR_ROW = {
    "First": "One of the two criteria.",
    "Second": "The other.",
    "Both known": "Patients for whom both are known. All other columns are of these.",
    "Fail first": "Who fail the first, whatever the second says.",
    "Fail second": "Who fail the second, whatever the first says.",
    "Fail both": "Who fail both.",
    "By chance": "How many would fail both if the two had nothing to do with each other.",
    "Times": "Fail both, as a multiple of that.",
    "Second, if first failed / passed": "Which share of those who fail the first fail the second; then of those who pass the first.",
    "First, if second failed / passed": "Which share of those who fail the second fail the first; then of those who pass the second.",
}


def loss_panels(tally: Tally) -> tuple[tuple[str, str], ...]:
    """The heads of the three columns of bars, and what they count."""
    return (
        (f"Fail it, of {count(tally.patients)}", "All who fail it, whatever the other criteria say."),
        ("Fail it and pass all others", "Known to pass all others, none of them open: certain to be eligible without it."),
        (f"Share of the {count(tally.ineligible)} lost", SHARE_EXPLAINED),
    )


def all_else_held(overview: Overview) -> str:
    """Under which readings and values a result stands: ``All else held: as written.``"""
    scenario, protocol = overview.screening.scenario, overview.screening.protocol
    if scenario == AS_WRITTEN:
        return "All else held, read as written."
    readings = [f"{each} as “{protocol[each].reading(reading).label}”" for each, reading in scenario.readings.items()]
    return f"All else held as the chips above say; read {f'otherwise than written: {listed(readings)}' if readings else 'as written'}."


def said_of_attribution(overview: Overview, losses: Sequence[Loss], unit: int) -> Titled:
    """What the picture of attribution counts, out of what; ``unit``: to what its counts are rounded, 0 where they are exact."""
    tally = overview.tally
    sum_to = "are rounded one by one, and need not sum to" if unit else "sum to"
    return Titled(
        ATTRIBUTION_TITLE,
        f"Of {patients(tally.patients)} {count(tally.ineligible)} fail at least one of the {several(len(losses), 'criterion', 'criteria')} that count.",
        f"Bars of one length are as many patients in all three columns; the shares, largest first, {sum_to} the {count(tally.ineligible)}. "
        f"{all_else_held(overview)}",
    )


def loss_texts(loss: Loss, patients_loaded: int, ineligible: int) -> tuple[str, str, str]:
    """What stands beside a criterion's three bars."""
    fails = f"{count(loss.fails)} · {percent(loss.fails / patients_loaded if patients_loaded else None)}"
    return fails, count(loss.only_fail), f"{count(round(loss.share))} · {share_of(loss.share, ineligible)}"


def loss_hovers(loss: Loss, label: str) -> tuple[str, str, str]:
    return (
        f"{patients(loss.fails)} {_fail(loss.fails)} {label}",
        f"{patients(loss.only_fail)} {_fail(loss.only_fail)} {label} and {'passes' if loss.only_fail == 1 else 'pass'} all others",
        f"of the loss {several(round(loss.share), 'patient')} fall to {label}, each shared equally among what they fail",
    )


def said_of_together(overview: Overview, found: FailedTogether, without: int) -> Titled:
    """What the columns of the picture are, out of what, and how many criteria stand in none of them."""
    where = f"in none of the {several(len(found.sets), 'column')} drawn" if found.further else "failed by nobody"
    open_ = "Some of them are unknown on others." if any(each.unknown for each in found.sets) else ""
    absent = f"{several(without, 'criterion is', 'criteria are')} {where}." if without else ""
    return Titled(
        TOGETHER_TITLE,
        f"Each column is one set: the patients who fail the criteria with a filled dot and no others, of the {count(found.ineligible)} of "
        f"{patients(found.patients)} who fail any.",
        sentences(open_, absent, all_else_held(overview)),
    )


def set_hover(found: FailedSet) -> str:
    """``57 patients fail I1 and E5 and no others, 12 of them unknown on others``."""
    open_ = f", {count(found.unknown)} of them unknown on others" if found.unknown else ""
    return f"{patients(found.patients)} {_fail(found.patients)} {listed(found.criteria)} and no others{open_}"


def _fail(number: int) -> str:
    return "fails" if number == 1 else "fail"


def further_sets(found: FailedTogether) -> tuple[str, ...]:
    """``and 246 more sets,``, ``653 patients``: what the picture leaves out; nothing where it leaves out nothing."""
    return (f"and {several(found.further, 'more set')},", patients(found.further_patients)) if found.further else ()


def said_of_redundancy(overview: Overview, found: Redundancy) -> Titled:
    """What was looked at, and among whom."""
    return Titled(
        REDUNDANCY_TITLE,
        f"Found among {several(found.pairs, 'pair')} of criteria, each looked at among those of {patients(found.patients)} for whom both are known.",
        f"A pair is named where chance would show as much in at most {rate(LEVEL)} of such lists and, if neither implies the other, where both are failed "
        f"together at least {RATIO:g} times as often as by chance, or {RATIO:g} times as seldom. {all_else_held(overview)}",
    )


def seldom_alone(protocol: Protocol, found: SeldomAlone, unit: int) -> str:
    """What is said of one; as everything here without percentages where counts are rounded to a ``unit``, for these would be of the rounding."""
    unknown = found.gain - found.only_fail
    open_ = f", {count(unknown)} of them now unknown on it," if unknown > 0 and not unit else ""
    return (
        f"**{_named(protocol, found.id)}**: of {count(found.fails)} who fail it {count(found.alone)}{_of(found.alone, found.fails, unit)} fail no others; "
        f"{count(found.only_fail)} of these pass all others. Switched off it brings {count(found.gain)}{open_} to the {count(found.eligible)} eligible."
    )


def no_seldom_alone() -> str:
    return (
        f"None: of the criteria that at least {FEWEST} fail, each is failed alone by more than {rate(SELDOM_ALONE)} of those who fail it."
    )


def without_gain(protocol: Protocol, found: Sequence[Costless]) -> str:
    """The criteria that some fail, and that cost nobody one by one."""
    them = "any one of them" if len(found) > 1 else "it"
    return f"{_all_named(protocol, found)}: who fails {them} fails another too, or is unknown on one.{_unknown_on(found)}"


def never_failed(protocol: Protocol, found: Sequence[Costless]) -> str:
    """The criteria that nobody fails."""
    return f"{_all_named(protocol, found)}: nobody fails {'any of them' if len(found) > 1 else 'it'}.{_unknown_on(found)}"


def _all_named(protocol: Protocol, found: Sequence[Costless]) -> str:
    return f"**{listed(_named(protocol, each.id) for each in found)}**"


def _unknown_on(found: Sequence[Costless]) -> str:
    """`` E8 is unknown for 604, E6 for 312.``: who may fail it yet, the most first; nothing where nobody is."""
    open_ = sorted((each for each in found if each.unknown), key=lambda each: -each.unknown)
    said = [f"{plain(each.id)}{'' if place else ' is unknown'} for {count(each.unknown)}" for place, each in enumerate(open_)]
    return f" {listed(said)}." if said else ""


def implied_row(protocol: Protocol, found: Implication, unit: int) -> tuple[str | int, ...]:
    """Of one pair what stands under ``IMPLIED_ROW``; under the first of them only where counts are rounded."""
    counts = name(protocol[found.given]), name(protocol[found.other]), found.fails, found.both, found.known, found.fails_other, found.unknown
    return counts if unit else (*counts, percent(found.proportion), percent(found.proportion_of_all))


def no_implication() -> str:
    return (
        f"None: of no criterion that at least {FEWEST} fail do {percent(IMPLIES)} or more fail a certain other one too, beyond chance and unlike those who "
        "pass it."
    )


def pair_row(protocol: Protocol, found: Associated, unit: int) -> tuple[str | int | float, ...]:
    """Of two criteria what stands under ``PAIR_ROW``; under the first of them only where counts are rounded."""
    counts = name(protocol[found.pair[0]]), name(protocol[found.pair[1]]), found.known, found.first, found.second, found.both
    return counts if unit else (*counts, round(found.expected, 1), round(found.ratio, 2), _likelier(found), _likelier(found.mirrored))


def _likelier(found: Associated) -> str:
    """Which share of those who fail the first fail the second, and of those who pass it: ``65.2 % / 7.7 %``."""
    return f"{percent(found.both / found.first)} / {percent((found.second - found.both) / (found.known - found.first))}"


def none_associated(kind: Association) -> str:
    if kind is Association.TOGETHER:
        return f"None: no two are failed together at least {RATIO:g} times as often as independence would give, beyond chance."
    return "None: no two are failed together clearly less often than independence would give."


def _of(part: int, whole: int, unit: int) -> str:
    """`` (2.5 %)``; nothing of rounded counts."""
    return "" if unit else f" ({percent(part / whole)})"


def _named(protocol: Protocol, criterion_id: str) -> str:
    """Inside a sentence with markup of its own."""
    return plain(name(protocol[criterion_id]))
