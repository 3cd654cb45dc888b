from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "cop_portal.outbox"
    label = "outbox"
    verbose_name = "Outbox"

    def ready(self) -> None:
        from cop_portal.outbox import checks  # noqa: F401 (registers itself)
