"""What a visitor has brought (models_visitors.py): where each of their messages stands among the lines of both sides,
and files that wait for theirs. The words are the message's, and stand there alone."""

from __future__ import annotations

from django.db import models


class VisitorWords(models.Model):
    """One message of a visitor, as it was taken: once, however often it is sent.

    number: its place among the lines of both sides (`Visitor.last_number`); a higher one where an earlier message came
    after it. client_id: a UUID of its browser's making. sequence: rises with each message of one browser, null where
    that says none. said_at: when it is taken to be said.
    """

    visitor = models.ForeignKey("channels_social.Visitor", on_delete=models.CASCADE, related_name="words")
    number = models.BigIntegerField()
    client_id = models.CharField(max_length=36)
    sequence = models.BigIntegerField(null=True, blank=True)
    said_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visitor", "client_id"], name="visitor_words_once"),
            models.UniqueConstraint(fields=["visitor", "number"], name="visitor_words_number"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="visitor_words_from_1"),
        ]

    def __str__(self) -> str:
        return f"words {self.number} of visitor {self.visitor_id}"


class VisitorFile(models.Model):
    """A file that a visitor has put ready and not sent yet. Its message takes it into the update, and this row goes.

    external_id: random, as the browser knows it. name: for people to read, never part of a path. content_type: what its
    first bytes say.
    """

    visitor = models.ForeignKey("channels_social.Visitor", on_delete=models.CASCADE, related_name="files")
    external_id = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=120)
    size = models.PositiveIntegerField()
    storage_key = models.CharField(max_length=255, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="visitor_file_left")]

    def __str__(self) -> str:
        return f"file {self.pk} of visitor {self.visitor_id}"
