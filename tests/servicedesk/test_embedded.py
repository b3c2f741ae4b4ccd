"""The laptop's servers: one owner, no orphan, no innocent process harmed, no data lost. Real servers, real signals."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis

from servicedesk import embedded_valkey, guard
from servicedesk.embedded import Servers, folder_key
from servicedesk.group import Exit
from servicedesk.private_files import EmbeddedError, private_folder, secret_file

ROOT = Path(__file__).resolve().parent.parent.parent
GONE_WITHIN = 8.0
# An owner in a process of its own, so that it can be killed: prints its addresses and its group's mark, then waits.
OWNER = """
import sys, time
from pathlib import Path
from servicedesk.embedded import Servers
from servicedesk.group import Spec
servers = Servers(Path(sys.argv[1])).start()
stubborn = "import os, signal, time; os.fork(); signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
servers.group.spawn(Spec("stubborn", [sys.executable, "-c", stubborn], {}, servers.logs / "stubborn.log"))
print(servers.database_url, servers.redis_url, servers.group.mark, servers.group.guard_pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def new_folder() -> Iterator[Callable[[], Path]]:
    """Makes data folders that PostgreSQL's user can reach (pytest's own are closed to it) and leaves nothing behind."""
    made: list[Path] = []

    def make() -> Path:
        made.append(Path(tempfile.mkdtemp(prefix="servicedesk-test-")).resolve())
        return made[-1]

    yield make
    for folder in made:
        if (folder / "id").exists():
            for elsewhere in Path("/var/tmp").glob(f"servicedesk-*-{folder_key(folder)}"):
                shutil.rmtree(elsewhere)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def folder(new_folder: Callable[[], Path]) -> Path:
    return new_folder()


def sql(url: str, statement: str) -> object:
    with closing(psycopg2.connect(url)) as link:
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None


@pytest.fixture
def owner(folder: Path) -> Iterator[Callable[[], tuple[subprocess.Popen[str], list[str]]]]:
    started: list[subprocess.Popen[str]] = []

    def start() -> tuple[subprocess.Popen[str], list[str]]:
        process = subprocess.Popen(
            [sys.executable, "-c", OWNER, str(folder)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        started.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().split()

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def group_of(mark: str, database_url: str) -> set[psutil.Process]:
    """The group by its mark, and PostgreSQL's own children, which overwrite their environment."""
    found = guard.marked(f"{mark}:")
    for process in guard.marked(f"{mark}:", ending=":postgres"):
        found |= set(process.children(recursive=True))
    return found


def test_killed_owner_leaves_no_orphan_and_loses_no_data(
    owner: Callable[[], tuple[subprocess.Popen[str], list[str]]],
) -> None:
    process, (database_url, _, mark, guard_pid) = owner()
    sql(database_url, "CREATE TABLE kept (word text)")
    sql(database_url, "INSERT INTO kept VALUES ('still here')")
    everyone = group_of(mark, database_url) | {psutil.Process(int(guard_pid))}
    names = {other.environ().get(guard.MARK, "").rpartition(":")[2] for other in guard.marked(f"{mark}:")}
    assert names >= {"postgres", "valkey", "stubborn"}
    process.kill()
    process.wait()
    assert guard.wait_gone(everyone, GONE_WITHIN) == set()
    _, (database_url, _, _, _) = owner()
    assert sql(database_url, "SELECT word FROM kept") == "still here"


def test_killed_guard_and_owner_are_cleared_away_by_the_next_start(
    owner: Callable[[], tuple[subprocess.Popen[str], list[str]]], folder: Path
) -> None:
    process, (database_url, _, mark, guard_pid) = owner()
    sql(database_url, "CREATE TABLE kept (word text)")
    sql(database_url, "INSERT INTO kept VALUES ('still here')")
    everyone = group_of(mark, database_url)
    # Frozen first, so that the guard cannot notice its owner's death.
    os.kill(int(guard_pid), signal.SIGSTOP)
    process.kill()
    os.kill(int(guard_pid), signal.SIGKILL)
    process.wait()
    assert guard.alive(everyone)
    with Servers(folder) as servers:
        assert guard.alive(everyone) == set()
        assert sql(servers.database_url, "SELECT word FROM kept") == "still here"


def test_a_killed_server_comes_back_at_its_address(folder: Path) -> None:
    with Servers(folder, durable=False) as servers:
        addresses = (servers.database_url, servers.redis_url)
        for name in ("postgres", "valkey"):
            (process,) = (
                p for p in guard.marked(f"{servers.group.mark}:{name}") if p.ppid() == servers.group.guard_pid
            )
            process.kill()
            assert servers.group.exits.get(timeout=GONE_WITHIN) == Exit(name, -signal.SIGKILL)
            servers.restart(name)
        assert (servers.database_url, servers.redis_url) == addresses
        assert sql(servers.database_url, "SELECT 1") == 1
        with closing(redis.Redis.from_url(servers.redis_url)) as client:
            assert client.ping()


def test_a_second_owner_is_told_who_has_the_folder_and_another_folder_works(
    folder: Path, new_folder: Callable[[], Path]
) -> None:
    with Servers(folder, durable=False) as first:
        with pytest.raises(EmbeddedError, match=f"in use by process {os.getpid()}"):
            Servers(folder).start()
        with Servers(new_folder(), durable=False) as second:
            sql(second.database_url, "CREATE TABLE only_here (word text)")
            assert sql(first.database_url, "SELECT to_regclass('only_here')") is None
        assert sql(first.database_url, "SELECT 1") == 1


def test_the_stale_pid_of_an_innocent_process_does_no_harm(folder: Path) -> None:
    with Servers(folder, durable=False) as servers:
        data = servers.postgres.data
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as innocent:
        (data / "postmaster.pid").write_text(f"{innocent.pid}\n{data}\n{int(time.time())}\n5432\n\n\n")
        try:
            with Servers(folder, durable=False) as servers:
                assert sql(servers.database_url, "SELECT 1") == 1
            assert innocent.poll() is None
        finally:
            innocent.kill()


def test_a_taken_port_is_passed_by(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports = iter([taken.getsockname()[1], embedded_valkey.free_port()])
        monkeypatch.setattr(embedded_valkey, "free_port", lambda: next(ports))
        with Servers(folder, durable=False) as servers:
            assert servers.valkey.port != taken.getsockname()[1]


def test_secrets_are_for_their_owner_alone_and_never_in_arguments(folder: Path) -> None:
    with Servers(folder, durable=False) as servers:
        for name in ("postgres-password", "valkey-password", "valkey/valkey.conf", "id", "lock"):
            assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
        for name in ("postgres", "valkey", "logs"):
            place = servers.postgres.place.home if name == "postgres" else folder / name
            assert stat.S_IMODE(place.stat().st_mode) == 0o700
        for process in group_of(servers.group.mark, servers.database_url):
            said = " ".join(process.cmdline())
            assert servers.postgres.password not in said
            assert servers.valkey.password not in said
        with pytest.raises(psycopg2.OperationalError, match="password"):
            sql(servers.database_url.replace(servers.postgres.password, "wrong"), "SELECT 1")
        with (
            closing(redis.Redis(port=servers.valkey.port or 0)) as client,
            pytest.raises(redis.AuthenticationError),
        ):
            client.ping()


def test_a_temporary_folder_goes_with_its_group(folder: Path) -> None:
    with Servers(folder, durable=False, temporary=True) as servers:
        home = servers.postgres.place.home
        assert home.is_dir()
    assert not folder.exists()
    assert not home.exists()


class TestPrivateFolder:
    def test_a_link_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(tmp_path)
        with pytest.raises(EmbeddedError, match="not a folder"):
            private_folder(tmp_path / "link")

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
    def test_another_owners_folder_is_refused_and_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "theirs").mkdir(mode=0o755)
        os.chown(tmp_path / "theirs", 1, 1)
        with pytest.raises(EmbeddedError, match="belongs to user 1"):
            private_folder(tmp_path / "theirs")
        assert stat.S_IMODE((tmp_path / "theirs").stat().st_mode) == 0o755

    def test_a_secret_that_others_may_read_is_refused(self, tmp_path: Path) -> None:
        assert secret_file(tmp_path / "secret", lambda: "abc") == secret_file(
            tmp_path / "secret", lambda: "def"
        )
        (tmp_path / "secret").chmod(0o644)
        with pytest.raises(EmbeddedError, match="chmod 600"):
            secret_file(tmp_path / "secret", lambda: "abc")
