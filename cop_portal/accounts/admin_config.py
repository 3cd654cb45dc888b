"""Django's admin, with the portal's own site. Named in INSTALLED_APPS in place of django.contrib.admin."""

from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    """Brings cop_portal.accounts.admin_site."""

    default_site = "cop_portal.accounts.admin_site.PortalAdminSite"
