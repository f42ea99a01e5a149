"""Data quality: what the data loaded are like before any criterion: rows, gaps, sites, contradictions, every problem."""

from feasibility.ui import frame, quality, saving
from feasibility.ui.session import current

frame.guard("pages/quality.py")
session = current()
frame.messages(session)
saving.menus_of_tables(session)
quality.rows(session)
section = quality.section(session)
quality.SECTIONS[section](session)
