from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0021_policy_rollouts"),
    ]

    operations = [
        migrations.AddField(
            model_name="promise",
            name="calendar",
            field=models.CharField(blank=True, default="", max_length=60),
        ),
    ]
