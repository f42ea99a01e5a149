"""Try thousands of hostile files: ``python tests/fuzzing/run.py [--files 10000] [--seed N] [--seconds S]``.

Each file goes through what the product does with an upload (intake step by step, the Data page's draft, one call as from the shell), screened against the
built-in protocol, in a process of its own that is watched: at most ten seconds of processor time a file (scaled by a fixed piece of work, so that a loaded
machine gives no false alarm) and two gigabytes of resident memory beyond what the process held before (looked at twenty times a second and by the kernel's own
peak; an address limit of twelve gigabytes stands behind it). A file may end as a cohort or as sentences that name it, what was found and a remedy. Anything
else fails: an exception, the end of the process, a hang, memory, a warning; other counts from files that hold the same data; a change to the cohort already
loaded. Failing cases are written to ``--keep`` to be added to ``tests/corpus``. Exit code 1 if there are any.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from fuzzing.cases import MAKERS, case
from fuzzing.corpus import keep
from fuzzing.watch import Limits, Tried, Watched

SLOWEST = 5


@dataclass
class Tally:
    """What came of all files."""

    outcomes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    failures: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    slowest: list[tuple[float, int, str]] = field(default_factory=list)
    largest: list[tuple[int, int, str]] = field(default_factory=list)
    seconds: float = 0.0
    files: int = 0

    def add(self, number: int, tried: Tried, base: int) -> None:
        self.files += 1
        self.seconds += tried.seconds
        self.outcomes[tried.kind.partition(":")[0]]["failed" if tried.failed else tried.outcome] += 1
        self.slowest = sorted([*self.slowest, (tried.seconds, number, tried.kind)], reverse=True)[:SLOWEST]
        self.largest = sorted([*self.largest, (max(tried.peak - base, 0), number, tried.kind)], reverse=True)[:SLOWEST]
        for fault in tried.faults:
            self.failures[_alike(fault)].append(number)


def _alike(fault: str) -> str:
    """A fault without what differs from file to file."""
    return re.sub(r"'[^']*'|\d+", "…", fault)[:230]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=int, default=10_000, help="how many files are tried")
    parser.add_argument("--first", type=int, default=0, help="the number of the first")
    parser.add_argument("--seed", type=int, default=1, help="which files: the same seed gives the same files")
    parser.add_argument("--seconds", type=float, default=0, help="stop beginning files after so long (0: never)")
    parser.add_argument("--only", default="", choices=["", *MAKERS], help="files of one kind")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--nice", type=int, default=5)
    parser.add_argument("--limit-seconds", type=float, default=10.0, help="allowed for one file")
    parser.add_argument("--limit-megabytes", type=int, default=2048, help="allowed for one file")
    parser.add_argument("--keep", type=Path, help="a folder for the files that fail")
    given = parser.parse_args(arguments)
    began = time.monotonic()
    tally, lock, numbers = Tally(), threading.Lock(), iter(range(given.first, given.first + given.files))
    rest: list[str] = []

    def run() -> None:
        watched = Watched(Limits(given.limit_seconds, given.limit_megabytes << 20), given.nice)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None or (given.seconds and time.monotonic() - began > given.seconds):
                break
            tried = watched.try_one(seed=given.seed, number=number, only=given.only)
            with lock:
                tally.add(number, tried, watched.base)
                if tried.failed:
                    for fault in tried.faults:
                        print(f"{number} {tried.kind}: {fault}", flush=True)
                    if given.keep:
                        keep(case(given.seed, number, given.only), given.keep / f"{given.seed}-{number}")
                if tally.files % 500 == 0:
                    print(f"{tally.files} files, {time.monotonic() - began:.0f} s", flush=True)
        with lock:
            rest.append(f"a process at its end: {watched._held() >> 20} MB, at its beginning {watched.base >> 20} MB; scale {watched.scale:.2f}")
        watched.close()

    threads = [threading.Thread(target=run) for _ in range(min(given.workers, os.cpu_count() or 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(report(tally, time.monotonic() - began))
    print("\n".join(rest))
    return 1 if tally.failures else 0


def report(tally: Tally, seconds: float) -> str:
    lines = [f"{tally.files} files in {seconds:.0f} s, {tally.seconds:.0f} s of work", f"{'kind':10} {'cohort':>8} {'sentences':>10} {'failed':>8}"]
    lines += [f"{kind:10} {found['cohort']:8} {found['sentences']:10} {found['failed']:8}" for kind, found in sorted(tally.outcomes.items())]
    lines += ["slowest: " + "; ".join(f"{worked:.1f} s ({number}, {kind})" for worked, number, kind in tally.slowest)]
    lines += ["most memory: " + "; ".join(f"{held >> 20} MB ({number}, {kind})" for held, number, kind in tally.largest)]
    lines += [f"{len(numbers)} × {fault}\n    numbers {', '.join(map(str, numbers[:8]))}" for fault,
        numbers in sorted(tally.failures.items(), key=lambda each: -len(each[1]))]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
