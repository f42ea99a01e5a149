"""``python -m feasibility.synthetic [FOLDER]`` writes the sample data."""

import sys
from pathlib import Path

from feasibility.synthetic import write_sample

write_sample(Path(sys.argv[1] if len(sys.argv) > 1 else "sample_data"))
