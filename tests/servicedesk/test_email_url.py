"""EMAIL_URL and EMAIL_FROM: what they mean, and that nonsense is refused with a sentence that helps."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from servicedesk.email_url import MailServer, parse_email_url, parse_sender


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (
            "smtps://noor:p%40ss@mail.example.org",
            MailServer("mail.example.org", 465, "noor", "p@ss", "at once"),
        ),
        (
            "smtp+starttls://n:p@mail.example.org:2587",
            MailServer("mail.example.org", 2587, "n", "p", "asked for"),
        ),
        ("smtp+starttls://mail.example.org", MailServer("mail.example.org", 587, "", "", "asked for")),
        ("smtp://127.0.0.1:1025", MailServer("127.0.0.1", 1025, "", "", "none")),
        ("smtp://n:p@10.0.0.5", MailServer("10.0.0.5", 25, "n", "p", "none")),
    ],
)
def test_what_it_means(url: str, server: MailServer) -> None:
    assert parse_email_url(url) == server


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://mail.example.org", "must begin with smtps:// or smtp+starttls:// or smtp://"),
        ("mail.example.org", "must begin with"),
        ("smtps://", "names no host"),
        ("smtps://noor@mail.example.org", "a user without a password"),
        ("smtps://mail.example.org/inbox", "ends after host and port"),
        ("smtps://mail.example.org?tls=no", "ends after host and port"),
        ("smtps://mail.example.org:many", "is not a URL"),
        ("smtp://noor:secret-word@mail.example.org", "without TLS"),
    ],
)
def test_nonsense_is_refused_without_its_password(url: str, says: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        parse_email_url(url)
    assert says in str(refused.value)
    assert "secret-word" not in str(refused.value)
    assert "secret-word" not in repr(MailServer("h", 25, "n", "secret-word", "none"))


@pytest.mark.parametrize("sender", ["desk@example.org", "Service desk <desk@example.org>"])
def test_a_sender(sender: str) -> None:
    assert parse_sender(f" {sender} ") == sender


@pytest.mark.parametrize(
    "sender", ["", "desk", "desk@example.org, other@example.org", "Desk <desk@example.org> x"]
)
def test_what_is_no_sender(sender: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_FROM"):
        parse_sender(sender)
