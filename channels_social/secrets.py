"""Secrets at rest: JSON, encrypted with MultiFernet under settings.FIELD_ENCRYPTION_KEYS (newest first)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured(
            "FIELD_ENCRYPTION_KEYS is empty: make one with `manage.py desk_key` and set it"
        )
    return MultiFernet([Fernet(key) for key in keys])


def _current_box() -> MultiFernet:
    return _box(tuple(settings.FIELD_ENCRYPTION_KEYS))


@lru_cache(maxsize=256)
def _opened(stored: str, keys: tuple[str, ...]) -> bytes:
    """What `stored` says. Kept in this process, which has the keys anyway: an account's secrets are read at each
    turn, and change once in months."""
    return _box(keys).decrypt(stored.encode())


if TYPE_CHECKING:
    _TextField = models.TextField[Mapping[str, object], dict[str, Any]]
else:
    _TextField = models.TextField


class EncryptedJSONField(_TextField):
    """A JSON object that only this process can read. Not searchable, and not meant to be.

    Raises ValueError on reading what none of the present keys made.
    """

    def get_prep_value(self, value: Any) -> str | None:
        if value is None:
            return None
        return (
            _current_box().encrypt(json.dumps(value, separators=(",", ":"), sort_keys=True).encode()).decode()
        )

    def from_db_value(
        self,
        value: str | None,
        expression: object,  # noqa: ARG002 - Django's signature
        connection: object,  # noqa: ARG002
    ) -> dict[str, Any] | None:
        if value is None:
            return None
        try:
            plain: dict[str, Any] = json.loads(_opened(value, tuple(settings.FIELD_ENCRYPTION_KEYS)))
        except InvalidToken:
            raise ValueError(
                "A stored secret was made with a key that is not in FIELD_ENCRYPTION_KEYS: put the old key back, last"
            ) from None
        return plain

    def to_python(self, value: Any) -> dict[str, Any]:
        return dict(value) if value else {}
