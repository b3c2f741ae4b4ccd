"""Tasks about words that fell away and about a calendar that ends; an index of what is held."""

from django.db import migrations, models

KINDS = [
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
]


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0008_search"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="agenttask", name="task_kind_known"),
        migrations.AlterField(
            model_name="agenttask", name="kind", field=models.CharField(choices=KINDS, max_length=16)
        ),
        migrations.AddConstraint(
            model_name="agenttask",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", [kind for kind, _ in KINDS])), name="task_kind_known"
            ),
        ),
        migrations.AddIndex(
            model_name="outboundreply",
            index=models.Index(
                condition=models.Q(("state", "held")), fields=["ticket"], name="reply_held"
            ),
        ),
    ]
