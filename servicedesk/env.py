"""Typed readers for settings that come from the environment.

Every reader takes the name of a variable and refuses what it cannot mean, with a sentence that says what to write
instead. `NAME_FILE` may hold the path of a file whose content is the value (Docker and Kubernetes secrets); setting
both NAME and NAME_FILE is refused, since nobody could say which one counts. An empty value counts as not set.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import overload
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ImproperlyConfigured

MAX_FILE_BYTES = 64 * 1024
TRUE_WORDS = frozenset({"True", "1"})
FALSE_WORDS = frozenset({"False", "0"})


def _raw(name: str) -> str | None:
    """The value of NAME, or of the file that NAME_FILE points at; None where neither is set."""
    direct = os.environ.get(name, "")
    path = os.environ.get(f"{name}_FILE", "")
    if direct and path:
        raise ImproperlyConfigured(f"Both {name} and {name}_FILE are set; keep one of them.")
    if not path:
        return direct or None
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE={path} cannot be read: {error.strerror}.") from error
    if len(content) > MAX_FILE_BYTES:
        raise ImproperlyConfigured(
            f"{name}_FILE={path} is longer than {MAX_FILE_BYTES} bytes; is it the right file?"
        )
    try:
        value = content.decode().strip()
    except UnicodeDecodeError as error:
        raise ImproperlyConfigured(f"{name}_FILE={path} is not UTF-8 text.") from error
    if not value:
        raise ImproperlyConfigured(f"{name}_FILE={path} is empty; write the value of {name} into it.")
    return value


@overload
def env_str(name: str) -> str: ...
@overload
def env_str(name: str, default: str) -> str: ...
@overload
def env_str(name: str, default: None) -> str | None: ...
def env_str(name: str, default: str | None = "\0required") -> str | None:
    """Text without control characters. Without a default the setting is required."""
    value = _raw(name)
    if value is None:
        if default == "\0required":
            raise ImproperlyConfigured(f"{name} is not set; .env.example says what it is for.")
        return default
    if any(ord(char) < 32 for char in value):
        raise ImproperlyConfigured(
            f"{name} holds a line break or another control character; write it on one line."
        )
    return value


def env_bool(name: str, default: bool) -> bool:
    """True or 1, False or 0; nothing else ("yes", "true", "off" are refused rather than guessed)."""
    value = _raw(name)
    if value is None:
        return default
    if value in TRUE_WORDS:
        return True
    if value in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is neither True, 1, False nor 0.")


def env_int(name: str, default: int, *, low: int, high: int) -> int:
    """A whole number from `low` to `high`, both included."""
    value = _raw(name)
    if value is None:
        return default
    # str.isdigit and int() accept other scripts' digits, int() also "1_000": neither is what a file should say.
    digits = value.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number.")
    number = int(value)
    if not low <= number <= high:
        raise ImproperlyConfigured(f"{name}={number} is outside {low} to {high}.")
    return number


def env_choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """One of `choices`, spelt exactly so."""
    value = _raw(name) or default
    if value not in choices:
        raise ImproperlyConfigured(f"{name}={value!r} is not one of {', '.join(choices)}.")
    return value


def env_list(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """Values separated by commas, blanks around them dropped; an empty item is refused."""
    value = _raw(name)
    if value is None:
        return list(default)
    items = [item.strip() for item in value.split(",")]
    if not all(items):
        raise ImproperlyConfigured(
            f"{name}={value!r} has an empty item; separate the values by single commas."
        )
    return items


def env_secret(name: str, *, least: int, default: str | None = None) -> str:
    """A secret of at least `least` characters. Its value never stands in an error."""
    value = _raw(name)
    if value is None:
        if default is None:
            raise ImproperlyConfigured(
                f"{name} is not set. Set it or {name}_FILE; .env.example says how to make one. "
                "On a laptop `make demo` makes it by itself."
            )
        return default
    if len(value) < least:
        raise ImproperlyConfigured(f"{name} is shorter than {least} characters; make a longer one.")
    return value


def split_url(name: str, value: str, schemes: tuple[str, ...]) -> SplitResult:
    """`value` taken apart; ImproperlyConfigured where it is no URL with one of `schemes` and a valid port."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not a URL: {error}.") from error
    if parts.scheme not in schemes:
        raise ImproperlyConfigured(
            f"{name} must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}."
        )
    return parts


def env_socket_origin(name: str) -> str:
    """ws://host:port or wss://host, without a path; '' or "none" as they are."""
    value = env_str(name, "")
    if value in ("", "none"):
        return value
    parts = split_url(name, value, ("ws", "wss"))
    if not parts.hostname or "@" in parts.netloc or value != f"{parts.scheme}://{parts.netloc}":
        raise ImproperlyConfigured(f"{name} is host and port alone: ws://host:port or wss://host.")
    return value
