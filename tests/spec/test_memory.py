"""What is remembered and recounted: within its bound, and by several threads at once."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray
from properties.test_count_tables import a_clinic_with_gaps

from feasibility.protocol import builtin_protocol
from feasibility.results.overview import Workbench
from feasibility.scenario import AS_WRITTEN, with_criterion_off, with_value
from feasibility.screening.memory import Memory
from feasibility.screening.screen import MOST_OF_A_FORM, Screener


def test_beyond_the_bound_the_least_recently_used_is_forgotten() -> None:
    memory = Memory(most_bytes=24)
    for key in "abc":
        memory.recall(key, lambda: np.zeros(1))
    memory.recall("a", lambda: pytest.fail("known"))
    memory.recall("d", lambda: np.zeros(1))
    assert list(memory.results) == ["c", "a", "d"]
    assert memory.held == 24


def test_what_is_held_under_several_keys_takes_room_once() -> None:
    memory, one = Memory(most_bytes=24), np.zeros(2)
    for key in "abc":
        memory.recall(key, lambda: one)
    assert (memory.held, list(memory.results)) == (16, ["a", "b", "c"])
    memory.recall("d", lambda: np.zeros(1))
    assert (memory.held, list(memory.results)) == (24, ["a", "b", "c", "d"])
    memory.recall("e", lambda: np.zeros(2))
    assert (memory.held, list(memory.results)) == (24, ["d", "e"]), "until the last of its keys is forgotten"


def test_what_is_held_is_what_there_is_after_threads_recalled_the_same_things() -> None:
    memory = Memory(most_bytes=8 * 40)
    asked = np.random.default_rng(1).integers(0, 90, 6000)

    def made(key: int) -> NDArray[np.float64]:
        time.sleep(1e-4)  # the others take their turn
        return np.full(1, float(key))

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda key: memory.recall(key, lambda: made(key))[0], asked.tolist()))
    assert found == asked.tolist()
    assert memory.held == sum(each.nbytes for each in memory.results.values()) == 8 * 40


def test_of_some_patients_is_taken_what_is_known_of_all() -> None:
    everybody = Memory()
    everybody.recall("term", lambda: np.arange(5))
    some = Memory(behind=everybody, rows=np.array([4, 1]))
    assert some.recall("term", lambda: pytest.fail("known")).tolist() == [4, 1]
    assert list(everybody.results) == ["term"]


def test_several_threads_may_note_what_is_asked() -> None:
    """However often they take turns: what was asked of a form lately is kept, the latest first, and no more."""
    screener, protocol = Screener(a_clinic_with_gaps()), builtin_protocol()
    asked = [screener.asked(protocol, with_value(protocol, AS_WRITTEN, "I5.egfr_min", value), "I5") for value in range(15, 35)]
    often = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            lately = list(pool.map(lambda place: screener.ask(("form", place % 3), asked[place % len(asked)]), range(20_000)))
    finally:
        sys.setswitchinterval(often)
    assert max(map(len, lately)) == MOST_OF_A_FORM
    assert len(screener._lately) == 3


def test_several_threads_may_ask_one_workbench() -> None:
    """A file that is being made reads the workbench beside the page that moves on."""
    bench = Workbench(a_clinic_with_gaps(), builtin_protocol())
    scenarios = [with_value(bench.protocol, AS_WRITTEN, "I5.egfr_min", value) for value in (15, 20, 25, 30)]
    scenarios += [with_criterion_off(bench.protocol, AS_WRITTEN, each) for each in ("I4", "E5")]
    alone = [bench.overview(each).tally for each in scenarios]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda place: bench.overview(scenarios[place % len(scenarios)]).tally, range(300)))
    assert found == [alone[place % len(scenarios)] for place in range(300)]
