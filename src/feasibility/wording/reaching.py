"""Reaching a target: how many that is, the criteria dropped for it, and the readings that reach it alone."""

from __future__ import annotations

from collections.abc import Sequence

from feasibility.protocol import Protocol
from feasibility.results.accounting import Tally
from feasibility.results.disclosure import Rounding
from feasibility.results.dropping import MOST_CRITERIA, Aim, Best, Dropped, Dropping, Fewest, Reaching
from feasibility.results.overview import Overview
from feasibility.results.target import to_enrol
from feasibility.results.tornado import Tornado
from feasibility.wording.criteria import name
from feasibility.wording.numbers import count, listed, patients, rate, sentences, several
from feasibility.wording.overlap import all_else_held
from feasibility.wording.titled import Titled
from feasibility.wording.tornado import what_of

BEST_FOUND = "best found"
DROPPING_TITLE = "How many are eligible with the best set of so many criteria off"
NOTHING_STOPS = "No criterion that counts stops anybody: there is nothing to drop."
NOBODY_LOADED = "There are no patients."
AIMS = {Aim.ELIGIBLE: "eligible", Aim.NOT_INELIGIBLE: "eligible or undetermined"}
CHOOSE_SET = "Choose one, or type part of it"
AIM_EXPLAINED = "Whether patients whom a missing value leaves open count towards the target."
MOST_READINGS = 3  # named
LONGEST_NAMES, LONGEST_OPTION = 80, 56  # characters of a row's names, at 1280 pixels, and of a set's to choose


def target_beside(overview: Overview, planned: int | None, enrolling: float, unit: int) -> str:
    """What stands beside the target: ``134 of 2,000 eligible now, 308 undetermined. To enrol 120 as planned takes at least 265 (45.3 % enrol).``

    ``enrolling``: the exact share of the eligible who enrol, which is not said where counts are rounded to a ``unit``.
    """
    tally = overview.tally
    now = f"{count(tally.eligible)} of {count(tally.patients)} eligible now, {count(tally.undetermined)} undetermined."
    if planned is None:
        return now
    needed, without = to_enrol(planned, enrolling), _without_rate(overview)
    if needed is None:
        return f"{now} By the assumed pass rates nobody enrols: no number makes the {count(planned)} planned."
    takes = f"{'at least ' if without else 'about ' if needed != planned else ''}{count(Rounding(unit).count(needed))}"
    share = f" ({rate(enrolling)} enrol)" if overview.assumed and not unit else ""
    return f"{now} To enrol {count(planned)} as planned takes {takes}{share}."


def enrolling_explained(overview: Overview) -> str:
    """Where the share of the eligible who enrol is from."""
    without = _without_rate(overview)
    said = "The share of the eligible expected to enrol by the assumed pass rates, which are set on the workbench."
    if not without:
        return said
    return f"{said} {several(without, 'criterion', 'criteria')} that the data cannot show {'has' if without == 1 else 'have'} no rate, and count as 100 %."


def _without_rate(overview: Overview) -> int:
    return sum(not each.given for each in overview.assumed)


# Criteria dropped


def said_of_dropping(overview: Overview, found: Dropping) -> Titled:
    """What a row of the picture is, and how it was found."""
    tally: Tally = overview.tally
    of_all = "of all sets" if all(each.proven for each in found.sets) else "found"
    return Titled(
        DROPPING_TITLE,
        f"Each row is the best {of_all} of so many of the {several(len(found.sets) - 1, 'criterion', 'criteria')} that stop somebody or leave somebody open, "
        f"of {patients(tally.patients)}.",
        sentences("Solid are the eligible, hatched the undetermined with these off.", _not_all_counted(found), all_else_held(overview)),
    )


def _not_all_counted(found: Dropping) -> str:
    """Which sets were looked at where there are too many criteria for all; nothing where all were."""
    if found.all_counted:
        return ""
    number = count(len(found.sets) - 1)
    return (
        f"Of {number} criteria not all sets are counted, but all those of {count(MOST_CRITERIA)} of them: the ones with the largest share in what patients "
        f"fail or are unknown on. Beside the best of these stands the set shown in the row above with any one more of the {number} off; the better of the "
        f"two is shown. “{BEST_FOUND}” marks a set of which it is not proven that no other of as many criteria leaves more."
    )


def changed_set(protocol: Protocol, best: Best, before: Best | None) -> str:
    """A set by what it has beside the one before it: ``+ E5 Severe hyperlipidaemia``, ``+ I3, + E1, − E3``."""
    if before is None:
        return "nothing dropped"
    came = [each for each in best.dropped if each not in before.dropped]
    went = [each for each in before.dropped if each not in best.dropped]
    named = [*(f"+ {name(protocol[each])}" for each in came), *(f"− {name(protocol[each])}" for each in went)]
    said = ", ".join(named)
    return said if len(said) <= LONGEST_NAMES else ", ".join([*(f"+ {each}" for each in came), *(f"− {each}" for each in went)])


def set_counts(best: Best) -> str:
    """``550 + 212``, with a word where it is not proven that no other set leaves more."""
    counts = count(best.eligible) + (f" + {count(best.undetermined)}" if best.undetermined else "")
    return counts if best.proven else f"{counts}, {BEST_FOUND}"


def dropped_set(protocol: Protocol, best: Best) -> str:
    """The whole set in words, with who is left."""
    off = f"{listed(name(protocol[each]) for each in best.dropped)} off" if best.dropped else "Nothing dropped"
    proven = "no other set of as many leaves more" if best.proven else "the best found, not proven"
    return f"{off}: {count(best.eligible)} eligible, {count(best.undetermined)} undetermined; {proven}"


def fewest(protocol: Protocol, found: Fewest | None, dropping: Dropping, target: int) -> str:
    """The fewest criteria to drop for a target, and what is proven of it; with markup."""
    wanted = f"{count(target)} {AIMS[dropping.aim]}"
    if found is None:
        return f"**No set of criteria makes {wanted}**: with all of them off there are {count(dropping.sets[-1].count(dropping.aim))}."
    best = found.best
    if not best.dropped:
        return f"**{wanted} is reached as it stands**, with nothing dropped: {count(best.count(dropping.aim))}."
    number = len(best.dropped)
    proven = (
        f"Proven: no set of fewer reaches it, and no other set of {count(number)} leaves more."
        if found.proven and best.proven
        else "Proven: no set of fewer reaches it." if found.proven
        else "The best found: a set of fewer might reach it."
    )  # fmt: skip
    return (
        f"**The fewest criteria whose dropping makes {wanted}: {count(number)}**, {listed(name(protocol[each]) for each in best.dropped)}; then "
        f"{count(best.eligible)} are eligible and {count(best.undetermined)} undetermined. {proven}"
    )


def all_sets(number: int) -> str:
    """The label of the list of all sets of as many criteria as the fewest that reach a target."""
    return f"All {'single criteria' if number == 1 else f'sets of {count(number)}'} that reach it"


def reaching_sets(found: Reaching, aim: Aim, target: int) -> str:
    """How many sets of as many criteria as the fewest reach the target, and which are listed."""
    if found.total == 1:
        return f"No other set of {count(len(found.sets[0].dropped))} reaches {count(target)} {AIMS[aim]}."
    reach = f"{several(found.total, 'set')} of {count(len(found.sets[0].dropped))} reach"
    those = f"listed are the {count(len(found.sets))} that leave most" if len(found.sets) < found.total else "those that leave most come first"
    return f"{reach} {count(target)} {AIMS[aim]}; {those}. Each with eligible + undetermined then, of {patients(found.patients)}."


def dropped_option(protocol: Protocol, each: Dropped) -> str:
    """Who is left with a set off, eligible + undetermined, and the set: ``548 + 214: I4 Nephrotic proteinuria, E5 Severe hyperlipidaemia``."""
    named = ", ".join(name(protocol[criterion]) for criterion in each.dropped)
    return f"{count(each.eligible)} + {count(each.undetermined)}: {named if len(named) <= LONGEST_OPTION else ', '.join(each.dropped)}"


def not_nested(dropping: Dropping) -> str:
    """Which best sets do not hold the one before them."""
    apart = [count(len(each.dropped)) for each in dropping.sets if not each.nested]
    if not apart:
        return "Every set holds the one before it: they can be dropped one after another."
    which = f"set of {apart[0]} does" if len(apart) == 1 else f"sets of {listed(apart)} do"
    return f"The best {which} not hold the whole one before: what went is marked −."


# Readings


def target_line(target: int, above: bool = False) -> str:
    """What stands at the line of the target: ``target 203``; ``above``: it lies above the picture."""
    return f"{'↑ ' if above else ''}target {count(target)}"


def read_another_way(protocol: Protocol, found: Tornado, target: int) -> str:
    """Which readings alone reach a target, or which comes nearest; nothing where none gains anybody."""
    gaining = [bar for bar in found.bars if bar.high.eligible > found.base.eligible]
    if not gaining:
        return ""
    said = [f"{what_of(bar, protocol)} ({count(bar.high.eligible)})" for bar in gaining if bar.high.eligible >= target]
    if not said:
        most = max(bar.high.eligible for bar in gaining)
        best = [what_of(bar, protocol) for bar in gaining if bar.high.eligible == most]
        return f"No other reading alone reaches it: most are eligible with {_some(best, 'or')} ({count(most)})."
    alone = "this alone reaches" if len(said) == 1 else "each of these alone reaches"
    return f"Read another way, with all else as it is, {alone} it: {_some(said, 'and')}."


def _some(readings: Sequence[str], last: str) -> str:
    """Some of them, and how many more there are."""
    more = [f"{count(len(readings) - MOST_READINGS)} more"] if len(readings) > MOST_READINGS else []
    return listed([*readings[:MOST_READINGS], *more], last)
