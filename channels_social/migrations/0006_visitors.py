import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels_social", "0005_too_large"),
        ("tickets", "0035_files_that_go_out"),
    ]

    operations = [
        migrations.CreateModel(
            name="Visitor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("external_id", models.CharField(max_length=64)),
                ("token_hash", models.BinaryField(max_length=32, unique=True)),
                ("origin", models.CharField(blank=True, max_length=255)),
                ("language", models.CharField(blank=True, max_length=8)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("proven_id", models.CharField(blank=True, max_length=200)),
                ("address", models.CharField(blank=True, max_length=254)),
                ("address_given_at", models.DateTimeField(blank=True, null=True)),
                ("consent", models.TextField(blank=True)),
                ("last_number", models.BigIntegerField(default=0)),
                ("acked_through", models.BigIntegerField(default=0)),
                ("seen_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("blocked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visitors",
                        to="tickets.channelaccount",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("proven_id", ""), _negated=True),
                        fields=["account", "proven_id"],
                        name="visitor_proven",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("account", "external_id"), name="visitor_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("address", ""), ("address_given_at__isnull", False), _connector="OR"
                        ),
                        name="visitor_address_is_given",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VisitorLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.BigIntegerField()),
                ("reply_key", models.CharField(max_length=160, unique=True)),
                ("text", models.TextField()),
                ("name", models.CharField(blank=True, max_length=200)),
                ("automatic", models.BooleanField(default=False)),
                ("files", models.JSONField(blank=True, default=list)),
                ("created_at", models.DateTimeField()),
                ("acked_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("mailed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "visitor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="channels_social.visitor",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("acked_at__isnull", True)),
                        fields=["visitor", "number"],
                        name="visitor_line_unread",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("visitor", "number"), name="visitor_line_once"),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="visitor_line_from_1"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("mailed_at__isnull", True), ("withdrawn_at__isnull", False), _connector="OR"
                        ),
                        name="visitor_line_mailed_is_withdrawn",
                    ),
                ],
            },
        ),
    ]
