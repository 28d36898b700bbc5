from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "server.console"
    label = "console"
