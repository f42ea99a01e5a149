"""The protocol feasibility workbench: ``streamlit run app.py``."""

import streamlit as st

from feasibility.ui import frame

frame.set_up()
pages = [
    st.Page("pages/workbench.py", title="Workbench", default=True),
    st.Page("pages/change.py", title="What would change it"),
    st.Page("pages/data.py", title="Data"),
    st.Page("pages/quality.py", title="Data quality"),
    st.Page("pages/criteria.py", title="Criteria"),
]
navigation = st.navigation(pages, position="top")
frame.come_back()
navigation.run()
