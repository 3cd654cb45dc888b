"""The API's own views: its schema, its reference, and what answers at addresses that do not exist."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView
from drf_spectacular import renderers
from drf_spectacular.views import SpectacularAPIView
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.views import APIView

from cop_portal.api.reference import reference


class Schema(SpectacularAPIView):
    """The OpenAPI 3.1 schema: JSON, or YAML where that is asked for. It holds no data, so everyone may read it."""

    is_public = True
    authentication_classes = []
    renderer_classes = [
        renderers.OpenApiJsonRenderer2,
        renderers.OpenApiJsonRenderer,
        renderers.OpenApiYamlRenderer,
        renderers.OpenApiYamlRenderer2,
    ]


@method_decorator(login_not_required, name="dispatch")
class Docs(TemplateView):
    """The reference, made on the server from the schema: no script, and nothing from another host."""

    template_name = "api/docs.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(reference=reference(), **kwargs)


class NoSuchAddress(APIView):
    """Answers every other address under /api/v1/ with a problem, not with a page."""

    is_public = True
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound("There is nothing at this address. Addresses end in a slash; /api/v1/docs/ lists them.")
