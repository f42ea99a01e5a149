"""A file's bytes as one encoding, where lines of it are in another."""

from __future__ import annotations

import io
from typing import IO

from feasibility.intake.files.encodings import Encoding
from feasibility.intake.files.table import Data

CHUNK_BYTES = 1 << 20
SAMPLED_BYTES = 50_000


def opened(data: Data) -> IO[bytes]:
    """The bytes of a file as a stream."""
    return io.BytesIO(data) if isinstance(data, bytes) else data.open("rb")


def has_byte(data: Data, byte: bytes) -> bool:
    """Whether a byte is anywhere in a file."""
    if isinstance(data, bytes):
        return byte in data
    with data.open("rb") as file:
        return any(byte in chunk for chunk in iter(lambda: file.read(CHUNK_BYTES), b""))


def lines_not_utf8(data: Data) -> tuple[bytes, int]:
    """The first lines of a file that are not UTF-8, and the number of the first one."""
    found, number, first = [], 0, 0
    size = 0
    with opened(data) as file:
        for line in file:
            number += 1
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                first = first or number
                found.append(line[:SAMPLED_BYTES])
                size += len(found[-1])
                if size > SAMPLED_BYTES:
                    break
    return b"".join(found), first


class Recoded(io.RawIOBase):
    """UTF-8 from a stream of which some lines are UTF-8 and the others in the encoding found beside it; what is in neither is marked so (�)."""

    def __init__(self, source: IO[bytes], encoding: Encoding) -> None:
        self._source, self._other = source, encoding.beside
        self._ready, self._begun = b"", b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while not self._ready or size < 0:
            chunk = self._source.read(CHUNK_BYTES)
            whole, line, rest = (self._begun + chunk).rpartition(b"\n") if chunk else (self._begun, b"", b"")
            self._begun = rest
            self._ready += self._in_utf8(whole + line)
            if not chunk:
                break
        given, self._ready = (self._ready, b"") if size < 0 else (self._ready[:size], self._ready[size:])
        return given

    def _in_utf8(self, text: bytes) -> bytes:
        try:
            text.decode("utf-8")
        except UnicodeDecodeError:
            return b"".join(self._line_in_utf8(line) for line in text.splitlines(keepends=True))
        return text

    def _line_in_utf8(self, line: bytes) -> bytes:
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            return line.decode(self._other, errors="replace").encode()
        return line
