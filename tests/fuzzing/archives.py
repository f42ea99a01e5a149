"""Zips and other archives: names that point out of them, sizes that lie, bombs, archives in archives, workbooks that look like them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import struct
import warnings
import zipfile
from collections.abc import Callable

from fuzzing.case import Case, one
from fuzzing.damage import damaged
from fuzzing.hostile_texts import NAMES
from fuzzing.seeds import as_text, long, package, persons, seed_parquet, wide
from fuzzing.workbooks import seed_parts, zipped

Members = list[tuple[str, bytes]]
MEGABYTE = b"0" * (1 << 20)
PACKED: tuple[Callable[[bytes], bytes], ...] = (lambda data: gzip.compress(data, mtime=0), bz2.compress, lzma.compress,
    lambda data: lzma.compress(data, lzma.FORMAT_ALONE))


def archive(members: Members, method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of doubled names, which are meant
        for name, data in members:
            made.writestr(zipfile.ZipInfo(name or "x"), data, method)
        made.comment = comment
    return held.getvalue()


def honest(chance: random.Random) -> Members:
    """One to four files as they might be zipped together."""
    files: Members = [
        ("patients.csv", as_text(persons()).encode()), ("measurements.csv", as_text(long("measurements")).encode()), ("wide.csv", as_text(wide()).encode()),
        ("wide.parquet", seed_parquet()), ("wide.xlsx", zipped(seed_parts())), ("wide.sav", package("sav")), ("readme.txt", b"exported by the data office\n"),
    ]  # fmt: skip
    return chance.sample(files, chance.choice((1, 1, 2, 4)))


def odd_names(chance: random.Random) -> bytes:
    names = ("../../evil.csv", "/etc/passwd", "C:\\x.csv", "..\\x.csv", "a/b/c/wide.csv", "__MACOSX/._wide.csv", ".DS_Store", "folder/", "x" * 5000,
        "a\nb.csv", "\u202evsc.csv", "wide.csv", *NAMES)
    return archive([(chance.choice(names).replace("\x00", "") or "x", data) for _, data in honest(chance)])


def doubled(chance: random.Random) -> bytes:
    members = honest(chance)
    return archive(members + [(chance.choice(members)[0], chance.choice((b"", data))) for _, data in members])


def lying_sizes(chance: random.Random) -> bytes:
    """Sizes, checksums, methods, flags and offsets of the members overwritten, in either of the two places where they stand."""
    data = bytearray(archive(honest(chance)))
    local, central = b"PK\x03\x04", b"PK\x01\x02"
    sign, fields = chance.choice(((local, {4: 2, 6: 2, 8: 2, 14: 4, 18: 4, 22: 4, 26: 2, 28: 2}),
        (central, {8: 2, 10: 2, 16: 4, 20: 4, 24: 4, 28: 2, 30: 2, 32: 2, 42: 4})))
    for _ in range(chance.choice((1, 2))):
        place = data.find(sign)
        offset = chance.choice(list(fields))
        value = chance.choice((0, 1, 8, 9, 12, 14, 93, 95, 99, 0xFFFF, 10_000, 0x7FFFFFFF, 0xFFFFFFFF)) & (0xFFFF if fields[offset] == 2 else 0xFFFFFFFF)
        if place >= 0:
            struct.pack_into("<H" if fields[offset] == 2 else "<I", data, place + offset, value)
    return bytes(data)


def encrypted(chance: random.Random) -> bytes:
    data = bytearray(archive(honest(chance)))
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(sign)
        while place >= 0:
            data[place + offset] |= chance.choice((1, 1, 0x41, 0x20))
            place = data.find(sign, place + 1)
    return bytes(data)


def nested(chance: random.Random) -> bytes:
    data = archive(honest(chance))
    for _ in range(chance.choice((1, 2, 8, 200))):
        data = archive([("inner.zip", data)]) if chance.random() < 0.8 else chance.choice(PACKED)(data)
    return data


def bomb(chance: random.Random) -> bytes:
    """Megabytes of the same byte, of lines, or of the header again."""
    line = chance.choice((MEGABYTE, b"\n" * (1 << 20), b"," * (1 << 20), as_text(wide()).encode() * 100, b'"' * (1 << 20), b"a\n" * (1 << 19)))
    count = chance.choice((3, 30, 300)) * (1 << 20) // len(line)
    if chance.random() < 0.5:
        return gzip.compress(as_text(wide()).encode() + line * count, 6, mtime=0)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for number in range(chance.choice((1, 1, 3))):
            with made.open(f"wide{number}.csv", "w", force_zip64=True) as member:
                for _ in range(count):
                    member.write(line)
    return held.getvalue()


def many_members(chance: random.Random) -> bytes:
    return archive([(f"file{number}.csv", b"patient_id,age\nP1,60\n") for number in range(chance.choice((30, 300, 3000)))], zipfile.ZIP_STORED)


def nothing_in_it(chance: random.Random) -> bytes:
    return chance.choice((archive([]), archive([("folder/", b"")]), archive([("empty.csv", b"")]), archive([("picture.png", b"\x89PNG\r\n\x1a\n")]),
        gzip.compress(b""), gzip.compress(b"\x00")))


def around_a_zip(chance: random.Random) -> bytes:
    data = archive(honest(chance), comment=chance.choice((b"", b"x" * 65_535, b"PK\x05\x06" * 30)))
    return chance.choice((b"MZ" + b"\x00" * 500 + data, data + b"\n" * 70_000, data + data, data[:-22]))


def packed(chance: random.Random) -> bytes:
    """gzip, bzip2 and xz, whole or damaged, of any file."""
    data = chance.choice(PACKED)(honest(chance)[0][1])
    if chance.random() < 0.6:
        _, data = damaged(chance, data)
    return data


def zip_damaged(chance: random.Random) -> bytes:
    return damaged(chance, archive(honest(chance), chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))))[1]


WAYS: tuple[tuple[Callable[[random.Random], bytes], int], ...] = (
    (odd_names, 3), (doubled, 3), (lying_sizes, 6), (encrypted, 2), (nested, 2), (bomb, 1), (many_members, 1), (nothing_in_it, 2), (around_a_zip, 2),
    (packed, 6), (zip_damaged, 6),
)  # fmt: skip


def hostile_archive(chance: random.Random) -> Case:
    way = chance.choices([way for way, _ in WAYS], [weight for _, weight in WAYS])[0]
    name = "small.csv.gz" if way is packed else chance.choice(("small.zip", "small.zip", "small.csv", *NAMES))
    return one(f"archive: {way.__name__.replace('_', ' ')}", name, way(chance))
