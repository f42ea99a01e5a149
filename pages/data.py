"""The data: what is loaded and what became of it; other files, what their columns mean, and what comes of them."""

import streamlit as st

from feasibility.ui import data, frame, mapping
from feasibility.ui.session import current

frame.guard("pages/data.py")
session = current()
frame.messages(session)
data.loaded(session)
st.subheader("Load a file", anchor=False)
st.caption("It is read in this session on this machine: nothing is sent out and nothing is kept. Reloading the page in the browser lets it go.")
draft = data.files()
if draft is not None:
    mapping.who_and_when(draft)
    mapping.questions(draft)
    mapping.columns(draft)
    mapping.mapping_file(draft)
    data.outcome(session, draft)
st.subheader("Synthetic cohorts", anchor=False)
data.synthetic(session)
