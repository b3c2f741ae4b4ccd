from django.apps import AppConfig


class ChannelsSocialConfig(AppConfig):
    name = "channels_social"
    default_auto_field = "django.db.models.BigAutoField"
