from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0012_no_reply_reasons"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TicketJoin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("earliest_date", "the earlier of the dates that the caller was told is on it"),
                            ("only_date", "the only date that stands is on it"),
                            ("told", "its caller was told a date"),
                            ("to_answer", "it is to be answered"),
                            ("on_its_way", "its acknowledgement is on its way"),
                            ("older", "it is the older one"),
                        ],
                        max_length=16,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("before", models.JSONField(default=dict)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "consent_message",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="tickets.message",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.contact",
                    ),
                ),
                (
                    "into",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="joins", to="tickets.ticket"
                    ),
                ),
                (
                    "joined",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="joined_as",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="ticketjoin",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at__isnull", True)),
                fields=("joined",),
                name="ticket_join_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketjoin",
            constraint=models.CheckConstraint(
                condition=models.Q(("into", models.F("joined")), _negated=True), name="ticket_join_of_two"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketjoin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("why__in", ["earliest_date", "only_date", "told", "to_answer", "on_its_way", "older"])
                ),
                name="ticket_join_why_known",
            ),
        ),
    ]
