"""Search over the API: the same rows, in the same order, as on the page."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.views import reader
from communities.forms.search import SearchForm
from communities.search import LONGEST, Hit, found, hits


class HitOutput(serializers.Serializer[Hit]):
    """A record that was found. `text` is plain, with what fits between <mark> and </mark>, everything else escaped."""

    kind = serializers.CharField()
    id = serializers.IntegerField(source="record.pk")
    community = serializers.SlugField(source="community.slug")
    on = serializers.DateField()
    text = serializers.CharField()
    is_private = serializers.BooleanField()
    address = serializers.CharField(help_text="The page to read it on.")


class Pages(PageNumberPagination):
    """By number: the order is by fit, which no position in a list can stand for."""

    page_size = settings.PAGE_SIZE


class Search(ListAPIView[Any]):
    """What communities wrote down, within what you may see; the best fit first (on SQLite, the newest)."""

    signed_in = True
    serializer_class = HitOutput
    pagination_class = Pages
    filter_backends = ()

    @extend_schema(parameters=[OpenApiParameter("q", str, required=True, description=f"At most {LONGEST} characters.")])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        form = SearchForm(request.query_params)
        if not form.is_valid():
            raise serializers.ValidationError({name: [str(e) for e in errors] for name, errors in form.errors.items()})
        user = reader(request)
        words = form.cleaned_data["q"]
        page = self.paginate_queryset(found(user, words))
        return self.get_paginated_response(self.get_serializer(hits(page or [], words), many=True).data)
