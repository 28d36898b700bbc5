from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "server.plans"
    default_auto_field = "django.db.models.BigAutoField"
