"""For all tests: hypothesis times nothing. Speed is measured in `bench/`; a busy machine must not fail a promise."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
