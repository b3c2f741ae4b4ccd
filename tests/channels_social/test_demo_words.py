"""What the terminal says when the demo is up: each place, whom to be, and what to do first."""

from __future__ import annotations

from channels_social.demo.words import demo_words

LOG_INS = ["noor     by-the-sea   agent, Front desk", "ilse     by-the-sea   manager, Front desk"]


def words(site_url: str = "http://127.0.0.1:3") -> str:
    return demo_words(
        desk_url="http://127.0.0.1:1",
        town_url="http://127.0.0.1:2",
        site_url=site_url,
        log_ins=LOG_INS,
        logs="/x/logs",
        seconds=31.6,
    )


def test_it_says_what_to_do_first_and_as_whom() -> None:
    lines = words().splitlines()
    assert "Up in 32 s. Begin here:" in lines
    first, then = (next(at for at, line in enumerate(lines) if line.startswith(each)) for each in "12")
    assert first < then
    assert lines[first].endswith("http://127.0.0.1:2/")
    assert "Sign in as noor, password by-the-sea." in lines[then + 1]
    assert all(any(line.endswith(each) for line in lines) for each in LOG_INS)


def test_every_place_where_one_can_be_a_caller_has_its_address() -> None:
    said = words()
    for what, address in (
        ("X", "http://127.0.0.1:2/timeline"),
        ("Facebook", "http://127.0.0.1:2/page"),
        ("E-mail", "http://127.0.0.1:2/mail"),
        ("Form", "http://127.0.0.1:1/f/merendam/"),
        ("Chat", "http://127.0.0.1:3/en"),
        ("Telephone", "http://127.0.0.1:1/call/"),
    ):
        assert f" {what:<11}{address}" in said
    assert "Chat" not in words(site_url="")
