"""The workbench: move a criterion, see at once who is eligible and where the others are lost."""

import streamlit as st

from feasibility.ui import frame, workbench
from feasibility.ui.session import current

frame.guard("pages/workbench.py")
session = current()
frame.messages(session)
top = st.container(key="top")
left, right = st.columns([5, 7], gap="small")
with left:
    costs = workbench.criteria(session)
with top:
    workbench.results(right, costs)
