"""A process that tries files, under a watch: one that dies, hangs or swells costs a failed case and is begun anew."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
LOOKS_EVERY = 0.05
USUAL_WORK = 0.33  # seconds that ``child.work`` takes on the machine the budgets are for
WAYS = 3  # that a file goes
STANDING_STILL = 12  # times as long by the clock as is allowed of work


@dataclass(frozen=True)
class Limits:
    """``seconds`` of processor time on a quiet machine, ``bytes`` of memory beyond what the process holds before its first file."""

    seconds: float = 10.0
    bytes: int = 2 << 30


@dataclass
class Tried:
    """What came of a case: ``outcome`` is cohort, sentences, or how the process ended."""

    kind: str
    outcome: str
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0
    peak: int = 0
    size: int = 0
    said: str = ""

    @property
    def failed(self) -> bool:
        return bool(self.faults)


class Watched:
    """One such process. Work is told by processor time, which other load on the machine hardly lengthens, and scaled by a piece of work done at the start."""

    def __init__(self, limits: Limits, nice: int = 0) -> None:
        self.limits, self.nice = limits, nice
        self.scale = 1.0
        self._begin()

    def _begin(self) -> None:
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 it lives as long as the process
        paths = os.pathsep.join([str(ROOT / "tests"), os.environ.get("FUZZED_SOURCE", str(ROOT / "src"))])
        self.process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-m", "fuzzing.child"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, bufsize=0,
            env={**os.environ, "PYTHONPATH": paths, "RUST_BACKTRACE": "0"}, preexec_fn=lambda: os.nice(self.nice) and None,
        )  # fmt: skip
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.input, self.output, self.unread = self.process.stdin, self.process.stdout, b""
        said = self._answer(None, time.monotonic() + 300)
        if not isinstance(said, dict):
            raise RuntimeError(f"no file can be tried: {self._tail()}")
        self.base = int(said["base"])
        self.scale = max(1.0, float(said["work"]) / USUAL_WORK)

    def try_one(self, **asked: Any) -> Tried:
        self.input.write(json.dumps(asked).encode() + b"\n")
        made = self._answer(None, time.monotonic() + 600)
        if not isinstance(made, dict):
            self.close()
            tail = self.tail()
            self._begin()
            # A file too large for the process that makes it says nothing of the product.
            return Tried("not made", made, [] if "MemoryError" in tail else [f"the case {asked} cannot be made: {made}: {tail}"])
        start = self._worked()
        began = time.monotonic()
        allowed = self.limits.seconds * self.scale
        said = self._answer(start + WAYS * allowed, began + STANDING_STILL * allowed)
        if isinstance(said, dict):
            tried = Tried(**said)
            tried.seconds /= self.scale
            if tried.seconds > self.limits.seconds:
                tried.faults.append(f"took {tried.seconds:.1f} s")
            if tried.peak - self.base > self.limits.bytes:
                tried.faults.append(f"took {(tried.peak - self.base) >> 20} MB")
            return tried
        seconds = time.monotonic() - began
        self.close()
        tail = self.tail()
        self._begin()
        return Tried(str(made["made"]), said, [f"{said}: {tail}"], seconds)

    def _answer(self, work_until: float | None, clock_until: float) -> dict[str, Any] | str:
        """The next answer, or how the process ended without one."""
        while True:
            line, end, rest = self.unread.partition(b"\n")
            if end:
                self.unread = rest
                answer: dict[str, Any] = json.loads(line)
                return answer
            if select.select([self.output], [], [], LOOKS_EVERY)[0]:
                if more := os.read(self.output.fileno(), 1 << 16):
                    self.unread += more
                    continue
                self.process.wait()
                return f"died ({self.process.returncode})"
            if work_until is not None:
                if self._worked() > work_until:
                    return "hang"
                if self._held() - self.base > self.limits.bytes:
                    return "memory"
            if time.monotonic() > clock_until:
                return "stands still"

    def _worked(self) -> float:
        """Processor seconds of the process and of those it waited for."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(each) for each in fields[11:15]) / TICKS

    def _held(self) -> int:
        """Memory of the process and of those it began."""
        total = 0
        for pid in (self.process.pid, *self._children()):
            try:
                total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
            except OSError:
                continue
        return total

    def _children(self) -> list[int]:
        try:
            return [int(each) for each in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()]
        except OSError:
            return []

    def _tail(self) -> str:
        self.errors.seek(0)
        lines = [line for line in self.errors.read().decode("utf-8", "replace").splitlines() if line.strip()]
        return " | ".join(lines[-6:])[-500:]

    def close(self) -> None:
        for pid in self._children():
            try:
                os.kill(pid, 9)
            except OSError:
                continue
        self.process.kill()
        self.process.wait()
        for pipe in (self.input, self.output):
            pipe.close()

    def tail(self) -> str:
        """The last words of a process that came to its end."""
        words = self._tail()
        self.errors.close()
        return words
