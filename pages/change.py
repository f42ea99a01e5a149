"""What would change it: what each threshold, criterion and reading costs, what would reach a target, and whom it would take."""

from feasibility.ui import frame, saving
from feasibility.ui.change import page
from feasibility.ui.session import current

frame.guard("pages/change.py")
session = current()
frame.messages(session)
saving.menus_of_tables(session)
page.head(session)
page.section()(session)
