"""The floor: the least that Django and REST framework do for the same kind of answer, through the same middleware.

Also an URLconf: the portal's own addresses, and the floor's under /floor/.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from communities.models import Community, Person

ROWS = 50


@login_not_required
def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello")


@login_not_required
def one_query(request: HttpRequest) -> HttpResponse:
    return HttpResponse(Community.objects.values_list("name", flat=True).order_by("pk").first())


def page(request: HttpRequest) -> HttpResponse:
    """Fifty rows of seven columns in the portal's own frame, in plain template language."""
    people = Person.objects.select_related("user").order_by("pk")[:ROWS]
    return render(request, "bench/page.html", {"people": people})


class PersonSerializer(serializers.ModelSerializer[Person]):
    """Eight fields, as wide as the portal's own lists."""

    name = serializers.CharField(source="user.name")
    role = serializers.CharField(source="user.role")
    is_active = serializers.BooleanField(source="user.is_active")
    joined_at = serializers.DateTimeField(source="user.joined_at")
    public_id = serializers.UUIDField(source="user.public_id")
    url = serializers.SerializerMethodField()

    class Meta:
        model = Person
        fields: ClassVar[list[str]] = ["id", "url", "name", "user", "role", "is_active", "joined_at", "public_id"]

    def get_url(self, person: Person) -> str:
        return f"/people/{person.pk}/"


class ApiList(ListAPIView[Person]):
    signed_in = True
    serializer_class = PersonSerializer
    queryset = Person.objects.select_related("user")


urlpatterns = [
    path("floor/hello/", hello),
    path("floor/one-query/", one_query),
    path("floor/page/", page),
    path("floor/api/", ApiList.as_view()),
    path("", include("cop_portal.urls")),
]
