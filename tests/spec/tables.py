"""Tables in the text of a test: one row a case, read as a book."""

from __future__ import annotations


def rows(table: str) -> list[dict[str, str]]:
    """The rows of an ASCII table by heading. Cells are separated by ``|``; a line of dashes, blank lines and text after ``#`` are passed over."""
    lines = [line.split("#")[0].rstrip() for line in table.strip().splitlines()]
    cells = [[cell.strip() for cell in line.split("|")] for line in lines if line.strip(" -+|=")]
    heading, *body = cells
    for each in body:
        assert len(each) == len(heading), each
    return [dict(zip(heading, each, strict=True)) for each in body]


def by_name(table: str) -> list[tuple[str, ...]]:
    """The rows as tuples, for ``parametrize``."""
    return [tuple(row.values()) for row in rows(table)]
