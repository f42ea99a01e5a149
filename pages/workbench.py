"""The workbench: move a criterion, see at once who is eligible and where the others are lost."""

import streamlit as st

from feasibility.ui import frame, workbench
from feasibility.ui.session import current

frame.guard("pages/workbench.py")
session = current()
workbench.toolbar(session)
frame.messages(session)
workbench.headline(session)
workbench.chips_and_order(session)
left, right = st.columns([5, 7], gap="small")
with right:  # first, as the browser draws what comes first
    workbench.picture(session)
with left:
    workbench.criteria(session)
