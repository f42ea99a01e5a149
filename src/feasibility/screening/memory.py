"""What was found of every patient, terms, outcomes and profiles, remembered within a bound."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property
from threading import RLock
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray


class Held(Protocol):
    """Something that takes room. Where it is one thing a patient, ``take`` gives those of some patients, by row."""

    @property
    def nbytes(self) -> int: ...


Result = TypeVar("Result", bound=Held)


class Key(tuple[Hashable, ...]):
    """A key of which the hash is found once, for what keys hold is nested; of this process alone, like the hash of any text."""

    @cached_property
    def _hash(self) -> int:
        return super().__hash__()

    def __hash__(self) -> int:
        return self._hash


@dataclass
class Memory:
    """Results that a move need not compute again; beyond ``most_bytes`` the least recently used are forgotten.

    With ``behind`` another memory is looked into first, and nothing is put there. If that is of more patients, ``rows`` are those meant here. Several
    threads may recall at once; what two of them ask for at the same time is computed by both.
    """

    most_bytes: int = 1_600_000_000
    held: int = 0
    results: OrderedDict[Hashable, Held] = field(default_factory=OrderedDict)
    behind: Memory | None = None
    rows: NDArray[np.intp] | None = None
    _times: dict[int, int] = field(default_factory=dict)  # by the id of what is held: under how many keys
    _lock: RLock = field(default_factory=RLock)

    def recall(self, key: Hashable, compute: Callable[[], Result], by_patient: bool = True) -> Result:
        """What is known under a key, which is used for one kind of result; computed if it is not known.

        ``by_patient``: it is one thing a patient, so that those of some patients are taken from it; other things, as of records, are not.
        """
        known: Any = self.known(key, by_patient)
        return self.keep(key, compute()) if known is None else known

    def known(self, key: Hashable, by_patient: bool = True) -> Any:
        """What is known under a key; None if nothing is."""
        with self._lock:
            if key in self.results:
                self.results.move_to_end(key)
                return self.results[key]
        found = None if self.behind is None or (self.rows is not None and not by_patient) else self.behind.known(key, by_patient)
        return found if found is None or self.rows is None else self.keep(key, found.take(self.rows))

    def keep(self, key: Hashable, result: Result) -> Result:
        """The result, which is from now on known under the key, whatever was known under it before."""
        with self._lock:
            before = self.results.pop(key, None)
            self.results[key] = result
            self._count(result, 1)
            if before is not None:
                self._count(before, -1)
            while self.held > self.most_bytes and len(self.results) > 1:
                self._count(self.results.popitem(last=False)[1], -1)
        return result

    def _count(self, result: Held, times: int) -> None:
        """What is held under several keys, as it did not change with what is asked, takes room once."""
        before = self._times.pop(id(result), 0)
        if before + times:
            self._times[id(result)] = before + times
        self.held += result.nbytes * (bool(before + times) - bool(before))
