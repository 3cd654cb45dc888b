"""Every address of the portal. Each room keeps its own."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("evaluations.dashboards.urls")),
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

handler400 = "cop_portal.design.errors.bad_request"
handler403 = "cop_portal.design.errors.permission_denied"
handler404 = "cop_portal.design.errors.page_not_found"
handler500 = "cop_portal.design.errors.server_error"
