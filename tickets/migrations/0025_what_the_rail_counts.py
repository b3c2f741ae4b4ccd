import django.db.models.functions.comparison
from django.db import migrations, models

OPEN = ["new", "open", "waiting_on_caller", "on_hold"]


class Migration(migrations.Migration):
    dependencies = [("tickets", "0024_promises_by_date")]

    operations = [
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(status__in=OPEN),
                fields=["team", "queue_at", "id"],
                include=["owner", "triage"],
                name="ticket_open_of_team",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(status__in=["waiting_on_caller", "on_hold"]),
                fields=["team", "queue_at", "id"],
                include=["triage"],
                name="ticket_waiting_team",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(status__in=OPEN, owner__isnull=False),
                fields=["owner", "queue_at", "id"],
                include=["team", "triage"],
                name="ticket_open_of_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.F("team"),
                django.db.models.functions.comparison.Least("at_risk_at", "due_at"),
                condition=models.Q(status__in=OPEN),
                name="ticket_presses",
            ),
        ),
        migrations.RemoveIndex(model_name="ticket", name="ticket_open_team"),
        migrations.RemoveIndex(model_name="ticket", name="ticket_open_owner"),
        migrations.RemoveIndex(model_name="ticket", name="ticket_at_risk"),
    ]
