"""Dates told before the clock ran: each gets its two moments, and each open ticket is looked at once by the sweep."""

from django.db import migrations, models

FILL = """
UPDATE tickets_promise SET at_risk_at = promised_for, notice_at = promised_for WHERE at_risk_at IS NULL;
UPDATE tickets_ticket SET next_at = now() WHERE status IN ('new', 'open', 'waiting_on_caller', 'on_hold');
INSERT INTO tickets_optout (identity_id, account_id, how, since, ended_how)
SELECT DISTINCT ON (v.identity_id, v.account_id) v.identity_id, v.account_id, 'said', c.opted_out_at, ''
  FROM tickets_contact c JOIN tickets_conversation v ON v.contact_id = c.id
 WHERE c.opted_out_at IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0002_clock")]
    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField("promise", "at_risk_at", models.DateTimeField()),
        migrations.AlterField("promise", "notice_at", models.DateTimeField()),
    ]
