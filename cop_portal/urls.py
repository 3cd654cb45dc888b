"""Every address of the portal. Each room keeps its own; see PAGES in docs/."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("evaluations.urls")),
    path("", include("communities.urls")),
    path("", include("cop_portal.accounts.urls")),
    path("", include("cop_portal.design.urls")),
    path("", include("cop_portal.installation.urls")),
    path("api/v1/", include("cop_portal.api.urls")),
    path("admin/", admin.site.urls),
]

if settings.IS_DEMO or settings.IS_TEST:
    urlpatterns.append(path("demo/", include("cop_portal.demo.urls")))
