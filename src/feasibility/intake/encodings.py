"""Which encoding a text file is in, judged from its first bytes."""

from __future__ import annotations

import codecs
import re

_HIGH_RUNS = re.compile(rb"[\x80-\xff]+")


def encoding_of(head: bytes) -> tuple[str | None, list[str]]:
    """The encoding and what to say of it; None for bytes that are no text."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", ["the text is UTF-16."]
    if b"\x00" in head:
        return None, []
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        pass
    else:
        control = sum(head.count(bytes([code])) for code in range(1, 32) if code not in (9, 10, 12, 13))
        return (None, []) if control * 50 > len(head) else ("utf-8", [])
    if len(head) and sum(head.count(bytes([code])) for code in range(1, 32) if code not in (9, 10, 12, 13)) * 50 > len(head):
        return None, []
    # In GB 18030 a Chinese character is two high bytes, so high bytes come in even runs; in Latin-1 a µ or é stands alone.
    runs = [len(run) for run in _HIGH_RUNS.findall(head)]
    paired = sum(length for length in runs if length % 2 == 0)
    if paired * 10 >= sum(runs) * 9 and _decodes(head, "gb18030"):
        return "gb18030", ["the text is not UTF-8; it was read as GB 18030 (Chinese). Save it as UTF-8 if characters look wrong."]
    return "latin-1", ["the text is not UTF-8; it was read as Latin-1. Save it as UTF-8 if characters look wrong."]


def _decodes(head: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return False
    return True
