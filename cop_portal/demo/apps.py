from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "cop_portal.demo"
    label = "demo"
    verbose_name = "Demo"
