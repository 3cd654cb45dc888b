from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Installed in a demo and in tests only."""

    name = "cop_portal.demo"
    label = "demo"
    verbose_name = "Demo"

    def ready(self) -> None:
        from django.conf import settings

        from cop_portal.demo import signins
        from cop_portal.installation import words

        if settings.IS_DEMO:
            words.register(signins.lines)
