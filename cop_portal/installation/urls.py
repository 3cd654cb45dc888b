"""The probes, for whoever watches the machine."""

from django.urls import URLPattern, URLResolver, path

from cop_portal.installation import probes

app_name = "installation"
urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
]
