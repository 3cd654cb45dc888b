"""/me/data/: what is held about me, to read and to take away."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView, View

from cop_portal.accounts.own_data import NOT_HERE, held_about, own_data_of
from cop_portal.accounts.own_details import own_links
from cop_portal.accounts.views.own import signed_in_user
from cop_portal.installation import clock

SHOWN = 50


@method_decorator(never_cache, name="dispatch")
class OwnData(TemplateView):
    """What is held about me, and why? Long lists are cut here, and whole in the download."""

    signed_in = True
    template_name = "accounts/own_data.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        holdings = held_about(signed_in_user(self.request))
        return super().get_context_data(
            holdings=[(holding, holding.in_words(SHOWN)) for holding in holdings],
            not_here=NOT_HERE,
            links=own_links("own_data"),
            contact=settings.CONTACT_EMAIL,
            **kwargs,
        )


@method_decorator(never_cache, name="dispatch")
class DownloadOwnData(View):
    """The same as JSON, whole."""

    signed_in = True

    def get(self, request: HttpRequest) -> HttpResponse:
        content = own_data_of(signed_in_user(request), now=clock.now())
        response = JsonResponse(content, json_dumps_params={"indent": 2, "ensure_ascii": False})
        response["Content-Disposition"] = 'attachment; filename="my-data.json"'
        return response
