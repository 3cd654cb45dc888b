from django.apps import AppConfig


class CommunitiesConfig(AppConfig):
    name = "communities"
    label = "communities"
    verbose_name = "Communities"

    def ready(self) -> None:
        from communities import emails, permissions

        permissions.register()
        emails.register()
