"""Why no reply is needed: the four reasons that were written into the desk become rows that managers edit."""

from django.db import migrations, models
from django.utils import timezone

SEEDED = (
    ("venting", {"en": "it vents, and asks for nothing", "nl": "het lucht het hart, en vraagt niets"}),
    ("spam", {"en": "it is spam", "nl": "het is spam"}),
    ("not_ours", {"en": "it is not ours to deal with", "nl": "het is niet aan ons"}),
    ("for_communications", {"en": "it is for communications", "nl": "het is voor communicatie"}),
)


def seed(apps, schema_editor):
    rows = apps.get_model("tickets", "NoReplyReason").objects
    now = timezone.now()
    for position, (key, names) in enumerate(SEEDED, 1):
        rows.get_or_create(key=key, defaults={"names": names, "position": position, "created_at": now})


class Migration(migrations.Migration):
    dependencies = [("tickets", "0011_transfers_and_escalations")]

    operations = [
        migrations.CreateModel(
            name="NoReplyReason",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(max_length=40, unique=True)),
                ("names", models.JSONField(default=dict)),
                ("position", models.PositiveSmallIntegerField()),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={"ordering": ("position", "pk")},
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
