"""The table of policy revisions, and the trigger that keeps its rows as they were written.

TRUNCATE stays possible for whoever owns the table: a test run empties it that way.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

REFUSE = """
CREATE FUNCTION priority_policyrevision_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'policy revision % is published and stays as it is: % refused', OLD.number, TG_OP
        USING ERRCODE = 'restrict_violation',
              HINT = 'Publish a new revision instead (priority.services.policy_publish).',
              TABLE = TG_TABLE_NAME,
              CONSTRAINT = 'policyrevision_immutable';
END
$$;
CREATE TRIGGER policyrevision_immutable BEFORE UPDATE OR DELETE ON priority_policyrevision
    FOR EACH ROW EXECUTE FUNCTION priority_policyrevision_refuse();
"""

ALLOW = """
DROP TRIGGER policyrevision_immutable ON priority_policyrevision;
DROP FUNCTION priority_policyrevision_refuse();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="PolicyRevision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(unique=True)),
                ("document", models.JSONField()),
                ("sha256", models.CharField(max_length=64)),
                ("reason", models.CharField(max_length=400)),
                ("published_at", models.DateTimeField()),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="policy_revisions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="policyrevision_number_from_1"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                        name="policyrevision_sha256_is_hex",
                    ),
                ],
            },
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
