"""Listed in `manage.py help`; manage.py itself runs it before Django, since it starts what the settings name."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from servicedesk import run


class Command(BaseCommand):
    help = "Run the desk on this machine: servers, pages, worker, beat; --demo adds the sandbox."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        run.arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        argv = ["--demo"] if options["demo"] else []
        for name in ("port", "data"):
            if options[name] is not None:
                argv += [f"--{name}", str(options[name])]
        raise SystemExit(run.main(argv))
