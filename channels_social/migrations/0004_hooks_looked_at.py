"""Accounts that were connected before anybody looked whether the network still sends us everything: each is looked at
once, and from then on like every other."""

from django.db import migrations

FILL = """
UPDATE channels_social_channelconnection SET hook_due_at = now()
 WHERE hook_due_at IS NULL AND hook_at IS NULL AND hook_code = '' AND disconnected_at IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("channels_social", "0003_connecting")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
