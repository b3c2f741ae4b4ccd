"""What every table shares: enums that the database checks, too."""

from __future__ import annotations

from django.db import models


def one_of(
    field: str, choices: type[models.TextChoices], *, table: str, blank: bool = False
) -> models.CheckConstraint:
    """A CHECK that `field` holds one of `choices` (DESIGN: every enum a CHECK)."""
    values = [*choices.values, ""] if blank else list(choices.values)
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__in": values}), name=f"{table}_{field}_known"
    )
