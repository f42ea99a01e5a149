"""How hard the properties are tried: quick by default, HYPOTHESIS_PROFILE=long for a night's run."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

for name, examples in (("quick", 50), ("long", 3000)):
    settings.register_profile(name, max_examples=examples, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
