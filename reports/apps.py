from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from priority.known import FORESEEN, ROLLING
        from reports.foreseen import foreseen
        from reports.passes import previews
        from reports.selectors_rollout import rolling
        from tickets.passes import PASSES

        if ("previewed", previews) not in PASSES:
            PASSES.append(("previewed", previews))
        if foreseen not in FORESEEN:
            FORESEEN.append(foreseen)
        if rolling not in ROLLING:
            ROLLING.append(rolling)
