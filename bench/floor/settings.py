"""The desk's own settings, and beside its addresses and jobs the floor's: what is measured runs in the same stack."""

from __future__ import annotations

from servicedesk.settings import *  # noqa: F403
from servicedesk.settings import INSTALLED_APPS as _APPS

INSTALLED_APPS = [*_APPS, "bench.floor"]
ROOT_URLCONF = "bench.floor.urls"
