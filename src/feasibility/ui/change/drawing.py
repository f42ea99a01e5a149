"""How a picture of the page is put on it: its own colours, and a menu that only saves it."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

SAVED_PIXELS = 1200  # across: a picture is saved alike from any window


def put(figure: go.Figure, key: str, said: Sequence[str]) -> None:
    """A picture, with what is said above it for those who cannot see it."""
    tall = int(figure.layout.height)
    saved = {"filename": key.replace(" ", "-"), "scale": 2, "width": SAVED_PIXELS, "height": tall}
    config = {"displaylogo": False, "modeBarButtons": [["toImage"]], "toImageButtonOptions": saved}
    st.plotly_chart(figure, key=key, theme=None, height=tall, config=config, alt=" ".join(said))
