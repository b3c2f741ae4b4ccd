"""A revision of the words stays as it was written: a trigger sees to it, as for the policy's.

TRUNCATE stays possible for whoever owns the table: a test run empties it that way.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

REFUSE = """
CREATE FUNCTION tickets_textrevision_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'revision % of the texts is published and stays as it is: % refused', OLD.number, TG_OP
        USING ERRCODE = 'restrict_violation',
              HINT = 'Publish a new revision instead (tickets.services.texts.text_save).',
              TABLE = TG_TABLE_NAME,
              CONSTRAINT = 'textrevision_immutable';
END
$$;
CREATE TRIGGER textrevision_immutable BEFORE UPDATE OR DELETE ON tickets_textrevision
    FOR EACH ROW EXECUTE FUNCTION tickets_textrevision_refuse();
"""

ALLOW = """
DROP TRIGGER textrevision_immutable ON tickets_textrevision;
DROP FUNCTION tickets_textrevision_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("tickets", "0018_pending_of_a_team"),
    ]

    operations = [
        migrations.AlterField(
            model_name="textrevision",
            name="author",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="textrevision",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="textrevision_number_from_1"
            ),
        ),
        migrations.AddConstraint(
            model_name="textrevision",
            constraint=models.CheckConstraint(
                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")), name="textrevision_sha256_is_hex"
            ),
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
