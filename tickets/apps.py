from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from priority.services import PUBLISHED
        from tickets import bulk, live
        from tickets.models import Ticket
        from tickets.services.policy_rollout import rollout_begin

        bulk.versions_told[Ticket] = live.tickets_changed

        if rollout_begin not in PUBLISHED:
            PUBLISHED.append(rollout_begin)
