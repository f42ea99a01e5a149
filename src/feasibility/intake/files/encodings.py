"""Which encoding a text file is in, judged from its first bytes."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

HEAD_BYTES = 1 << 20
CONTROL = tuple(code for code in range(1, 32) if code not in (9, 10, 12, 13))

_HIGH_RUNS = re.compile(rb"[\x80-\xff]+")
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_WIDE = {(1, 2): "utf-16-le", (0, 2): "utf-16-be", (1, 4): "utf-32-le", (0, 4): "utf-32-be"}


@dataclass(frozen=True)
class Encoding:
    """An encoding, and what to say of it; ``mixed`` if some lines are not in it but in the one ``beside`` it."""

    name: str
    notes: tuple[str, ...] = ()
    mixed: bool = False
    beside: str = "latin-1"


def encoding_of(head: bytes) -> Encoding | None:
    """The encoding of a text by its first bytes; None for bytes that are no text."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return Encoding(name, (f"the text is {name.upper()}.",))
    if b"\x00" in head:
        return _wide(head)
    if sum(head.count(bytes([code])) for code in CONTROL) * 50 > len(head):
        return None
    if _decodes(head, "utf-8"):
        return Encoding("utf-8")
    # In GB 18030 a Chinese character is two high bytes, so high bytes come in even runs; in Latin-1 a µ or é stands alone.
    runs = [len(run) for run in _HIGH_RUNS.findall(head)]
    paired = sum(length for length in runs if length % 2 == 0)
    if paired * 10 >= sum(runs) * 9 and _decodes(head, "gb18030"):
        return Encoding("gb18030", ("the text is not UTF-8; it was read as GB 18030 (Chinese). Save it as UTF-8 if characters look wrong.",))
    return Encoding("latin-1", ("the text is not UTF-8; it was read as Latin-1. Save it as UTF-8 if characters look wrong.",))


def _wide(head: bytes) -> Encoding | None:
    """UTF-16 or UTF-32 without a mark: of the signs of a table (digits, delimiters, line ends) the same bytes are always zero."""
    ends = [head[start::4].count(0) for start in range(4)]
    zeros = sum(ends)
    for (last, width), name in _WIDE.items():
        expected = {2: (ends[1] + ends[3], ends[0] + ends[2]), 4: (ends[1] + ends[2] + ends[3], ends[0] + ends[1] + ends[2])}[width]
        here = expected[0] if last else expected[1]
        if here * 50 >= zeros * 49 and zeros * (10 if width == 2 else 2) >= len(head) and _is_text(head[: len(head) // width * width], name):
            return Encoding(name, (f"the text is {name.upper()} without a mark that says so.",))
    return None


def _is_text(head: bytes, encoding: str) -> bool:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return False
    return ("\n" in text or "\r" in text) and sum(text.count(chr(code)) for code in CONTROL) * 50 <= len(text)


def _decodes(head: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return False
    return True
