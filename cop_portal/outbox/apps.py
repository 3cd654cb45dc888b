from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "cop_portal.outbox"
    label = "outbox"
    verbose_name = "Outbox"
