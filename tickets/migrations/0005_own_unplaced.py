"""Our own messages from outside the desk whose place is not known yet, and what hangs below a message."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0004_ticket_created"),
    ]

    operations = [
        migrations.CreateModel(
            name="MessageUnplaced",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("external_id", models.CharField(max_length=255)),
                ("thread_key", models.CharField(blank=True, max_length=400)),
                ("parent_external_id", models.CharField(blank=True, max_length=255)),
                (
                    "visibility",
                    models.CharField(choices=[("public", "public"), ("private", "private")], max_length=8),
                ),
                ("body", models.TextField(blank=True)),
                ("url", models.URLField(blank=True, max_length=500)),
                ("sent_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
            ],
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("addressed_by_parent", True)),
                fields=["account", "parent_external_id"],
                name="message_by_parent",
            ),
        ),
        migrations.AddField(
            model_name="messageunplaced",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tickets.channelaccount"
            ),
        ),
        migrations.AddIndex(
            model_name="messageunplaced",
            index=models.Index(fields=["account", "parent_external_id"], name="message_unplaced_parent"),
        ),
        migrations.AddIndex(
            model_name="messageunplaced",
            index=models.Index(fields=["account", "thread_key"], name="message_unplaced_thread"),
        ),
        migrations.AddConstraint(
            model_name="messageunplaced",
            constraint=models.UniqueConstraint(
                fields=("account", "external_id"), name="message_unplaced_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="messageunplaced",
            constraint=models.CheckConstraint(
                condition=models.Q(("visibility__in", ["public", "private"])),
                name="message_unplaced_visibility_known",
            ),
        ),
    ]
