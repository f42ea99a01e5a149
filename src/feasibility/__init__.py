"""Protocol feasibility workbench: who is eligible, where the others are lost, and what would change it."""
