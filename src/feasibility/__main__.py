"""``python -m feasibility``."""

import sys

from feasibility.cli import main

sys.exit(main(sys.argv[1:]))
