from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("channels_social", "0004_hooks_looked_at")]
    operations = [
        migrations.AddField("channelapp", "too_large", models.PositiveBigIntegerField(default=0)),
        migrations.AddField("channelapp", "last_too_large_at", models.DateTimeField(null=True, blank=True)),
    ]
