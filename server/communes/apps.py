from django.apps import AppConfig


class CommunesConfig(AppConfig):
    name = "server.communes"
    label = "communes"
    default_auto_field = "django.db.models.BigAutoField"
