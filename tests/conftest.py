"""What every test shares. Servers and settings come from tests/embedded_plugin.py, before this file is read."""

from __future__ import annotations

import hypothesis

# Shared machines stall; a deadline would make tests fail by the clock instead of by the code.
hypothesis.settings.register_profile("desk", deadline=None, max_examples=60, print_blob=True)
hypothesis.settings.load_profile("desk")
