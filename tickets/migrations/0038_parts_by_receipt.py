from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0037_handed")]

    operations = [
        migrations.AddIndex(
            model_name="outboundpart",
            index=models.Index(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=["external_id"],
                name="part_by_receipt",
            ),
        ),
    ]
