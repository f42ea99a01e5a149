"""The process in which files are tried: reads numbers of cases (or paths of a corpus) from its input, answers with what came of each."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

PAGE_EVERY = 3  # the page takes longest, so not every file goes there
MOST_ADDRESSES = 12 << 30  # so that a bomb between two looks of the watch does not take the machine with it


def peak_bytes() -> int:
    """The most memory held since the last look."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def work() -> float:
    """Seconds this machine takes, just now, for a fixed piece of work."""
    start = time.process_time()
    for _ in range(3):
        sum(number * number % 7 for number in range(400_000))
        sorted(str(number) for number in range(60_000))
    return time.process_time() - start


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESSES, MOST_ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def say(**words: object) -> None:
        answers.write(json.dumps(words) + "\n")
        answers.flush()

    from fuzzing.cases import case  # the limits come first
    from fuzzing.corpus import recalled
    from fuzzing.dresses import extract
    from fuzzing.judge import judge
    from fuzzing.large import LARGE

    judge(extract())
    say(ready=True, base=peak_bytes(), work=work())
    for line in sys.stdin:
        asked = json.loads(line)
        if "path" in asked:
            made = recalled(Path(asked["path"]))
        elif "large" in asked:
            made = LARGE[asked["large"]]()
        else:
            made = case(asked["seed"], asked["number"], asked["only"])
        forget_peak()
        say(made=made.kind)
        verdict = judge(made, on_the_page=asked.get("number", 0) % PAGE_EVERY == 0)
        size = sum(len(data) for _, data in made.files)
        say(kind=verdict.kind, outcome=verdict.outcome, faults=verdict.faults, said=verdict.said, seconds=verdict.seconds, peak=peak_bytes(), size=size)
        del made, verdict


if __name__ == "__main__":
    main()
