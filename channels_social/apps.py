from django.apps import AppConfig


class ChannelsSocialConfig(AppConfig):
    name = "channels_social"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from channels_social.facts import facts
        from tickets.channels import register

        register(facts)
