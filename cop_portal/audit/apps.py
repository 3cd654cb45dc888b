from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "cop_portal.audit"
    label = "audit"
    verbose_name = "Audit"
