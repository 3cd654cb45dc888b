from django.apps import AppConfig
from django.db.models.signals import pre_save

from cop_portal.installation import fictional


class InstallationConfig(AppConfig):
    name = "cop_portal.installation"
    label = "installation"
    verbose_name = "This installation"

    def ready(self) -> None:
        from cop_portal.installation import checks  # noqa: F401 (registers them)

        pre_save.connect(fictional.refuse_real_address, sender="account.EmailAddress")
