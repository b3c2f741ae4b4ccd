"""How many tickets came in since a moment, without reading all of an account's (tickets/services/volume.py)."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tickets", "0003_clock_of_what_is_there")]
    operations = [
        migrations.AddIndex(
            "ticket",
            BrinIndex(fields=["created_at"], name="ticket_created", pages_per_range=32, autosummarize=True),
        )
    ]
