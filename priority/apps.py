from django.apps import AppConfig


class PriorityConfig(AppConfig):
    name = "priority"
    label = "priority"
    default_auto_field = "django.db.models.BigAutoField"
