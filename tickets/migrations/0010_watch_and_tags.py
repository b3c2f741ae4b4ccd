"""What is watched is found by when to look again; tags that a person has set are known from the rule's."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0009_unsent_and_calendar_tasks")]

    operations = [
        migrations.AddField("ticket", "tags_by", models.CharField(default="rule", max_length=8)),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(("tags_by__in", ["rule", "person"])), name="ticket_tags_by_known"
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(
                    ("status__in", ["new", "open", "waiting_on_caller", "on_hold"]), ("triage", "watch")
                ),
                fields=["triage_due_at"],
                name="ticket_look_again",
            ),
        ),
    ]
