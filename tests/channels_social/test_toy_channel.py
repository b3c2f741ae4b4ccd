"""That a channel is one file and one folder: the toy channel is copied into a package that nobody knew of."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOY = Path(__file__).parents[1] / "toy_channel"
REPOSITORY = Path(__file__).parents[2]
CONTRACT = "tests/channels_social/contract"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    (tmp_path / "packages" / "boards").mkdir(parents=True)
    (tmp_path / "packages" / "boards" / "__init__.py").touch()
    shutil.copy(TOY / "toy.py", tmp_path / "packages" / "boards")
    shutil.copytree(TOY / "fixtures", tmp_path / "fixtures" / "toy")
    return tmp_path


def contract_tests(elsewhere: Path) -> tuple[int, str]:
    """The contract tests of the toy alone, in a process of their own: exit code and what it printed."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(elsewhere / "packages"), str(REPOSITORY)]),
        "CONTRACT_PACKAGES": "boards",
        "CONTRACT_FIXTURES": str(elsewhere / "fixtures"),
    }
    environment.pop("PYTEST_XDIST_WORKER", None)
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-k",
            "toy",
            "-n0",
            "tests/channels_social/contract",
        ],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return run.returncode, run.stdout + run.stderr


def test_one_file_and_one_folder_are_a_channel(elsewhere: Path) -> None:
    code, output = contract_tests(elsewhere)
    assert code == 0, output
    passed = re.search(r"(\d+) passed", output)
    assert passed is not None
    assert int(passed[1]) >= 35, output
    assert "skipped" not in output


def test_without_the_folder_it_is_red(elsewhere: Path) -> None:
    shutil.rmtree(elsewhere / "fixtures" / "toy")
    code, output = contract_tests(elsewhere)
    assert code == 1, output
    assert "toy has no account.json, outcomes.json, webhook, poll in its fixture folder" in output


def test_a_changed_meaning_is_red(elsewhere: Path) -> None:
    file = elsewhere / "packages" / "boards" / "toy.py"
    file.write_text(file.read_text().replace("raise Unclear(str(error))", "raise NotSent(str(error))"))
    code, output = contract_tests(elsewhere)
    assert code == 1, output
