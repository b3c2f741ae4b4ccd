from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from priority.services import PUBLISHED
        from tickets.services.policy_rollout import rollout_begin

        if rollout_begin not in PUBLISHED:
            PUBLISHED.append(rollout_begin)
