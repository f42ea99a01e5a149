"""The data: what is loaded and what became of it; other files, what their columns mean, and what comes of them."""

import streamlit as st

from feasibility.ui import asked, data, frame, long_tables, mapping, saving
from feasibility.ui.session import current

frame.guard("pages/data.py")
session = current()
frame.messages(session)
saving.menus_of_tables(session)
draft = data.files()
if draft is None:
    data.loaded(session)
else:
    mapping.who_and_when(draft)
    long_tables.long_tables(draft)
    mapping.changed(draft)
    data.outcome(session, draft)
    asked.questions(draft)
    mapping.columns(draft, session.protocol)
    data.read_report(draft)
    data.loaded(session)
st.subheader("Synthetic cohorts", anchor=False)
data.synthetic(session)
