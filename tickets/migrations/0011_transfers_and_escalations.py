"""An agent asks the lead; a ticket that is transferred often goes before the leads; its caller hears who has it."""

from django.db import migrations, models

TASKS = [
    ("danger", "danger: look at it now"),
    ("release", "a held message waits for you"),
    ("not_certain", "not certain whether it was sent"),
    ("refused", "the network refused a message"),
    ("not_told", "the caller was not told a date"),
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
]
REPLIES = [
    ("acknowledgement", "acknowledgement"),
    ("answer", "answer"),
    ("delay_notice", "delay notice"),
    ("overdue_notice", "overdue notice"),
    ("date_changed_notice", "date-changed notice"),
    ("resolution_notice", "resolution notice"),
    ("reminder", "reminder"),
    ("closing_word", "closing word"),
    ("transfer_notice", "word of a transfer"),
]


class Migration(migrations.Migration):
    dependencies = [("tickets", "0010_watch_and_tags")]

    operations = [
        migrations.RemoveConstraint(model_name="agenttask", name="task_kind_known"),
        migrations.RemoveConstraint(model_name="outboundreply", name="reply_kind_known"),
        migrations.AlterField(
            "agenttask",
            "kind",
            models.CharField(
                choices=TASKS,
                max_length=16,
            ),
        ),
        migrations.AlterField(
            "outboundreply",
            "kind",
            models.CharField(
                choices=REPLIES,
                max_length=24,
            ),
        ),
        migrations.AddConstraint(
            model_name="agenttask",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", [kind for kind, _ in TASKS])),
                name="task_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="outboundreply",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", [kind for kind, _ in REPLIES])),
                name="reply_kind_known",
            ),
        ),
    ]
