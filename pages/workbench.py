"""The workbench: move a criterion, see at once who is eligible and where the others are lost."""

from feasibility.ui import frame, workbench
from feasibility.ui.ledger import ledger
from feasibility.ui.session import current

frame.guard("pages/workbench.py")
session = current()
workbench.toolbar(session)
frame.link_problems(session)
ledger(session)
