"""The screen: session state and the widgets the pages share. The only floor that knows Streamlit."""
