"""The numbers in a condition, apart from what it asks of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from feasibility.rules.nodes import Condition, Ref, rebuild

ANY = Ref("")  # no parameter's name


def form_and_numbers(condition: Condition) -> tuple[Condition, tuple[float, ...]]:
    """A condition without its numbers, which two have alike that differ in numbers alone, and these in the order in which they stand.

    Parameters left open stay so.
    """
    numbers: list[float] = []

    def taken_out(number: float) -> Ref:
        numbers.append(number)
        return ANY

    return _changed(condition, taken_out), tuple(numbers)


def left_open(condition: Condition, others: tuple[float, ...], names: Mapping[tuple[float, float], str]) -> Condition:
    """A condition with a parameter in the place of every number that is not the one at that place among others; named by the two."""
    other = iter(others)

    def opened(number: float) -> float | Ref:
        there = next(other)
        return number if number == there else Ref(names[number, there])

    return _changed(condition, opened)


def _changed(condition: Condition, change: Callable[[float], float | Ref]) -> Condition:
    def of_node(node: Any) -> Any:
        new = {name: change(value) for name in node.__dataclass_fields__ if type(value := getattr(node, name)) in (int, float)}
        return replace(node, **new) if new else node

    made: Condition = rebuild(condition, of_node)
    return made
