"""One short text that stands for all of a cohort's content."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feasibility.cohort import Records, Sites
from feasibility.intake.converted import Ints
from feasibility.intake.people import Ids

IDS_AT_ONCE = 1 << 16


def digest(ids: Ids, records: dict[str, Records], coverage: Ints | None, sites: Sites | None = None) -> str:
    """A digest of the content: the same patients with the same records at the same sites have the same."""
    whole = hashlib.blake2b(digest_size=16)

    def add(array: NDArray[Any]) -> None:
        whole.update(np.ascontiguousarray(array).data.cast("B") if len(array) else b"")

    for start in range(0, len(ids), IDS_AT_ONCE):
        whole.update("\x1f".join(ids[start : start + IDS_AT_ONCE].tolist()).encode())
    for name, held in records.items():
        whole.update(f"\x1e{name} {held.undated} {held.rows}".encode())
        for field, values in held.fields.items():
            whole.update(f"\x1d{field}".encode())
            add(values.lo)
            if not values.exact:
                add(values.hi)
        for times in (held.times, held.ends):
            if times is not None:
                add(times.days_lo)
                add(times.months_lo)
                if not times.exact:
                    add(times.days_hi)
                    add(times.months_hi)
        if held.starts is not None:
            add(held.starts)
    if coverage is not None:
        add(coverage)
    if sites is not None:
        whole.update("\x1f".join(sites.names).encode())
        add(sites.codes)
    return whole.hexdigest()
