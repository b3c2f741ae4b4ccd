#!/usr/bin/env python
"""Django's command line for the desk: `manage.py desk_run --demo` starts everything on a laptop."""

from __future__ import annotations

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "servicedesk.settings")
    if sys.argv[1:2] == ["desk_run"]:
        # It starts the servers that the settings name, so it comes before Django.
        from servicedesk.run import main as desk_run

        sys.exit(desk_run(sys.argv[2:]))
    from servicedesk.laptop import adopt

    adopt()
    # Imported here: Django's own message about a missing installation is worse than Python's.
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
