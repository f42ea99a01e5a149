"""How a picture stands on the page: its own menu saves it, it may be as tall as there is room, and pressing a part of it may be answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from feasibility import wording
from feasibility.ui.saving import menu_of_picture
from feasibility.wording import Titled


def head(said: Titled) -> None:
    """The title of a view with the sentence under it; behind the title a sign to ask for more at, where there is more."""
    with st.container(gap=None):
        _title(said)
        st.caption(wording.plain(said.sentence))


def _title(said: Titled) -> None:
    st.markdown(f"**{wording.plain(said.title)}**", help=wording.plain(said.more) or None)


def put(figure: go.Figure, key: str, said: Titled, *beyond: str) -> None:
    """A picture as tall as it was made, which bears its words; all of them, and what is said ``beyond``, for those who cannot see it."""
    tall = int(figure.layout.height)
    alt = wording.sentences(said.whole, *beyond)
    with st.container(gap=None):
        _more(said, key)
        st.plotly_chart(figure, key=key, theme=None, height=tall, config=menu_of_picture(key.replace(" ", "-"), tall), alt=alt)


def _more(said: Titled, key: str) -> None:
    """The sign behind the title that the picture beneath bears itself, so that it has its words where it is saved; none where there is no more to say."""
    if not said.more:
        return
    with st.container(key=f"more {key}"):
        _title(said)


def draw_titled(figure: go.Figure, key: str, said: Titled, taken: int, pressed: Callable[[Any], None] | None = None) -> None:
    """The same as ``draw``, of a picture that bears its words."""
    with st.container(gap=None):
        _more(said, key)
        draw(figure, key, said.whole, taken, pressed)


def draw(figure: go.Figure, key: str, said: str, taken: int, pressed: Callable[[Any], None] | None = None) -> None:
    """One picture under a key of its own, ``said`` in words too; ``pressed`` is given the ``customdata`` of what is pressed.

    It is as tall as the window leaves beside the pixels ``taken`` by the rest of the page, and no less than it was made for.
    """
    tall = int(figure.layout.height)
    figure.layout.height = None
    st.html(f"<style>.st-key-{key.replace(' ', '-')} {{ height: max({tall}px, calc(100vh - {taken}px)); }}</style>")
    config = menu_of_picture(key.replace(" ", "-"), tall)
    if pressed is None:
        st.plotly_chart(figure, key=key, theme=None, height="stretch", config=config, alt=said)
    else:
        st.plotly_chart(
            figure, key=key, theme=None, height="stretch", config=config, alt=said, selection_mode="points", on_select=lambda: _answer(key, pressed)
        )


def _answer(key: str, pressed: Callable[[Any], None]) -> None:
    points = st.session_state[key]["selection"]["points"]
    given = points[0].get("customdata") if points else None
    if given is not None:
        pressed(given)
