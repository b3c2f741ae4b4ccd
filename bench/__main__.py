"""`python -m bench [part …]`, of PARTS, without any: all; measures, writes docs/bench/.

`--quick` is for development.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

PARTS = ("intake", "reply", "sweep", "search", "pages", "preview", "mails", "form", "live", "profile")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; without any: all")
    parser.add_argument("--quick", action="store_true", help="few rounds, small tables; nothing is written")
    parser.add_argument("--out", type=Path, default=Path("docs/bench"), help="where the tables go")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}")
    from bench.place import desk

    with desk() as folder:
        # Only now: what follows needs Django's settings, and those the servers' addresses.
        from bench.all import run

        return run(
            set(given.parts or PARTS),
            folder=folder,
            out=None if given.quick else given.out,
            quick=given.quick,
        )


if __name__ == "__main__":
    sys.exit(main())
