from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0017_identities_alike")]

    operations = [
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(
                    ("status__in", ["new", "open", "waiting_on_caller", "on_hold"]), ("triage", "pending")
                ),
                fields=["team", "triage_due_at"],
                name="ticket_pending_team",
            ),
        ),
    ]
