"""The addresses of the API: each room brings its own routes."""

from django.urls import include, path, re_path

from cop_portal.api.views import NoSuchAddress

app_name = "api"
urlpatterns = [
    path("", include("communities.api.routes")),
    path("", include("evaluations.api.routes")),
    re_path(r"^.*$", NoSuchAddress.as_view(), name="no-such-address"),
]
