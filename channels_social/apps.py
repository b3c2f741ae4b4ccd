from django.apps import AppConfig


class ChannelsSocialConfig(AppConfig):
    name = "channels_social"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from channels_social.facts import Facts
        from channels_social.inbox import bodies_empty
        from channels_social.registry import channels as known
        from channels_social.visitors import agent_types
        from priority.known import CHANNELS
        from tickets import channels, live_typing, raw

        channels.register(Facts())
        raw.register(bodies_empty)
        live_typing.TYPES[:] = [agent_types]
        CHANNELS[:] = [lambda: [(slug, str(channel.label)) for slug, channel in known().items()]]
