"""Lists come 50 at a time, with a link to the next page that stays right while rows are added."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import pagination
from rest_framework.request import Request


class CursorPagination(pagination.CursorPagination):
    """Pages by position. A view orders its list with `ordering`, to which the primary key is added, so that ties keep
    their place."""

    ordering = ("pk",)
    invalid_cursor_message = "This link to a page is not valid. Start again without “cursor”."

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str, ...]:
        ordering = tuple(getattr(view, "ordering", None) or self.ordering)
        return ordering if {"pk", "-pk"} & set(ordering) else (*ordering, "pk")
