"""Gaps in the data, and what measuring them could add, in words."""

from __future__ import annotations

from feasibility.results.gaps import Gap, Gaps, Range
from feasibility.results.taken_as_absent import Absent
from feasibility.rules.sentence import Speaker
from feasibility.variables import Catalogue
from feasibility.wording.numbers import count, listed, patients, sentences, several
from feasibility.wording.titled import Titled

NO_GAPS = "No patient is undetermined for something that could be measured."
GAP_LINE = (
    "What", "People", "Never recorded", "Only outside the window", "Recorded, not enough", "Settled for certain", "Could add", "Could lose",
    "Eligible then", "Eligible or undetermined then",
)  # fmt: skip
MOST_ABSENT = 3
MEASURING_EXPLAINED = dict(
    zip(
        GAP_LINE[:8],
        (
            "What is measured from one sample stands together where that does more than one of its parts.",
            "The undetermined for whom it is open: the next three columns are all of them.",
            "Nothing of it stands in the files.",
            "It was recorded, but not where the criteria look.",
            "One collection of two, a value known only as above a limit, a date known in part.",
            "Those of them for whom nothing else is open, so that it makes each of them eligible or ineligible.",
            "How many would become eligible, from the fewest to the most, as the values turn out.",
            "How many would become ineligible, from the fewest to the most, as the values turn out.",
        ),
        strict=True,
    )
)
"""What the columns of the table count."""


def gap_measured(gap: Gap, catalogue: Catalogue) -> str:
    """What is measured at once: ``LDL cholesterol``, ``blood pressure``, ``lipids``, ``kidney biopsy``."""
    if gap.name in catalogue:
        return Speaker(catalogue).label(gap.name)
    return gap.name.replace("_", " ")


def gap_said(found: Gap, catalogue: Catalogue) -> str:
    """``Measuring LDL cholesterol in 61 people could add up to 23``."""
    return f"Measuring {gap_measured(found, catalogue)} in {several(found.people, 'person', 'people')} could add up to {count(found.gained.high)}"


def gaps_not_drawn(smaller: int, idle: int) -> str:
    """How many more gaps the table has than the picture; nothing where it has none."""
    more = [f"{several(smaller, 'gap')} that could add fewer"] if smaller else []
    nobody = [f"{several(idle, 'gap')} that by {'itself' if idle == 1 else 'themselves'} could add nobody"] if idle else []
    return f"Only in the table: {listed([*more, *nobody])}." if more or nobody else ""


def range_said(counts: Range) -> str:
    """``134–157``, or one number."""
    return count(counts.low) if counts.low == counts.high else f"{count(counts.low)}–{count(counts.high)}"


def same_patients(gaps: Gaps, catalogue: Catalogue) -> str:
    """Which gaps are of the very same patients, as a sentence each; nothing where none are."""
    measured = {each.name: gap_measured(each, catalogue) for each in gaps.gaps}
    return sentences(*(f"The very same patients are open for {listed([measured[name] for name in names])}." for names in gaps.alike))


def said_of_gaps(gaps: Gaps) -> Titled:
    """What is counted out of what, and how the bars are read."""
    possible = gaps.tally.eligible + gaps.tally.undetermined
    recorded = f"For {count(gaps.in_none)} nothing is missing: what is recorded leaves them open. " if gaps.in_none else ""
    solid = "Solid: eligible then whatever is found. " if any(each.gained.low for each in gaps.gaps) else ""
    return Titled(
        "What measuring what is missing could add",
        f"Eligible is a range: {count(gaps.tally.eligible)} to {count(possible)} of {patients(gaps.tally.patients)}, and each bar is what measuring one "
        f"thing in some of the {count(gaps.tally.undetermined)} undetermined could add.",
        f"For {count(gaps.one_settles)} of the undetermined one measurement, or what is measured from one sample, would be enough, not the "
        f"same for all. {recorded}{solid}"
        "Hatched: eligible then if what is found is in their favour. "
        "All else held, as in the scenario.",
    )


def taken_as_absent(absent: Absent, catalogue: Catalogue) -> str:
    """Which events count as a no where nothing is recorded of them, and what hangs on that; nothing where there are none."""
    found = absent.events
    if not found:
        return ""
    said = []
    label = {each: f"{catalogue[each.variable].label} ({listed(each.criteria)})" for each in found}
    if with_no := [each for each in found if each.no_recorded]:
        named = [f"{count(each.eligible)} for {label[each]}" for each in with_no[:MOST_ABSENT]]
        more = f"; {several(len(with_no) - MOST_ABSENT, 'more event')}" if len(with_no) > MOST_ABSENT else ""
        said.append(
            f"Of events of which a no is recorded too, nothing recorded counts as a no, and not as missing. Counted as unknown it would leave undetermined, "
            f"of the {count(absent.tally.eligible)} eligible (one may count in several): {', '.join(named)}{more}."
        )
    if only_yes := [each for each in found if not each.no_recorded]:
        named = [label[each] for each in only_yes[:MOST_ABSENT]]
        named += [several(len(only_yes) - MOST_ABSENT, "more event")] if len(only_yes) > MOST_ABSENT else []
        said.append(
            f"Of {listed(named)} the files never record a no: nothing recorded is taken for one there, and {count(absent.never_no)} of the "
            f"{count(absent.tally.eligible)} eligible hang on that."
        )
    return " ".join((*said, "The Criteria page says what no record means, and changes it."))


def gap_name(gap: Gap, catalogue: Catalogue) -> str:
    """``LDL cholesterol in 61 people``."""
    return f"{gap_measured(gap, catalogue)} in {several(gap.people, 'person', 'people')}" + ("" if gap.in_file else ", no column")


def gained_said(gap: Gap) -> str:
    """``up to +23``, ``+3–23`` where some are gained whatever is found, or ``nobody``."""
    if not gap.gained.high:
        return "nobody"
    return f"+{range_said(gap.gained)}" if gap.gained.low else f"up to +{count(gap.gained.high)}"


def gap_line(gaps: Gaps, gap: Gap, catalogue: Catalogue) -> tuple[str | int, ...]:
    """A line of the table of gaps."""
    ranges = gap.gained, gap.lost, gaps.lower(gap), gaps.upper(gap)
    lacking = gap.never, gap.nothing - gap.never, gap.people - gap.nothing
    return gap_measured(gap, catalogue), gap.people, *lacking, gap.settled, *(range_said(each) for each in ranges)
