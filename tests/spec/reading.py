"""A file with one table, read as the product reads it."""

from __future__ import annotations

from pathlib import Path

from feasibility.intake import Table, read_files


def read_table(name: str, data: bytes | Path) -> Table:
    """The one table of a file; raises ``Unusable`` as reading files does."""
    ((table,),) = read_files([(name, data)])
    return table
