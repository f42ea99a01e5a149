"""Which case has which number: the same for the same seed, on every machine."""

from __future__ import annotations

import random

from fuzzing.archives import hostile_archive
from fuzzing.case import Case, Make
from fuzzing.dresses import dressed
from fuzzing.mappings import hostile_mapping
from fuzzing.texts import hostile_long, hostile_text, hostile_together
from fuzzing.typed import hostile_package, hostile_parquet
from fuzzing.workbooks import hostile_workbook

MAKERS: dict[str, tuple[Make, int]] = {
    "text": (hostile_text, 34), "workbook": (hostile_workbook, 18), "parquet": (hostile_parquet, 10), "package": (hostile_package, 10),
    "archive": (hostile_archive, 8),
    "long": (hostile_long, 7), "together": (hostile_together, 2), "mapping": (hostile_mapping, 5), "same": (dressed, 6),
}  # fmt: skip


def case(seed: int, number: int, only: str = "") -> Case:
    chance = random.Random(f"{seed} {number}")
    makers = [MAKERS[only]] if only else list(MAKERS.values())
    make, _ = chance.choices(makers, [weight for _, weight in makers])[0]
    return make(chance)
