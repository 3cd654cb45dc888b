from django.apps import AppConfig


class KeepingConfig(AppConfig):
    name = "cop_portal.keeping"
    label = "keeping"
    verbose_name = "What was sent and what is being typed"
