from django.db import migrations, models

STATES = ["queued", "sending", "waiting", "handed", "sent", "held", "failed", "unknown", "superseded"]
KINDS = [
    "danger",
    "release",
    "not_certain",
    "refused",
    "not_told",
    "not_there",
    "unsent",
    "triage_late",
    "account",
    "unread",
    "proposal",
    "notice",
    "reason",
    "progress",
    "ask_again",
    "remind",
    "calendar",
    "escalated",
    "transfers",
    "somebody_else",
]


class Migration(migrations.Migration):
    dependencies = [("tickets", "0036_staff_presence")]

    operations = [
        migrations.RemoveConstraint(model_name="outboundreply", name="reply_state_known"),
        migrations.RemoveConstraint(model_name="agenttask", name="task_kind_known"),
        migrations.AddField(
            model_name="outboundreply",
            name="handed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="outboundreply",
            name="handed_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="outboundreply",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "to be sent"),
                    ("sending", "being sent"),
                    ("waiting", "being looked for"),
                    ("handed", "waits for the caller’s browser"),
                    ("sent", "sent"),
                    ("held", "held"),
                    ("failed", "refused by the network"),
                    ("unknown", "not certain whether it was sent"),
                    ("superseded", "no longer needed"),
                ],
                default="queued",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="agenttask",
            name="kind",
            field=models.CharField(
                choices=[
                    ("danger", "danger: look at it now"),
                    ("release", "a held message waits for you"),
                    ("not_certain", "not certain whether it was sent"),
                    ("refused", "the network refused a message"),
                    ("not_told", "the caller was not told a date"),
                    ("not_there", "the caller has not come back for a message"),
                    ("unsent", "a message of yours fell away before it went"),
                    ("triage_late", "has waited too long in triage"),
                    ("account", "an account needs you"),
                    ("unread", "could not be read"),
                    ("proposal", "new words may change it"),
                    ("notice", "the caller has to hear from you before the date"),
                    ("reason", "say why it takes longer"),
                    ("progress", "an update for the caller is due"),
                    ("ask_again", "ask again how it stands"),
                    ("remind", "remind the caller"),
                    ("calendar", "the policy’s calendar ends too soon"),
                    ("escalated", "an agent asks the lead"),
                    ("transfers", "has been transferred often"),
                    ("somebody_else", "somebody else in the thread wrote"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="outboundreply",
            index=models.Index(
                condition=models.Q(("handed_until__isnull", False), ("state", "handed")),
                fields=["handed_until"],
                name="reply_handed",
            ),
        ),
        migrations.AddConstraint(
            model_name="outboundreply",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", STATES)), name="reply_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="outboundreply",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "handed"), _negated=True),
                    ("handed_at__isnull", False),
                    _connector="OR",
                ),
                name="reply_handed_is_dated",
            ),
        ),
        migrations.AddConstraint(
            model_name="agenttask",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", KINDS)), name="task_kind_known"
            ),
        ),
    ]
