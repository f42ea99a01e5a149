"""A column of signs beside the values of a long table: ``<`` beside ``20`` says <20, and no exact 20."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from feasibility.intake.converted import distinct, distinct_texts, encoded, is_text
from feasibility.intake.numerals import CENSORED, cleaned
from feasibility.intake.places import Place, counted, values_said
from feasibility.intake.words import FLAGS, LESS, LIMIT_CODES, MISSING, MORE, SIGNS, token
from feasibility.problems import Problem

FEW = 20
"""A column has no more different signs than that."""


def says_limits(cells: pa.ChunkedArray) -> bool:
    """Whether a column says of any value that it is a limit."""
    return any(_sign(text) in (*LESS, *MORE) for text in distinct_texts(cells))


def with_limits(cells: pa.ChunkedArray, limits: pa.ChunkedArray, place: Place) -> tuple[pa.ChunkedArray, int, list[Problem]]:
    """The cells with the sign that stands beside each written before it, in how many that is so, and what is to say of the column of signs.

    A sign that is none makes a cell unreadable. Flags of a laboratory (H, L) are none either, but where nothing else stands beside the signs they only say
    where a value lies, and leave it as it is.
    """
    texts, beside = distinct(limits)
    signs = [_sign(text) for text in texts]
    others = {text.strip(): sign for text, sign in zip(texts, signs, strict=True) if sign and sign not in (*LESS, *MORE)}
    flags = set(others.values()) <= FLAGS
    if flags:
        signs = ["" if sign in FLAGS else sign for sign in signs]
    signed = np.append(np.array([sign != "" for sign in signs], np.bool_), False)[beside]
    values, which = encoded(cells)
    rows = np.flatnonzero(signed & (which >= 0))
    problems: list[Problem] = []
    if others and flags:
        problems.append(place.whole("note", f"{values_said(sorted(others))} are taken for flags of the laboratory: the values beside them are not changed."))
    elif others:
        unread = np.append(np.array([sign in others.values() for sign in signs], np.bool_), False)[beside]
        number = int(np.count_nonzero(unread & (which >= 0)))
        message = f"{values_said(sorted(others))} are no signs of a limit: the {counted(number, 'value')} beside them are set aside, with them before each."
        problems.append(place.whole("warning", message, "Write <, <=, =, >= or >, or nothing, in this column."))
    if not len(rows):
        return cells, 0, problems
    pairs, pair = np.unique(beside[rows] * len(values) + which[rows], return_inverse=True)
    written = [_joined(signs[each // len(values)], values[each % len(values)].as_py()) for each in pairs.tolist()]
    which[rows] = len(values) + pair
    whole = pa.concat_arrays([values.cast(pa.string()), pa.array(written, pa.string())])
    codes = pa.array(which.astype(np.int32), mask=which < 0)
    return pa.chunked_array([pa.DictionaryArray.from_arrays(codes, whole)]), len(rows), problems


def unread_limits(cells: pa.ChunkedArray, place: Place) -> Problem | None:
    """That a column nobody reads holds only signs such as ``<``, without which the numbers beside them count as exact."""
    if not is_text(cells) or len(texts := encoded(cells)[0]) > FEW:
        return None
    tokens = {token(text) for text in texts.to_pylist()} - {""}
    if tokens - SIGNS or not tokens & {*LESS, *MORE}:
        return None
    message = f"holds only {values_said(sorted(tokens))} and is not read: the numbers beside these signs count as exact, and are limits."
    remedy = "Write each sign before its number, in one cell (<20); in a table of measurements name the column, with limit = \"…\" in the mapping."
    return place.whole("error", message, remedy)


def _sign(text: str) -> str:
    """The sign that a text is, in plain form; empty where it says that the value is exact, the text itself where it is none."""
    written = token(text)
    written = LIMIT_CODES.get(written, written)
    return "" if written in ("", "=", "==", *MISSING) else written


def _joined(sign: str, text: str) -> str:
    """A cell with its sign before it; a cell without a number stays as it is, and so does one that says the same itself."""
    own = CENSORED.match(cleaned(text))
    if not any(letter.isdigit() for letter in text) or (own is not None and any(sign in side and own[1] in side for side in (LESS, MORE))):
        return text
    return f"{sign} {text}"
