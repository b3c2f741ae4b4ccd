"""`python -m tests.faults.hurried '{"TURN": 0.05}' desk_live …`: the process `live` by other clocks, for tests."""

from __future__ import annotations

import json
import os
import sys

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "servicedesk.settings")
    django.setup()

    from django.core.management import call_command

    from servicedesk.live import process

    for name, seconds in json.loads(sys.argv[1]).items():
        assert isinstance(getattr(process, name), float | int), name
        setattr(process, name, seconds)
    call_command(*sys.argv[2:])
