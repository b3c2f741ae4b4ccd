"""Who may be the same person is looked up by handle and by name, whatever their capitals."""

from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [("tickets", "0016_together")]

    operations = [
        migrations.AddIndex(
            model_name="identity", index=models.Index(Lower("handle"), name="identity_handle_alike")
        ),
        migrations.AddIndex(
            model_name="identity", index=models.Index(Lower("name"), name="identity_name_alike")
        ),
    ]
