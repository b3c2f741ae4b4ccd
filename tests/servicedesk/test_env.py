"""Settings that cannot be meant are refused with a sentence, before anything runs on them."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from servicedesk.database_url import parse_database_url, parse_redis_url
from servicedesk.env import env_bool, env_choice, env_int, env_list, env_secret, env_str


@pytest.mark.parametrize("value", ["yes", "true", "TRUE", "on", "2", " True"])
def test_a_switch_takes_no_guess(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SWITCH", value)
    with pytest.raises(ImproperlyConfigured, match="SWITCH"):
        env_bool("SWITCH", default=False)


@pytest.mark.parametrize(("value", "meant"), [("True", True), ("1", True), ("False", False), ("0", False)])
def test_a_switch_is_read(monkeypatch: pytest.MonkeyPatch, value: str, meant: bool) -> None:
    monkeypatch.setenv("SWITCH", value)
    assert env_bool("SWITCH", default=not meant) is meant


@pytest.mark.parametrize("value", ["1_000", "١٢", "1.5", "0x10", "-", "--1", "ten", "11", "-1"])
def test_a_number_is_plain_and_within_its_bounds(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("NUMBER", value)
    with pytest.raises(ImproperlyConfigured, match="NUMBER"):
        env_int("NUMBER", 5, low=0, high=10)


def test_an_empty_value_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBER", "")
    assert env_int("NUMBER", 5, low=0, high=10) == 5


def test_text_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXT", "one\ntwo")
    with pytest.raises(ImproperlyConfigured, match="line break"):
        env_str("TEXT")


def test_a_list_has_no_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAMES", "a, b")
    assert env_list("NAMES") == ["a", "b"]
    monkeypatch.setenv("NAMES", "a,,b")
    with pytest.raises(ImproperlyConfigured, match="empty item"):
        env_list("NAMES")


def test_a_choice_is_one_of_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEVEL", "info")
    with pytest.raises(ImproperlyConfigured, match="INFO, ERROR"):
        env_choice("LEVEL", "INFO", ("INFO", "ERROR"))


def test_a_secret_is_never_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "hunter2")
    with pytest.raises(ImproperlyConfigured) as refused:
        env_secret("SECRET", least=50)
    assert "hunter2" not in str(refused.value)


class TestFile:
    def test_its_content_is_the_value(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text("x" * 50 + "\n")
        monkeypatch.setenv("SECRET_FILE", str(tmp_path / "secret"))
        assert env_secret("SECRET", least=50) == "x" * 50

    def test_both_are_refused(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("SECRET", "a")
        monkeypatch.setenv("SECRET_FILE", str(tmp_path))
        with pytest.raises(ImproperlyConfigured, match="Both"):
            env_str("SECRET")

    @pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"x" * 70_000])
    def test_an_unfit_one_is_refused(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
    ) -> None:
        if content is not None:
            (tmp_path / "secret").write_bytes(content)
        monkeypatch.setenv("SECRET_FILE", str(tmp_path / "secret"))
        with pytest.raises(ImproperlyConfigured, match="SECRET_FILE"):
            env_str("SECRET")


class TestDatabaseUrl:
    def test_tcp(self) -> None:
        parsed = parse_database_url("postgresql://us%40er:p%2Fw@db.example:6432/desk?sslmode=verify-full")
        assert (parsed["USER"], parsed["PASSWORD"], parsed["HOST"]) == ("us@er", "p/w", "db.example")
        assert (parsed["PORT"], parsed["NAME"], parsed["OPTIONS"]) == (
            "6432",
            "desk",
            {"sslmode": "verify-full"},
        )

    def test_socket(self) -> None:
        parsed = parse_database_url("postgresql://desk:pw@/desk?host=/run/pg")
        assert (parsed["HOST"], parsed["PORT"], parsed["OPTIONS"]) == ("/run/pg", "", {})

    @pytest.mark.parametrize(
        "url",
        [
            "mysql://a@b/c",
            "postgresql://a@b/",
            "postgresql://a@b:99999/c",
            "postgresql://a@/c",
            "postgresql://a:secret@b/c?sslmod=require",
            "postgresql://a@b/c?host=/run",
            "postgresql://a@/c?host=run",
            "postgresql://a:p#q@b/c",
        ],
    )
    def test_nonsense_is_refused_without_the_password(self, url: str) -> None:
        with pytest.raises(ImproperlyConfigured, match="DATABASE_URL") as refused:
            parse_database_url(url)
        assert "secret" not in str(refused.value)


class TestRedisUrl:
    def test_socket_is_spelt_in_celerys_way_too(self) -> None:
        _, broker = parse_redis_url("unix://:pw@/run/valkey.sock?db=3")
        assert broker == "redis+socket://:pw@/run/valkey.sock?virtual_host=3"

    @pytest.mark.parametrize("url", ["http://a/0", "redis:///0", "redis://a/db", "unix://run/sock"])
    def test_nonsense_is_refused(self, url: str) -> None:
        with pytest.raises(ImproperlyConfigured, match="REDIS_URL"):
            parse_redis_url(url)
