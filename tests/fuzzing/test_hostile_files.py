"""Hostile files cost nothing but a sentence: a few seconds of ``run.py``, and every case that ever failed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fuzzing.corpus import kept
from fuzzing.large import LARGE
from fuzzing.watch import Limits, Watched

SEED, SECONDS, AT_LEAST = 20_26, 12, 12


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    process = Watched(Limits())
    yield process
    process.close()
    process.errors.close()


def test_some_seconds_of_hostile_files_end_as_cohorts_or_sentences(watched: Watched) -> None:
    began, number = time.monotonic(), 0
    faults: list[str] = []
    while number < AT_LEAST or time.monotonic() - began < SECONDS:
        tried = watched.try_one(seed=SEED, number=number, only="")
        faults += [f"--seed {SEED} --first {number}: {tried.kind}: {fault}" for fault in tried.faults]
        number += 1
    assert faults == []


@pytest.mark.parametrize("folder", kept(), ids=lambda folder: folder.name)
def test_what_once_failed_does_no_more(watched: Watched, folder: Path) -> None:
    assert watched.try_one(path=str(folder)).faults == []


@pytest.mark.skipif(os.environ.get("HYPOTHESIS_PROFILE") != "long", reason="a minute of large files: with the long runs, HYPOTHESIS_PROFILE=long")
@pytest.mark.parametrize("name", LARGE)
def test_what_once_failed_and_is_large_does_no_more(watched: Watched, name: str) -> None:
    assert watched.try_one(large=name).faults == []
