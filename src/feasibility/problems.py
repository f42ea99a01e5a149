"""What went wrong with an input, said so that its owner can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Problem:
    """One thing found in an input.

    ``error``: the input (or that part of it) cannot be used; ``warning``: it was used, and a number may be affected;
    ``note``: it was used as described, for the record.
    """

    severity: Severity
    where: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (f"{self.where}: {self.message}" if self.where else self.message, self.remedy) if part)


class Unusable(Exception):
    """An input that cannot be used at all; carries every problem found, as sentences."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        assert self.problems
        super().__init__("\n".join(str(problem) for problem in self.problems))
