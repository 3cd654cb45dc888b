from django.apps import AppConfig


class DesignConfig(AppConfig):
    name = "cop_portal.design"
    label = "design"
    verbose_name = "Design"
