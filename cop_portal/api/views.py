"""The API's own views: its front, and what answers at addresses that do not exist."""

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.views import APIView


class NoSuchAddress(APIView):
    """Answers every other address under /api/v1/ with a problem, not with a page."""

    is_public = True
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound("There is nothing at this address. Addresses end in a slash; /api/v1/docs/ lists them.")
