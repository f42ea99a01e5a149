"""Text files: the table is spoiled as a table, then the text of it, then its bytes."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable

from fuzzing.case import Case, one
from fuzzing.damage import damaged
from fuzzing.hostile_texts import BAD_UTF8, CELLS, DATES, DELIMITERS, ENCODINGS, ENDS, HEADERS, NAMES, NUMBERS
from fuzzing.seeds import Rows, as_text, long, persons, wide

Spoil = Callable[[random.Random, Rows], None]


def a_cell(chance: random.Random, rows: Rows) -> None:
    for _ in range(chance.choice((1, 3, 30))):
        row = chance.choice(rows[1:] or rows)
        if row:
            row[chance.randrange(len(row))] = chance.choice(CELLS)


def a_column(chance: random.Random, rows: Rows) -> None:
    place = chance.randrange(max(len(rows[0]), 1))
    pool = chance.choice((NUMBERS, DATES, CELLS, chance.sample(CELLS, 2), ("9999-12-31", "2026-01-10"), ("1900-01-01",), ("yes", "no", "?")))
    for row in rows[1:]:
        if place < len(row):
            row[place] = chance.choice(pool)


def every_cell(chance: random.Random, rows: Rows) -> None:
    pool = chance.choice((NUMBERS, DATES, CELLS))
    for row in rows[1:]:
        row[1:] = [chance.choice(pool) for _ in row[1:]]


def a_header(chance: random.Random, rows: Rows) -> None:
    for _ in range(chance.choice((1, 1, 4, 30))):
        if rows[0]:
            rows[0][chance.randrange(len(rows[0]))] = chance.choice(HEADERS)


def headers_joined(chance: random.Random, rows: Rows) -> None:
    for place in range(1, len(rows[0])):
        if chance.random() < 0.3:
            rows[0][place] = chance.choice((" ", "_", " (", "")).join((rows[0][place], chance.choice(HEADERS)))


def headers_alike(chance: random.Random, rows: Rows) -> None:
    name = chance.choice((*rows[0], "", "age", "x", "patient_id"))
    for place in range(len(rows[0])):
        if chance.random() < 0.5:
            rows[0][place] = chance.choice((name, name, name.upper(), f"{name} (2)", f" {name} "))


def units_under_the_header(chance: random.Random, rows: Rows) -> None:
    rows.insert(1, [chance.choice(("mg/g", "%", "mmol/L", "yes/no", "", "date", "µmol/l", "(mg/dL)", "1", "unit")) for _ in rows[0]])


def rows_of_other_lengths(chance: random.Random, rows: Rows) -> None:
    for row in rows:
        if chance.random() < 0.3:
            row[:] = chance.choice((row[: chance.randrange(len(row) + 1)], row + ["x"] * chance.choice((1, 2, 500)), [], [*row, ""]))


def rows_above(chance: random.Random, rows: Rows) -> None:
    for _ in range(chance.choice((1, 2, 70))):
        rows.insert(0, [chance.choice(CELLS) for _ in range(chance.choice((0, 1, 1, 2, len(rows[0]))))])


def rows_below(chance: random.Random, rows: Rows) -> None:
    for _ in range(chance.choice((1, 2, 250))):
        rows.append([chance.choice((*CELLS, "Total", "n = 12", "Source: x")) for _ in range(chance.choice((0, 1, 1, 2, len(rows[0]))))])


def rows_again(chance: random.Random, rows: Rows) -> None:
    for _ in range(chance.choice((1, 5))):
        rows.insert(chance.randrange(len(rows) + 1), list(chance.choice(rows)))


def no_identifiers(chance: random.Random, rows: Rows) -> None:
    for row in rows[1:]:
        if row and chance.random() < 0.7:
            row[0] = chance.choice(("", " ", "P0001", "\u200bP0001", "NA", "0", "1e400", "-"))


def columns_lost(chance: random.Random, rows: Rows) -> None:
    kept = [place for place in range(len(rows[0])) if chance.random() < 0.5]
    for row in rows:
        row[:] = [row[place] for place in kept if place < len(row)]


def few_rows(chance: random.Random, rows: Rows) -> None:
    del rows[chance.choice((0, 1, 2)) :]
    if not rows:
        rows.append(list(chance.choice(([], [""], ["1"], ["patient_id"], ["", ""]))))


def no_header(chance: random.Random, rows: Rows) -> None:
    del rows[0]


def turned(chance: random.Random, rows: Rows) -> None:
    rows[:] = [list(column) for column in zip(*rows, strict=False)] or [[]]


def in_disorder(chance: random.Random, rows: Rows) -> None:
    chance.shuffle(rows)


def a_long_cell(chance: random.Random, rows: Rows) -> None:
    """Up to a million characters in one cell: of one kind, of digits, of words, of quotation marks."""
    row = chance.choice(rows)
    filling = chance.choice(("x", "9", "0.", "x ", "1 ", "mg/", '"', "<", "(", " ", "\n", "é", "年", ",", "_", "a1", "\u0301", "1-", "uacr ", "yes "))
    if row:
        row[chance.randrange(len(row))] = filling * (chance.choice((3_000, 60_000, 140_000, 1_000_000)) // len(filling))


def a_header_of_words(chance: random.Random, rows: Rows) -> None:
    words = ("uacr", "date", "creatinine", "mg", "1", "2", "value", "of", "patient", "x7", "(", "血压")
    count = chance.choice((200, 2_000, 20_000))
    if rows[0]:
        rows[0][chance.randrange(len(rows[0]))] = chance.choice(("uacr " * count, " ".join(chance.choice(words) for _ in range(count)),
            "_".join(f"w{n}" for n in range(count))))


def many_columns(chance: random.Random, rows: Rows) -> None:
    count = chance.choice((1_000, 4_900, 5_001, 50_000))
    stem = chance.choice(("c{}", "creatinnine level at visit number {} of the study", "uacr_{}", "sbp {} date", "x" * 60 + "{}", "{}", ""))
    rows[0] += [stem.format(number) for number in range(count)]
    cell = chance.choice(("", "1", "2026-01-31", "x"))
    for row in rows[1:]:
        row += [cell] * count


def many_rows(chance: random.Random, rows: Rows) -> None:
    body = rows[1:6]
    del rows[1:]
    for number in range(chance.choice((2_000, 20_000)) if body else 0):
        rows.append([f"Q{number}", *chance.choice(body)[1:]])


TABLES: tuple[tuple[Spoil, int], ...] = (
    (a_cell, 8), (a_column, 8), (every_cell, 3), (a_header, 8), (headers_joined, 3), (headers_alike, 3), (units_under_the_header, 2),
    (rows_of_other_lengths, 5),
    (rows_above, 4), (rows_below, 4), (rows_again, 2), (no_identifiers, 3), (columns_lost, 2), (few_rows, 2), (no_header, 2), (turned, 1), (in_disorder, 1),
    (a_long_cell, 2), (a_header_of_words, 1), (many_columns, 1), (many_rows, 1),
)  # fmt: skip


def _quote_opened(chance: random.Random, text: str) -> str:
    for _ in range(chance.choice((1, 1, 2, 5))):
        place = chance.choice([at for at, sign in enumerate(text[:20_000]) if sign in ",\n;\t"] or [0]) + chance.choice((0, 1, 1))
        text = text[:place] + chance.choice(('"', '"', "'", '""', '\\"', '"""')) + text[place:]
    return text


def _other_delimiter_from_here(chance: random.Random, text: str) -> str:
    place = chance.randrange(len(text) + 1)
    return text[:place] + text[place:].replace(",", chance.choice(DELIMITERS))


def _ends_mixed(chance: random.Random, text: str) -> str:
    first, *others = text.split("\n")
    ends = chance.sample(ENDS, chance.choice((1, 2, 4)))
    return first + "".join(chance.choice(ends) + line for line in others)


def _signs_between(chance: random.Random, text: str) -> str:
    for _ in range(chance.choice((1, 5, 60))):
        place = chance.randrange(len(text) + 1)
        text = text[:place] + chance.choice(("\x00", "\u200b", "\u202e", "\ufeff", "\x1a", "\x1b", "\r", "\u2028", "\\", "\x0c", "\U0010ffff")) + text[place:]
    return text


def _said_first(chance: random.Random, text: str) -> str:
    return chance.choice(("sep=;\n", "sep=,\n", "sep=\n", 'sep="\n', "sep=\\\n", "sep=\x00\n", "sep=a\n", "SEP=\t\n", "sep=\r\n", '"sep=;"\n', "#comment\n",
        "\n" * 5, "\ufeff\ufeff")) + text


def _spaced(chance: random.Random, text: str) -> str:
    return text.replace(",", chance.choice((" ", "  ", " " * 9, "\t ", " ,", ", "))).replace("\n", chance.choice(("\n", " \n", "\n  ")))


TEXTS: tuple[Callable[[random.Random, str], str], ...] = (
    _quote_opened, _quote_opened, _other_delimiter_from_here, _ends_mixed, _signs_between, _said_first, _spaced,
)  # fmt: skip


def _bad_bytes(chance: random.Random, data: bytes) -> bytes:
    for _ in range(chance.choice((1, 1, 6, 40))):
        place = chance.randrange(len(data) + 1)
        data = data[:place] + chance.choice(BAD_UTF8) + data[place:]
    return data


def _in_encoding(encoding: str, text: str) -> bytes:
    try:
        return text.encode(encoding, "replace")
    except (UnicodeError, MemoryError):  # there are signs that some encoders do not replace
        return text.encode("utf-8", "replace")


def _two_encodings(chance: random.Random, text: str) -> bytes:
    place = chance.randrange(len(text) + 1)
    first, second = chance.choice(("utf-8", *ENCODINGS)), chance.choice(ENCODINGS)
    return _in_encoding(first, text[:place]) + _in_encoding(second, text[place:])


def hostile_text(chance: random.Random) -> Case:
    """A text file of one table, spoiled."""
    rows = wide()
    ways = chance.choices([way for way, _ in TABLES], [weight for _, weight in TABLES], k=chance.choice((0, 1, 1, 1, 2, 3)))
    for way in ways:
        way(chance, rows)
        rows[:] = rows or [[]]
    delimiter = chance.choice((",", ",", ",", ";", "\t", "|", "^", "~", " ", ":"))
    quoting = csv.QUOTE_ALL if chance.random() < 0.15 else csv.QUOTE_MINIMAL
    text = as_text(rows, delimiter, chance.choice(("\n", "\n", "\r\n", "\r")), quoting)
    said = [way.__name__.replace("_", " ") for way in ways]
    if not ways or chance.random() < 0.35:
        way = chance.choice(TEXTS)
        text = way(chance, text)
        said.append(way.__name__.replace("_", " ").strip())
    data, how = _encoded(chance, text)
    if how:
        said.append(how)
    return one(f"text: {said[0]}", chance.choice(("small.csv", "small.csv", "small.tsv", "small.txt", *NAMES)), data)


def _encoded(chance: random.Random, text: str) -> tuple[bytes, str]:
    draw = chance.random()
    if draw < 0.12:
        return _in_encoding(chance.choice(ENCODINGS), text), "other encoding"
    if draw < 0.16:
        return _two_encodings(chance, text), "two encodings"
    data = text.encode("utf-8", "replace")
    if draw < 0.3:
        return _bad_bytes(chance, data), "bytes that are no UTF-8"
    if draw < 0.42:
        how, data = damaged(chance, data)
        return data, how
    return data, ""


def hostile_long(chance: random.Random) -> Case:
    """Patients with their measurements or events in long tables; one or two of the tables spoiled."""
    tables = {"patients": persons(), "measurements": long("measurements"), "events": long("events")}
    chosen = chance.choice((("patients", "measurements"), ("patients", "events"), ("measurements",), ("events",), ("measurements", "events"), tuple(tables)))
    spoiled = chance.choice(chosen)
    rows = tables[spoiled]
    if chance.random() < 0.4 and spoiled != "patients":  # names, values and units that nobody knows
        pool = (*CELLS, *HEADERS)
        for row in rows[1:]:
            if chance.random() < 0.3:
                row[chance.randrange(1, len(row))] = chance.choice(pool)
        said = "cells of a long table"
    else:
        way = chance.choices([way for way, _ in TABLES], [weight for _, weight in TABLES])[0]
        way(chance, rows)
        said = way.__name__.replace("_", " ")
    files = [(f"{name}.csv", as_text(tables[name] or [[]]).encode("utf-8", "replace")) for name in chosen]
    chance.shuffle(files)
    return Case(f"long: {said}", tuple(files))


def hostile_together(chance: random.Random) -> Case:
    """Several files of one cohort that hardly go together."""
    tables = []
    for number in range(chance.choice((2, 2, 3, 6))):
        rows = wide()
        chance.choice((columns_lost, a_header, no_identifiers, headers_alike, in_disorder, few_rows, no_header, rows_again))(chance, rows)
        tables.append((chance.choice((f"part{number}.csv", "part.csv", chance.choice(NAMES))), as_text(rows or [[]]).encode("utf-8", "replace")))
    return Case("together: several files", tuple(tables))
