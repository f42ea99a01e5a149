"""A view as it is headed: its title, one sentence under it, and what more there is to say."""

from __future__ import annotations

from dataclasses import dataclass

from feasibility.wording.numbers import sentences


@dataclass(frozen=True)
class Titled:
    """The title of a view, the one ``sentence`` under it, which says what is shown, out of what, and ``more`` for who asks: how to read it, what is held."""

    title: str
    sentence: str
    more: str = ""

    @property
    def words(self) -> tuple[str, str]:
        """What a picture bears itself, so that it can stand on a slide alone."""
        return self.title, self.sentence

    @property
    def whole(self) -> str:
        """All of it in a row, for those who cannot see the picture."""
        return sentences(*self.words, self.more)
