"""docker-compose.yml and Dockerfile, without Docker: each service's command and environment as a plain process.

What the image would hold is copied into a folder (tracked files, less .dockerignore), static files are collected as the
Dockerfile does, and the services start there with the environment that the two files give them. Only what a container
has to itself is put in place of it: /run/secrets and /files are folders of the test, port 8000 a free one on loopback.
PostgreSQL and Valkey are the embedded ones.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from servicedesk.embedded_valkey import free_port
from servicedesk.group import Spec
from tests import desk
from tests.faults.processes import Desk
from tests.faults.scene import until
from tests.faults.workers import REPO, database_url
from tests.tickets.said import hear
from tickets.clock import database_now
from tickets.models import AgentTask, TaskKind
from tickets.services.audit import task, tasks_make

pytestmark = [pytest.mark.faults]

HOST = "desk.example.org"
#: What docker compose would be given by its caller.
GIVEN = {"PUBLIC_URL": f"https://{HOST}", "ALLOWED_HOSTS": HOST}
SECRETS = {
    "secret-key": "compose-test-" + "0123456789" * 5,
    "field-encryption-keys": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
    "database-password": "not used here",
}


#: ${NAME:?why it is needed} or ${NAME:-what it is otherwise}.
_FROM_CALLER = re.compile(r"\$\{(\w+)(?::-([^}]*)|:\?[^}]*)\}")


def _given(found: re.Match[str]) -> str:
    name, otherwise = found.groups()
    return GIVEN[name] if otherwise is None else GIVEN.get(name, otherwise)


class Compose:
    """The two files, read; and a folder that stands for the image."""

    def __init__(self, folder: Path, desk: Desk) -> None:
        self.app, self.secrets, self.files = folder / "app", folder / "secrets", folder / "files"
        self.desk = desk
        self.port, self.live_port = free_port(), free_port()
        self.services: dict[str, Any] = yaml.safe_load((REPO / "docker-compose.yml").read_text())["services"]
        self.dockerfile = (REPO / "Dockerfile").read_text()
        for each in (self.app, self.secrets, self.files):
            each.mkdir()
        for name, value in {
            **SECRETS,
            "database-url": database_url(),
            "redis-url": desk.valkey.url,
        }.items():
            (self.secrets / name).write_text(value + "\n")
        self._copy()

    def _copy(self) -> None:
        left_out = tuple((REPO / ".dockerignore").read_text().split())
        listing = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=REPO,
            capture_output=True,
            check=True,
        ).stdout.decode()
        for name in filter(None, listing.split("\0")):
            if not name.startswith(tuple(f"{each}/" for each in left_out)) and (REPO / name).is_file():
                (self.app / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(REPO / name, self.app / name)

    def image_environment(self) -> dict[str, str]:
        """ENV of the last stage; its folder of programs is this Python's."""
        last = self.dockerfile.split("\nFROM ")[-1]
        words = " ".join(re.findall(r"^ENV (.+)$", last, re.MULTILINE)).split()
        told = dict(word.split("=", 1) for word in words)
        told["PATH"] = told["PATH"].replace("/venv/bin", str(Path(sys.executable).parent))
        return {**told, "PATH": told["PATH"].replace("$PATH", os.environ["PATH"])}

    def image_command(self, word: str) -> list[str]:
        """CMD or HEALTHCHECK … CMD of the last stage, which both are lists in JSON."""
        found = re.search(rf"^{word}\b[^\[]*(\[.+?\])$", self.dockerfile, re.MULTILINE | re.DOTALL)
        assert found, f"the Dockerfile has no {word} in its list form"
        command: list[str] = json.loads(found[1].replace("\\\n", ""))
        return command

    def environment(self, service: str) -> dict[str, str]:
        told = {
            name: self._in_place(_FROM_CALLER.sub(_given, str(value)))
            for name, value in self.services[service].get("environment", {}).items()
        }
        return {**self.image_environment(), **told}

    def command(self, service: str) -> list[str]:
        told = self.services[service].get("command") or self.image_command("CMD")
        return [self._in_place(word) for word in told]

    def _in_place(self, value: str) -> str:
        # 0.0.0.0 in a container is that container; here it would be every network of this machine.
        value = value.replace("/run/secrets", str(self.secrets)).replace("/files", str(self.files))
        everywhere = "0.0.0.0"  # noqa: S104 - what is taken out
        value = value.replace(everywhere, "127.0.0.1").replace("8000", str(self.port))
        return value.replace("8001", str(self.live_port))

    def is_healthy(self, service: str) -> bool:
        """What the compose file's own health check says."""
        _, program, *rest = [self._in_place(word) for word in self.services[service]["healthcheck"]["test"]]
        found = shutil.which(program, path=self.environment(service)["PATH"])
        assert found, program
        checked = subprocess.run(
            [found, *rest], cwd=self.app, env=self.environment(service), check=False, capture_output=True
        )
        return checked.returncode == 0

    def start(self, service: str) -> int:
        log = self.desk.folder / f"{service}.log"
        environment = {**self.environment(service), "HOME": str(self.app)}
        program, *rest = self.command(service)
        found = shutil.which(program, path=environment["PATH"])
        assert found, program
        return self.desk.group.spawn(Spec(service, [found, *rest], environment, log, self.app))

    def ended(self, service: str, seconds: float) -> int:
        """Its exit code."""
        told = self.desk.group.exits.get(timeout=seconds)
        assert told.name == service, f"{told.name} ended with {told.code} before {service}"
        return told.code

    def log(self, service: str) -> str:
        return (self.desk.folder / f"{service}.log").read_text(errors="replace")


@pytest.fixture
def compose(transactional_db: None, tmp_path: Path) -> Iterator[Compose]:
    with Desk() as running:
        yield Compose(tmp_path, running)


def test_every_service_starts_as_written_works_and_ends(compose: Compose) -> None:
    processes = {"web", "live", "worker", "beat", "listen", "migrate"}
    assert processes | {"postgres", "valkey"} == set(compose.services)
    collected = subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--no-input"],
        cwd=compose.app,
        env=compose.environment("web"),
        capture_output=True,
        check=False,
    )
    assert collected.returncode == 0, collected.stderr.decode()[-2000:]

    compose.start("migrate")
    assert compose.ended("migrate", 120) == 0, compose.log("migrate")
    assert f"https://{HOST}/first-run/claim/" in compose.log("migrate")

    pids = {"web": compose.start("web")}
    url = f"http://127.0.0.1:{compose.port}"
    with requests.Session() as session:
        session.trust_env = False

        def ready() -> bool:
            try:
                return session.get(f"{url}/readyz", headers={"Host": HOST}, timeout=5).status_code == 200
            except requests.ConnectionError:
                return False

        until(ready, 60, "web answers /readyz")
        # As the proxy asks, and as somebody without TLS is answered.
        page = session.get(
            f"{url}/sign-in/", headers={"Host": HOST, "X-Forwarded-Proto": "https"}, timeout=20
        )
        plain = session.get(f"{url}/sign-in/", headers={"Host": HOST}, timeout=20, allow_redirects=False)
    assert page.status_code == 200
    assert re.search(r"/static/css/base\.[0-9a-f]{12}\.css", page.text), "names of static files carry a hash"
    assert plain.headers["Location"] == f"https://{HOST}/sign-in/"
    healthy = [*compose.image_command("HEALTHCHECK"), str(compose.port)]
    checked = subprocess.run(
        [sys.executable, *healthy[1:]], cwd=compose.app, env=compose.environment("web"), check=False
    )
    assert checked.returncode == 0

    desk.seeded()
    ticket = hear(desk.account(), 1)
    now = database_now()
    tasks_make([
        task(TaskKind.REMIND, reason="remind", cause="compose", team_id=ticket.team_id, ticket_id=ticket.pk,
             due_at=now, now=now)
    ])  # fmt: skip
    AgentTask.objects.filter(cause="compose").update(lead_at=now)
    pids |= {name: compose.start(name) for name in ("live", "worker", "beat", "listen")}
    until(
        lambda: AgentTask.objects.filter(cause="compose", for_lead=True).exists(),
        90,
        "beat has sent a job and the worker has done it",
    )
    until(lambda: compose.is_healthy("live"), 30, "live answers its health check")
    for service in ("listen", "beat", "worker", "live", "web"):
        # As `docker compose stop` does: the signal, and then patience.
        os.kill(pids[service], signal.SIGTERM)
        assert compose.ended(service, 60) == 0, compose.log(service)
        assert "Traceback" not in compose.log(service), compose.log(service)


def test_the_image_is_built_in_stages_and_runs_as_nobody_of_importance() -> None:
    dockerfile = (REPO / "Dockerfile").read_text()
    stages = re.findall(r"^FROM \S+( AS \w+)?$", dockerfile, re.MULTILINE)
    last = dockerfile.split("\nFROM ")[-1]
    assert len(stages) == 2
    assert stages[0]
    user = re.findall(r"^USER (\S+)$", last, re.MULTILINE)
    assert user
    assert user[-1] not in ("root", "0")
    assert "pip install" not in last
    assert last.index("\nUSER ") < last.index("\nCMD ")


def test_what_a_service_needs_is_there() -> None:
    """Every setting that stands in the compose file is one that the desk reads, and its secrets are declared."""
    document = yaml.safe_load((REPO / "docker-compose.yml").read_text())
    known = set(re.findall(r"^([A-Z_]+)=", (REPO / ".env.example").read_text(), re.MULTILINE))
    for name in ("web", "live", "worker", "beat", "listen", "migrate"):
        service = document["services"][name]
        settings = {each.removesuffix("_FILE") for each in service["environment"]}
        assert settings <= known, name
        assert set(service["secrets"]) <= set(document["secrets"]), name
        assert set(service["depends_on"]) <= set(document["services"]), name
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
