"""What people are writing and have not sent."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0013_undo_send"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(choices=[("answer", "answer"), ("note", "note")], max_length=8)),
                ("text", models.TextField()),
                ("purpose", models.CharField(blank=True, max_length=12)),
                ("client_key", models.CharField(blank=True, max_length=100)),
                ("updated_at", models.DateTimeField()),
                (
                    "conversation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="tickets.conversation",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "ticket", "kind"), name="draft_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["answer", "note"])), name="draft_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("purpose__in", ["", "asks", "resolves"])),
                        name="draft_purpose_known",
                    ),
                ],
            },
        ),
    ]
