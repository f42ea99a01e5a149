"""How numbers, proportions, outcomes and changes are said to people: on screen, in figures, in a shell."""

# ruff: noqa: F403  # one name for one way of saying it, whichever part it stands in
from feasibility.wording.criteria import *
from feasibility.wording.explained import *
from feasibility.wording.files import *
from feasibility.wording.gaps import *
from feasibility.wording.headline import *
from feasibility.wording.ledger import *
from feasibility.wording.misses import *
from feasibility.wording.numbers import *
from feasibility.wording.overlap import *
from feasibility.wording.pairs import *
from feasibility.wording.picture import *
from feasibility.wording.quality import *
from feasibility.wording.reaching import *
from feasibility.wording.relaxing import *
from feasibility.wording.stages import *
from feasibility.wording.thresholds import *
from feasibility.wording.titled import *
from feasibility.wording.tornado import *
from feasibility.wording.treat import *
