"""Until when a message of a person may be taken back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0012_joining")]

    operations = [
        migrations.AddField("outboundreply", "undo_until", models.DateTimeField(blank=True, null=True)),
        migrations.AddIndex(
            model_name="outboundreply",
            index=models.Index(
                condition=models.Q(("state", "queued"), ("undo_until__isnull", False)),
                fields=["ticket", "undo_until"],
                name="reply_to_undo",
            ),
        ),
    ]
