"""The addresses of the API: each room brings its own routes."""

from django.urls import include, path, re_path

from cop_portal.api.views import Docs, NoSuchAddress, Schema

app_name = "api"
urlpatterns = [
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", Docs.as_view(), name="docs"),
    path("", include("communities.api.routes")),
    path("", include("evaluations.api.routes")),
    re_path(r"^.*$", NoSuchAddress.as_view(), name="no-such-address"),
]
