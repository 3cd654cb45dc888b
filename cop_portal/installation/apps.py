from django.apps import AppConfig


class InstallationConfig(AppConfig):
    name = "cop_portal.installation"
    label = "installation"
    verbose_name = "This installation"
