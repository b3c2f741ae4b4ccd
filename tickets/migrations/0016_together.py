"""What was done to several tickets at once; indexes of what somebody owns, and of open tasks by kind and by person."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

OPEN = ["new", "open", "waiting_on_caller", "on_hold"]
WHAT = [
    ("assign", "assign"),
    ("transfer", "transfer"),
    ("properties", "category, impact and urgency"),
    ("no_reply", "no reply needed"),
]


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("tickets", "0015_saved_replies"),
    ]

    operations = [
        migrations.CreateModel(
            name="BulkAction",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("token", models.CharField(max_length=40, unique=True)),
                ("what", models.CharField(choices=WHAT, max_length=12)),
                ("args", models.JSONField(default=dict)),
                ("before", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("what__in", [what for what, _ in WHAT])), name="bulk_what_known"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="agenttask",
            index=models.Index(
                condition=models.Q(("done_at__isnull", True), ("ticket__isnull", False)),
                fields=["kind", "ticket"],
                name="task_open_kind",
            ),
        ),
        migrations.AddIndex(
            model_name="agenttask",
            index=models.Index(
                condition=models.Q(("done_at__isnull", True), ("user__isnull", False)),
                fields=["user", "due_at"],
                name="task_open_user",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("owner__isnull", False), ("status__in", OPEN)),
                fields=["owner", "queue_at", "id"],
                name="ticket_open_owner",
            ),
        ),
    ]
