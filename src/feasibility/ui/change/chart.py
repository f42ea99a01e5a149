"""How a picture stands on the page: its own menu saves it, it may be as tall as there is room, and pressing a part of it may be answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from feasibility.ui.saving import menu_of_picture


def put(figure: go.Figure, key: str, said: Sequence[str]) -> None:
    """A picture as tall as it was made, with what is said above it for those who cannot see it."""
    tall = int(figure.layout.height)
    st.plotly_chart(figure, key=key, theme=None, height=tall, config=menu_of_picture(key.replace(" ", "-"), tall), alt=" ".join(said))


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
