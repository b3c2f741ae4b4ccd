"""`python -m servicedesk.alive`: does the web process of this container answer? For the image's health check.

Asks /healthz on loopback under a name that is answered (ALLOWED_HOSTS), as a proxy would; exits 0 or with one line.
"""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request

PORT = 8000
SECONDS = 2.0


def host() -> str:
    """The first of ALLOWED_HOSTS; of `.example.org`, which stands for all below it, one below it."""
    first = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip()
    if not first or first == "*":
        return "127.0.0.1"
    return f"desk{first}" if first.startswith(".") else first


def main(port: int = PORT) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/healthz", headers={"Host": host()})
    # Never through a proxy that the environment names.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=SECONDS):
            return 0
    except (urllib.error.URLError, TimeoutError) as error:
        sys.stderr.write(f"The web process does not answer: {error}\n")
        return 1


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else PORT))
