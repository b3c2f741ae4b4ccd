"""What search looks into: the words of messages, derived from them and never read in their place."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class MessageWords(models.Model):
    """The stemmed words of one message, with its caller's name and handle as they were when it was written.

    Written by `services.search_index` some seconds after the message; rewritten or taken out by a trigger in the
    transaction that changes or removes the message's words (migration 0008), whoever does so.
    """

    message = models.OneToOneField(
        "tickets.Message", primary_key=True, on_delete=models.CASCADE, related_name="words"
    )
    sent_at = models.DateTimeField()
    words = SearchVectorField()

    class Meta:
        indexes = [
            # Filled in batches by one job: without a list of what waits, which each search would have to read through.
            GinIndex(fields=["words"], name="message_words", fastupdate=False),
            models.Index(fields=["sent_at", "message"], name="message_words_sent"),
        ]

    def __str__(self) -> str:
        return f"words of {self.pk}"


class SearchMark(models.Model):
    """How far the words are written; one row.

    reached: every message up to this id has its words, or was removed. settled: no message up to this id can still
    come. seen, seen_at: the largest id at that moment; settled, when every transaction that ran then has ended.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    reached = models.BigIntegerField(default=0)
    settled = models.BigIntegerField(default=0)
    seen = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="search_mark_one")]

    def __str__(self) -> str:
        return f"words up to {self.reached}"
