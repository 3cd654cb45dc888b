"""The two pages that belong to no community: Home and the network."""

from django.urls import path

from evaluations.dashboards import views

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("network/", views.Network.as_view(), name="network"),
]
