"""Damage to the bytes of any file."""

from __future__ import annotations

import random
from collections.abc import Callable

Damage = Callable[[random.Random, bytes], bytes]


def cut_off(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def cut_off_near_the_end(chance: random.Random, data: bytes) -> bytes:
    return data[: max(0, len(data) - chance.randrange(1, 64))]


def beginning_lost(chance: random.Random, data: bytes) -> bytes:
    return data[chance.randrange(1, max(min(len(data), 600), 1) + 1) :]


def bits_flipped(chance: random.Random, data: bytes) -> bytes:
    return _flipped(chance, data, 0, len(data))


def bits_of_the_head_flipped(chance: random.Random, data: bytes) -> bytes:
    return _flipped(chance, data, 0, min(len(data), 400))


def bits_of_the_end_flipped(chance: random.Random, data: bytes) -> bytes:
    return _flipped(chance, data, max(0, len(data) - 900), len(data))


def _flipped(chance: random.Random, data: bytes, start: int, end: int) -> bytes:
    held = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 3, 8, 40)) if end > start else 0):
        held[chance.randrange(start, end)] ^= 1 << chance.randrange(8)
    return bytes(held)


def bytes_set(chance: random.Random, data: bytes) -> bytes:
    """Bytes overwritten with those that lengths, counts and signs are made of."""
    held = bytearray(data)
    for _ in range(chance.choice((1, 2, 4)) if held else 0):
        value = chance.choice((b"\x00", b"\xff", b"\x7f", b"\x80", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x00\x00\x00\x00", b"\x01"))
        place = chance.randrange(len(held))
        held[place : place + len(value)] = value
    return bytes(held)


def _span(chance: random.Random, data: bytes) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.choice((1, 2, 7, 30, 200, 2000)))


def chunk_repeated(chance: random.Random, data: bytes) -> bytes:
    start, end = _span(chance, data)
    return data[:end] + data[start:end] * chance.choice((1, 2, 50)) + data[end:]


def chunk_dropped(chance: random.Random, data: bytes) -> bytes:
    start, end = _span(chance, data)
    return data[:start] + data[end:]


def chunks_swapped(chance: random.Random, data: bytes) -> bytes:
    (a, b), (c, d) = sorted((_span(chance, data), _span(chance, data)))
    return data if b > c else data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def rubbish_inserted(chance: random.Random, data: bytes) -> bytes:
    place = chance.randrange(len(data) + 1)
    return data[:place] + chance.randbytes(chance.choice((1, 3, 20, 500))) + data[place:]


def rubbish_at_the_end(chance: random.Random, data: bytes) -> bytes:
    return data + chance.choice((b"\x00" * 600, b"\x1a", chance.randbytes(300), data, b"\n" * 3000))


ANY: tuple[Damage, ...] = (
    cut_off, cut_off_near_the_end, beginning_lost, bits_flipped, bits_flipped, bits_of_the_head_flipped, bits_of_the_end_flipped, bytes_set, chunk_repeated,
    chunk_dropped, chunks_swapped, rubbish_inserted, rubbish_at_the_end,
)  # fmt: skip


def damaged(chance: random.Random, data: bytes) -> tuple[str, bytes]:
    """Damaged in one way, or two; and how."""
    ways = chance.sample(ANY, chance.choice((1, 1, 1, 2)))
    for way in ways:
        data = way(chance, data)
    return ways[0].__name__.replace("_", " "), data
