"""Lists come 50 at a time, with a link to the next page that stays right while rows are added."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from rest_framework import pagination
from rest_framework.exceptions import NotFound
from rest_framework.request import Request


class CursorPagination(pagination.CursorPagination):
    """Pages by position. A view orders its list with `ordering`, to which the primary key is added, so that ties keep
    their place."""

    ordering = ("pk",)
    invalid_cursor_message = "This link to a page is not valid. Start again without “cursor”."

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        try:
            self._insist_on_our_own(queryset, request, view)
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, OverflowError, TypeError, ValidationError) as failure:
            if self.cursor_query_param not in request.query_params:
                raise
            raise NotFound(self.invalid_cursor_message) from failure

    def _insist_on_our_own(self, queryset: QuerySet[Any], request: Request, view: Any) -> None:
        """ValueError or ValidationError for a position that is not of the kind that the list is ordered by."""
        cursor = self.decode_cursor(request)
        if cursor is None or cursor.position is None:
            return
        name, options = self.get_ordering(request, queryset, view)[0].lstrip("-"), queryset.model._meta
        position = (options.pk if name == "pk" else options.get_field(name)).to_python(cursor.position)
        if isinstance(position, datetime) and position.tzinfo is None:
            raise ValueError("every time in a list says its time zone")

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str, ...]:
        ordering = tuple(getattr(view, "ordering", None) or self.ordering)
        return ordering if {"pk", "-pk"} & set(ordering) else (*ordering, "pk")
