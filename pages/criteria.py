"""The criteria: each clause as written beside what the machine reads, with its readings, thresholds and assumptions."""

import streamlit as st

from feasibility import wording
from feasibility.ui import criteria, frame, workbench
from feasibility.ui.session import current

frame.guard("pages/criteria.py")
session = current()
criteria.protocol_file(session)
frame.messages(session)
criteria.where_it_stands(session)
workbench.chips(session)
criteria.shared(session)
for role, label in wording.ROLES.items():
    st.subheader(label, anchor=False)
    for criterion in session.protocol.criteria:
        if criterion.role is role:
            criteria.criterion(session, criterion)
