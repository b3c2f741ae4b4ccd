from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from reports.passes import previews
        from tickets.passes import PASSES

        if ("previewed", previews) not in PASSES:
            PASSES.append(("previewed", previews))
