"""The rhythm card of a community, and the records behind each of its numbers."""

from http import HTTPStatus
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from django.views.generic import TemplateView

from communities.forms.rhythm import WindowForm
from communities.permissions import Permission
from communities.rhythm_card import RhythmCard, rhythm_card, window
from communities.views.in_community import InCommunity
from cop_portal.accounts.access import require
from cop_portal.installation import clock


class RhythmPage(InCommunity, TemplateView):
    """How regularly do we meet, and who comes?"""

    permission = Permission.SEE_COMMUNITY
    template_name = "communities/rhythm.html"
    current: ClassVar[str] = "overview"
    form: WindowForm

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.form = WindowForm(request.GET if {"first", "last"} & request.GET.keys() else None)

    def card(self) -> RhythmCard:
        asked = self.form.cleaned_data if self.form.is_bound and self.form.is_valid() else {}
        now = clock.now()
        first, last = window(now, first=asked.get("first"), last=asked.get("last"))
        return rhythm_card(self.community, first=first, last=last, now=now)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        status = HTTPStatus.OK if not self.form.is_bound or self.form.is_valid() else HTTPStatus.UNPROCESSABLE_ENTITY
        return self.render_to_response(self.get_context_data(**kwargs), status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"card": self.card(), "form": self.form, **kwargs})


class RhythmRecords(RhythmPage):
    """The records behind one number. Who came is for those who may see names."""

    template_name = "communities/rhythm_records.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        card = self.card()
        figure = card.figure(self.kwargs["figure"])
        if figure is None:
            raise Http404
        if figure.is_people:
            require(self.user, Permission.SEE_NAMES, self.community)
        return super().get_context_data(**{**kwargs, "card": card, "figure": figure})
