"""Looking for something that a community wrote down."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.generic import TemplateView

from communities.forms.search import SearchForm
from communities.search import found, hits
from cop_portal.accounts.models import User


class Search(TemplateView):
    """Where did we write that down? Only within what its reader may see."""

    signed_in = True
    template_name = "communities/search.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = SearchForm(request.GET if "q" in request.GET else None)
        if not form.is_valid():
            status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
            return self.render_to_response({"form": form}, status=status)
        return self.render_to_response({"form": form, **self.results(form.cleaned_data["q"])})

    def results(self, words: str) -> dict[str, Any]:
        user = self.request.user
        assert isinstance(user, User)  # noqa: S101 - the login middleware lets in nobody else
        pages = Paginator(found(user, words), settings.PAGE_SIZE)
        page = pages.get_page(self.request.GET.get("page"))
        return {"words": words, "page_obj": page, "paginator": pages, "hits": hits(page.object_list, words)}
