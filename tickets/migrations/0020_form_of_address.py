"""How an account speaks to its callers, in languages that have two ways."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0019_texts_never_change")]

    operations = [
        migrations.AddField(
            model_name="channelaccount",
            name="form_of_address",
            field=models.CharField(
                blank=True,
                choices=[("", "as is usual there"), ("familiar", "familiar"), ("formal", "formal")],
                default="",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="channelaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(("form_of_address__in", ["", "familiar", "formal"])),
                name="channel_account_form_of_address_known",
            ),
        ),
    ]
