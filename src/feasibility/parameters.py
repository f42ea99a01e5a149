"""Parameters: the adjustable values of a protocol's rules."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from functools import cache


class Direction(StrEnum):
    """Which way a number moves to let more patients pass."""

    UP = "up"
    DOWN = "down"


class Unbounded(StrEnum):
    """At which end of its range a number may be lifted altogether."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True)
class Number:
    """A threshold, a window or a count. ``inf`` (or ``-inf``) as a value means no limit.

    ``short`` is what it is called where there is room for a word only, beside others of its criterion; empty where its label has to do.
    """

    name: str
    label: str
    value: float
    min: float
    max: float
    step: float
    unit: str = ""
    loosens: Direction | None = None
    scale: str = "linear"
    unbounded: Unbounded | None = None
    short: str = ""


@dataclass(frozen=True)
class Switch:
    """A small choice that is on or off."""

    name: str
    label: str
    value: bool


@dataclass(frozen=True)
class Choice:
    """One of a few named values."""

    name: str
    label: str
    value: str
    options: tuple[str, ...]


Parameter = Number | Switch | Choice
Value = float | bool | str

WINDOW_UNITS = ("days", "months", "years")
MOST_STOPS = 200
MOST_STEPS = 2000
ABOUT = 0.75  # how far about a place on a logarithmic scale a round stop is looked for, of the way to the next


def accept(parameter: Parameter, value: Value) -> Value:
    """``value`` as the parameter takes it: a number snapped to its step in decimal, within its range.

    Raises ``ValueError`` with a sentence saying what was expected.
    """
    match parameter:
        case Switch():
            if not isinstance(value, bool):
                raise ValueError(f"{value!r} is not on or off")
            return value
        case Choice(options=options):
            if value not in options:
                raise ValueError(f"{value!r} is not one of {', '.join(options)}")
            return value
        case Number():
            if isinstance(value, (bool, str)) or math.isnan(value):
                raise ValueError(f"{value!r} is not a number")
            if math.isinf(value):
                if parameter.unbounded != (Unbounded.UP if value > 0 else Unbounded.DOWN):
                    raise ValueError(f"it cannot be without limit at that end; its range is {parameter.min:g} to {parameter.max:g}")
                return value
            if not parameter.min <= value <= parameter.max:
                raise ValueError(f"{value:g} lies outside {parameter.min:g} to {parameter.max:g} {parameter.unit}".rstrip())
            return snap(parameter, value)


SHORT_UNITS = {"days": "d", "months": "mo", "years": "y"}
TYPED = re.compile(r"([<>]=|[≥≤<>])?\s*(-?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?)\s*(.*)")
ASCII_SIGNS = {"≥": ">=", "≤": "<="}


def typed(text: str, unit: str, operator: str = "") -> float:
    """A number as somebody types it, perhaps with its comparison sign, thousands separators and unit; ``no limit`` is inf.

    Raises ``ValueError`` with a sentence for anything else: another unit, a decimal comma, another sign than the ``operator`` it stands beside.
    """
    text = " ".join(text.split())
    if text.lower() in ("no limit", "inf", "∞"):
        return math.inf
    found = TYPED.fullmatch(text.replace("−", "-"))
    units = ("", unit, SHORT_UNITS.get(unit), unit.removesuffix("s") if unit in WINDOW_UNITS else None)
    if found is None or not found[2].strip("-.") or found[3] not in units:
        raise ValueError(f"“{text}” is not a number{f' in {unit}' if unit else ''}; write it like 12 or 3.5")
    if found[1] and operator and ASCII_SIGNS.get(found[1], found[1]) != operator:
        raise ValueError(f"“{text}” compares the other way than the rule, which has {operator}; type the number alone")
    return float(found[2].replace(",", ""))


def snap(parameter: Number, value: float) -> float:
    """The multiple of the step nearest to ``value``, reckoned in decimal from zero so that 5.5 is the float 5.5."""
    step = Decimal(str(parameter.step))
    return float((Decimal(str(value)) / step).quantize(Decimal(1)) * step)


def steps_beside(parameter: Number, value: float) -> tuple[float, float] | None:
    """The multiples of the step on either side of a value within the range; None of one that is on a step, or outside."""
    if not parameter.min <= value <= parameter.max or snap(parameter, value) == value:
        return None
    nearest = snap(parameter, value)
    other = snap(parameter, nearest + math.copysign(parameter.step, value - nearest))
    return min(nearest, other), max(nearest, other)


@cache
def stops(parameter: Number, value: float, most: int = MOST_STOPS) -> tuple[float, ...]:
    """The values a control of the parameter stops at, rising: evenly spaced on its scale, all multiples of its step, at most about ``most``.

    ``value``, the value as written and the lifted limit are always among them.
    """
    steps = round((parameter.max - parameter.min) / parameter.step)
    number = min(steps, most - 1)
    if parameter.scale == "log":
        ratio = parameter.max / parameter.min
        spaced = [parameter.min * ratio ** (place / number) for place in range(number + 1)]
    else:
        stride = parameter.step * math.ceil(steps / number)
        spaced = [parameter.min + stride * place for place in range(number + 1)] + [parameter.max]
    snapped = {snap(parameter, each) for each in (*spaced, value, parameter.value) if math.isfinite(each)}
    return tuple(sorted({each for each in snapped if parameter.min <= each <= parameter.max} | _lifted(parameter)))


@cache
def every_step(parameter: Number) -> tuple[float, ...] | None:
    """Every value a parameter takes, rising, the lifted limit among them; None if they are more than 2,000."""
    places = decimals(parameter)
    step = int(Decimal(str(parameter.step)).scaleb(places))
    low, high = (Decimal(str(end)).scaleb(places) / step for end in (parameter.min, parameter.max))
    if high - low > MOST_STEPS:
        return None
    values = {number * step / 10**places for number in range(math.ceil(low), math.floor(high) + 1)}
    return tuple(sorted(values | _lifted(parameter)))


def _lifted(parameter: Number) -> set[float]:
    """No limit, at the end at which it may be lifted."""
    return {Unbounded.UP: {math.inf}, Unbounded.DOWN: {-math.inf}, None: set[float]()}[parameter.unbounded]


def loosest(parameter: Number) -> float:
    """The value at which a number with a direction lets most patients pass; without a limit where that may be lifted."""
    if parameter.loosens is Direction.DOWN:
        return -math.inf if parameter.unbounded is Unbounded.DOWN else parameter.min
    return math.inf if parameter.unbounded is Unbounded.UP else parameter.max


def no_looser(parameter: Number, value: float) -> float:
    """The value itself if it is on a step of a number with a direction, else the step before it as it loosens."""
    if math.isinf(value):
        return value
    step, rounding = Decimal(str(parameter.step)), ROUND_CEILING if parameter.loosens is Direction.DOWN else ROUND_FLOOR
    return float((Decimal(str(value)) / step).to_integral_value(rounding) * step)


def thinned(at: Sequence[float], most: int, kept: Collection[float] = (), scale: str = "linear") -> list[int]:
    """The places of at most about ``most`` of some rising stops, and besides of what is ``kept`` and of a lifted limit. Both ends of the range are among them.

    On a linear scale they are those nearest to the multiples of a round stride: the smallest of 1, 2 and 5 times a power of ten that leaves no more than
    ``most``. On a logarithmic scale they are evenly spread by ratio, and of the stops about each the roundest is taken.
    """
    finite = [place for place, stop in enumerate(at) if math.isfinite(stop)]
    meant = (place for place, stop in enumerate(at) if stop in kept or math.isinf(stop))
    if scale == "log" and finite:
        spread: Iterable[int] = _spread_by_ratio(at, finite, max(most - 1, 1))
    else:
        spread = finite if len(finite) <= most else _at_round_values(at, finite, most)
    return sorted({*spread, *finite[:1], *finite[-1:], *meant})


def _at_round_values(at: Sequence[float], finite: Sequence[int], most: int) -> set[int]:
    """The places nearest to the multiples of the smallest round stride at which they are with both ends at most ``most``; none where no stride is."""
    low, high = at[finite[0]], at[finite[-1]]
    powers = (math.floor(math.log10((high - low) / each)) for each in (most, 1))
    for stride in (factor * 10.0**power for power in range(next(powers), next(powers) + 2) for factor in (1, 2, 5)):
        aims = (stride * number for number in range(math.ceil(low / stride), math.floor(high / stride) + 1))
        found = {min(finite, key=lambda place: abs(at[place] - aim)) for aim in aims}
        if len(found | {finite[0], finite[-1]}) <= most:
            return found
    return set()


def _spread_by_ratio(at: Sequence[float], finite: Sequence[int], number: int) -> Iterator[int]:
    """Where so many stretches even in their logarithms meet or end, the place of the roundest stop about; none where there is no stop."""
    logs = {place: math.log(at[place]) for place in finite}
    low, stride = logs[finite[0]], (logs[finite[-1]] - logs[finite[0]]) / number
    for each in range(number + 1):
        aim = low + stride * each
        near = [place for place, log in logs.items() if abs(log - aim) <= stride * ABOUT]
        if near:
            yield min(near, key=lambda place: (_digits(at[place]), abs(logs[place] - aim)))


def _digits(value: float) -> int:
    """How many digits it takes to write a value down, zeros at its end left out."""
    return len(Decimal(str(value)).normalize().as_tuple().digits)


def decimals(parameter: Number) -> int:
    """How many decimals the step asks for."""
    return max(0, -int(Decimal(str(parameter.step)).normalize().as_tuple().exponent))


def unit_for(unit: str, amount: float) -> str:
    """``mmHg``; of one year ``year``."""
    return unit.removesuffix("s") if unit in WINDOW_UNITS and amount == 1 else unit


def worded(parameter: Parameter, value: Value) -> str:
    """A value as people read it: ``3.5 g/24h``, ``no limit``, ``on``."""
    match parameter:
        case Switch():
            return "on" if value else "off"
        case Choice():
            return str(value)
        case Number(unit=unit):
            assert isinstance(value, (int, float))
            if math.isinf(value):
                return "no limit"
            return f"{value:,.{decimals(parameter)}f} {unit_for(unit, value)}".rstrip()
