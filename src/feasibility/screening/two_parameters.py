"""How the outcome of what is asked goes along the stops of two parameters: each patient's profile along the one, with what happens along the other."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feasibility.rules.nodes import Ref
from feasibility.screening.asked import Asked
from feasibility.screening.onwards import found_onwards
from feasibility.screening.parts import at_values
from feasibility.screening.profiles import Profiles, along_values, both_profiles, packed_outcomes, profiles, unpacked_outcomes, with_changed, with_column
from feasibility.screening.screen import PASS, Screener


def profiles_of_pair(screener: Screener, asked: Asked, one: tuple[str, Sequence[float]], other: tuple[str, Sequence[float]]) -> Profiles:
    """The profiles along the stops of one of two parameters left open in what is asked, with what happens along the other's: ``packed_outcomes``.

    There are at most 31 stops of the other. What the one is compared with does not move with the other (``changing.compared_with_moving``).
    """
    (name, stops), (inner, along) = one, other

    def outcomes(some: Screener, stop: float) -> NDArray[np.int64]:
        found = profiles(some, at_values(asked, {name: stop, inner: Ref(inner)}), inner, along)
        return packed_outcomes(found.outcomes)[found.of_patient]

    def found_in(some: Screener) -> Profiles:
        return along_values(some.aside(), asked, name, stops, outcomes)

    return found_onwards(screener, asked, (name, tuple(stops), inner, tuple(along)), found_in, with_changed)


@dataclass(frozen=True)
class Side:
    """One of two parameters: the ``stops`` at which it is looked at together with the other, of those ``along`` which it is by itself; and its ``value``."""

    name: str
    stops: tuple[float, ...]
    along: tuple[float, ...]
    value: float

    @property
    def whole(self) -> tuple[float, ...]:
        """The stops with the value among them."""
        return tuple(sorted({*self.stops, self.value}))

    def places(self, stops: Sequence[float]) -> list[int]:
        """Where some of these stand among those along which it is by itself, with the value among them."""
        by_itself = sorted({*self.along, self.value})
        return [by_itself.index(stop) for stop in stops]

    def profiles(self, screener: Screener, asked: Asked, held: Side, stops: Sequence[float]) -> Profiles:
        """Its profiles at some of these, the other ``held`` at its value."""
        alone = at_values(asked, {self.name: Ref(self.name), held.name: held.value})
        return profiles(screener, alone, self.name, self.along, self.value).at(self.places(stops))


def profiles_of_sides(screener: Screener, asked: Asked, one: Side, other: Side) -> Profiles:
    """``profiles_of_pair`` at the stops of both and their values.

    What is remembered at the stops does not depend on the values, and at these each is looked at along the other as it is by itself.
    """
    found = profiles_of_pair(screener, asked, (one.name, one.stops), (other.name, other.stops))
    if other.value not in other.stops:
        own = one.profiles(screener, asked, other, one.stops)
        ids, of_found, of_own = both_profiles(found, own)
        along = unpacked_outcomes(found.outcomes[of_found], len(other.stops))
        along = np.insert(along, bisect(other.stops, other.value), own.outcomes[of_own], axis=2)
        found = Profiles(ids, packed_outcomes(along.reshape(-1, along.shape[2])).reshape(along.shape[:2]))
    if one.value not in one.stops:
        own = other.profiles(screener, asked, one, other.whole)
        found = with_column(found, Profiles(own.of_patient, packed_outcomes(own.outcomes)), bisect(one.stops, one.value))
    return found


def needs_of_pair(screener: Screener, asked: Asked, one: tuple[str, Sequence[float]], other: tuple[str, Sequence[float]]) -> Profiles:
    """The profiles along the rising stops of one of two parameters left open in what is asked, with how many levels of the other do not PASS there.

    The other's levels are in the order in which it loosens; UNKNOWN is no PASS. Where a looser one does not PASS and a tighter one does, the number is one
    more than there are levels. ``outcomes`` of these profiles are such numbers.
    """
    (name, stops), (inner, levels) = one, other
    along = sorted(levels)
    places, torn = [along.index(level) for level in levels], len(levels) + 1

    def needs(some: Screener, stop: float) -> NDArray[np.int16]:
        found = profiles(some, at_values(asked, {name: stop, inner: Ref(inner)}), inner, along)
        passes = found.outcomes[:, places] == PASS
        of_profile = np.where((passes[:, 1:] >= passes[:, :-1]).all(axis=1), (~passes).sum(axis=1), torn)
        return of_profile.astype(np.int16)[found.of_patient]

    def found_in(some: Screener) -> Profiles:
        return along_values(some.aside(), asked, name, stops, needs)

    return found_onwards(screener, asked, (name, tuple(stops), inner, tuple(levels), "needs"), found_in, with_changed)
