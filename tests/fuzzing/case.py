"""One upload to be tried."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """Files chosen together, by name; ``mapping`` is the text of a mapping file; ``same_as`` names the extract whose counts it has to give."""

    kind: str
    files: tuple[tuple[str, bytes], ...]
    mapping: str | None = None
    same_as: str | None = None


Make = Callable[[random.Random], Case]


def one(kind: str, name: str, data: bytes) -> Case:
    return Case(kind, ((name, data),))
