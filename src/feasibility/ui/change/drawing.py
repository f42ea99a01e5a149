"""How a picture of the page is put on it: its own colours, and a menu that only saves it."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from feasibility.ui.saving import menu_of_picture


def put(figure: go.Figure, key: str, said: Sequence[str]) -> None:
    """A picture, with what is said above it for those who cannot see it."""
    tall = int(figure.layout.height)
    config = menu_of_picture(key.replace(" ", "-"), tall)
    st.plotly_chart(figure, key=key, theme=None, height=tall, config=config, alt=" ".join(said))
