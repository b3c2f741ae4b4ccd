from django.apps import AppConfig


class ChannelsSocialConfig(AppConfig):
    name = "channels_social"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from channels_social.facts import facts
        from channels_social.inbox import bodies_empty
        from tickets import channels, raw

        channels.register(facts)
        raw.register(bodies_empty)
