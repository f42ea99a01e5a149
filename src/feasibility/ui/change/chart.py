"""How a picture stands on the page: its own menu saves it, and pressing a part of it may be answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st

SAVED_PIXELS = 1200  # across: a picture is saved alike from any window


def draw(figure: go.Figure, key: str, said: str, pressed: Callable[[Any], None] | None = None) -> None:
    """One picture under a key of its own, ``said`` in words too; ``pressed`` is given the ``customdata`` of what is pressed."""
    tall = int(figure.layout.height)
    saved = {"filename": key, "scale": 2, "width": SAVED_PIXELS, "height": tall}
    config = {"displaylogo": False, "modeBarButtons": [["toImage"]], "toImageButtonOptions": saved}
    if pressed is None:
        st.plotly_chart(figure, key=key, theme=None, height=tall, config=config, alt=said)
    else:
        st.plotly_chart(figure, key=key, theme=None, height=tall, config=config, alt=said, selection_mode="points", on_select=lambda: _answer(key, pressed))


def _answer(key: str, pressed: Callable[[Any], None]) -> None:
    points = st.session_state[key]["selection"]["points"]
    given = points[0].get("customdata") if points else None
    if given is not None:
        pressed(given)
