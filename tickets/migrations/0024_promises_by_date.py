from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0023_place_in_search")]

    operations = [
        migrations.AddIndex(
            model_name="promise",
            index=models.Index(fields=["promised_for", "id"], name="promise_by_date"),
        ),
    ]
