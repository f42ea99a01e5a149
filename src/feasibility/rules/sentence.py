"""A rule said back as an English sentence, so that nobody has to trust it unread."""

from __future__ import annotations

import math

from feasibility.kidney import EQUATIONS
from feasibility.rules.nodes import (
    All,
    AnyOf,
    At,
    Compare,
    Condition,
    Constant,
    Count,
    Counting,
    Decided,
    Egfr,
    Exposed,
    Field,
    Label,
    Not,
    Occurred,
    Pick,
    Possible,
    Quantity,
    Ref,
    Statistic,
    Switched,
    Visit,
    Which,
    Window,
)
from feasibility.variables import Catalogue

VERBS = {">=": "is at least", ">": "is above", "<": "is below", "<=": "is at most", "==": "is", "!=": "is not"}
INVERSE = {">=": "<", ">": "<=", "<": ">=", "<=": ">", "==": "!=", "!=": "=="}
MIRRORED = {">=": "<=", ">": "<", "<": ">", "<=": ">=", "==": "==", "!=": "!="}
STATISTICS = {
    Statistic.LATEST: "latest",
    Statistic.EARLIEST: "earliest",
    Statistic.LOWEST: "lowest",
    Statistic.HIGHEST: "highest",
    Statistic.MEAN: "mean",
    Statistic.MEDIAN: "median",
    Statistic.GEOMETRIC_MEAN: "geometric mean",
}
ORDINALS = {1: "", 2: "2nd ", 3: "3rd "}


def sentence(condition: Condition, catalogue: Catalogue) -> str:
    """A resolved condition as a sentence, beginning with a capital and ending with a full stop."""
    text = Speaker(catalogue).condition(condition)
    return f"{text if text.startswith('eGFR') else text[:1].upper() + text[1:]}."


class Speaker:
    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def label(self, variable: str) -> str:
        text = self.catalogue[variable].label
        first = text.split()[0]
        abbreviation = any(letter.isupper() or letter.isdigit() for letter in first[1:])
        return text if abbreviation else text[0].lower() + text[1:]

    def condition(self, condition: Condition, *, nested: bool = False) -> str:
        match condition:
            case Decided(holds=holds):
                return "always so, by a switch" if holds else "not counted: switched off"
            case Compare():
                return self.comparison(condition)
            case Not(condition=Occurred() as event):
                return self.occurred(event, negated=True)
            case Not(condition=Compare(left=left, operator=operator, right=right)):
                return self.comparison(Compare(left, INVERSE[operator], right))
            case Not(condition=AnyOf(conditions=conditions)) if (options := _options(conditions)) is not None:
                return f"{self.quantity(options[0])} is neither {' nor '.join(options[1])}"
            case Not(condition=inner):
                return f"it is not so that {self.condition(inner, nested=True)}"
            case Possible(condition=inner):
                return f"the matter stays open because {self.condition(inner, nested=True)}"
            case AnyOf(conditions=conditions) if (options := _options(conditions)) is not None:
                return f"{self.quantity(options[0])} is {' or '.join(options[1])}"
            case AnyOf(conditions=(All(conditions=(stated, Not(condition=doubt))), Possible(condition=same))) if doubt == same:
                return f"{self.condition(stated)}; but where {self.condition(doubt)}, that is not known"
            case All(conditions=conditions) if (span := self.span(conditions)) is not None:
                return span
            case All(conditions=conditions) | AnyOf(conditions=conditions):
                joined = (" and " if isinstance(condition, All) else " or ").join(self.condition(each, nested=True) for each in conditions)
                return f"({joined})" if nested else joined
            case Occurred():
                return self.occurred(condition, negated=False)
            case Exposed():
                return self.exposed(condition)
            case Visit(which=which, condition=inner, window=window):
                visit = "at the latest visit" if which is Which.LATEST else "at one and the same visit, whichever it is,"
                return f"{visit}{self.window(window)} {self.condition(inner)}"
            case Switched(switch=switch):
                return f"the switch {switch} is on"

    def comparison(self, condition: Compare) -> str:
        left, operator, right = subject_first(condition)
        if without_limit(condition):
            return f"{self.quantity(left)} may be anything"
        return f"{self.quantity(left)} {VERBS[operator]} {self.limit(left, right)}"

    def limit(self, left: Quantity, right: Quantity) -> str:
        """What a quantity is compared with, in its unit, or by the name the value is written with (NYHA III)."""
        if isinstance(left, (Pick, Field)) and isinstance(right, Constant):
            names = self.catalogue[left.variable].values
            if all(lo == hi for lo, hi in names.values()):
                for name, (value, _) in names.items():
                    if value == right.value:
                        return name
        return self.quantity(right, unit=self.unit(left))

    def span(self, conditions: tuple[Condition, ...]) -> str | None:
        """Several limits on one quantity, said of it once; those without limit are not said."""
        sides = [subject_first(condition) for condition in conditions if isinstance(condition, Compare)]
        if len(sides) < len(conditions) or len({left for left, _, _ in sides}) > 1:
            return None
        limits = [side for side, condition in zip(sides, conditions, strict=True) if isinstance(condition, Compare) and not without_limit(condition)]
        left = sides[0][0]
        said = [f"{VERBS[operator]} {self.limit(left, right)}" for _, operator, right in limits] or ["may be anything"]
        return f"{self.quantity(left)} " + " and ".join([said[0], *(each.removeprefix("is ") for each in said[1:])])

    def unit(self, quantity: Quantity) -> str:
        match quantity:
            case Pick(variable=name) | Field(variable=name):
                return self.catalogue[name].unit
            case Egfr():
                return self.catalogue["egfr_reported"].unit
            case _:
                return ""

    def quantity(self, quantity: Quantity, unit: str = "") -> str:
        match quantity:
            case Constant(value=value):
                space = "" if unit.startswith("%") else " "
                return f"{_number(value)}{space}{unit}".rstrip().replace("%", " %")
            case Label(text=text):
                return text
            case Field(variable=name):
                return self.label(name)
            case Egfr(equation=equation, window=window):
                name = EQUATIONS[equation].label if isinstance(equation, str) else str(equation)
                return f"eGFR ({name}) of the latest sample{self.window(window)}"
            case Count(variable=name, window=window, where=where):
                which = f" where {self.condition(where)}" if where is not None else ""
                return f"the number of records of {self.label(name)}{which}{self.window(window)}"
            case Pick(statistic=Statistic.LATEST, variable=name, window=None):
                return self.label(name)
            case Pick(statistic=statistic, variable=name, window=window, last=None):
                return f"the {STATISTICS[statistic]} {self.label(name)}{self.window(window)}"
            case Pick(statistic=statistic, variable=name, window=window, last=last, apart=apart, span=span, rank=rank):
                ordinal = ORDINALS.get(int(rank), f"{_number(rank)}th ") if isinstance(rank, (int, float)) else ""
                limits = [f"at least {_number(apart)} days apart"] * bool(apart) + [f"within {_number(span)} days of the latest"] * bool(span)
                gap = f", {' and '.join(limits)}," if limits else ""
                of_all = "both of the" if last == 2 and ordinal == "" and statistic is Statistic.LOWEST else ""
                start = f"the {ordinal}{STATISTICS[statistic]} of the" if not of_all else "the lower of the"
                return f"{start} last {_number(last)} values of {self.label(name)}{gap}{self.window(window)}"

    def window(self, window: Window | None) -> str:
        if window is None or (isinstance(window.length, float) and math.isinf(window.length)):
            return ""
        length = _number(window.length)
        unit = window.unit.removesuffix("s") if length == "1" else window.unit
        return f" within {length} {unit}" if window.closed else f" in the {length} {unit} before the index date"

    def occurred(self, event: Occurred, *, negated: bool) -> str:
        when = {At.START: "", At.END: " to have ended", At.LATER: " to have started or ended", At.FIRST: " for the first time"}[event.at]
        when = when if self.window(event.window) else ""
        verb = "is not recorded" if negated else "is recorded"
        return f"{self.label(event.event)} {verb}{when}{self.window(event.window)}{self.filters(event.where, event.excepting)}"

    def exposed(self, exposure: Exposed) -> str:
        days = ""
        if exposure.longer_than is not None:
            what = "the whole course counted" if exposure.counting is Counting.COURSE else "only days inside that window counted"
            gap = f", courses joined over gaps of up to {_number(exposure.gap)} days" if exposure.gap else ""
            days = f", for more than {_number(exposure.longer_than)} days ({what}{gap})"
        return f"{self.label(exposure.event)} was taken{self.window(exposure.window)}{days}{self.filters(exposure.where, exposure.excepting)}"

    def filters(self, where: Condition | None, excepting: Condition | None) -> str:
        text = f", where {self.condition(where)}" if where is not None else ""
        return text + (f", except where {self.condition(excepting)}" if excepting is not None else "")


def subject_first(condition: Compare) -> tuple[Quantity, str, Quantity]:
    """The two sides with the quantity asked about on the left."""
    if isinstance(condition.left, (Constant, Label)) and not isinstance(condition.right, (Constant, Label)):
        return condition.right, MIRRORED[condition.operator], condition.left
    return condition.left, condition.operator, condition.right


def without_limit(condition: Compare) -> bool:
    right = subject_first(condition)[2]
    return isinstance(right, Constant) and isinstance(right.value, float) and math.isinf(right.value)


def _options(conditions: tuple[Condition, ...]) -> tuple[Quantity, list[str]] | None:
    """The one quantity and the values it may have, if that is all an `or` says."""
    subjects, options = set(), []
    for condition in conditions:
        match condition:
            case Compare(left=left, operator="==", right=Label(text=text)):
                subjects.add(left)
                options.append(text)
            case _:
                return None
    return (subjects.pop(), options) if len(subjects) == 1 else None


def _number(value: float | Ref | None) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else str(value.name) if isinstance(value, Ref) else ""
