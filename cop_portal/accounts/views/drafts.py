"""Drafts: kept while one types, listed, read, thrown away. Each person's own, and nobody else's."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.timezone import localtime
from django.views.decorators.cache import never_cache
from django.views.generic import DetailView, ListView, View

from cop_portal.accounts.forms import ConfirmForm
from cop_portal.accounts.views.own import OwnPage, signed_in_user
from cop_portal.design.sending import who_sends
from cop_portal.installation import clock
from cop_portal.keeping.models import Draft, DraftQuerySet
from cop_portal.keeping.reading import NotADraft, draft_from
from cop_portal.keeping.services.drafts import save_draft, throw_away_draft
from cop_portal.keeping.services.submissions import is_done
from cop_portal.refusals import Refusal


def drafts_of(request: HttpRequest) -> DraftQuerySet:
    return Draft.objects.visible_to(signed_in_user(request)).unsent()


@method_decorator(never_cache, name="dispatch")
class SaveDraft(View):
    """Takes what stands in a form, as JSON, when its typist pauses. GET: was what was sent under a key saved?"""

    signed_in = True

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            kept = save_draft(**draft_from(request), by=signed_in_user(request), now=clock.now())
        except NotADraft as refusal:
            return JsonResponse({"detail": str(refusal)}, status=400)
        except Refusal as refusal:
            return JsonResponse({"detail": " ".join(refusal.messages)}, status=refusal.status)
        return JsonResponse({"saved_at": f"{localtime(kept.saved_at):%H:%M}", "address": kept.get_absolute_url()})

    def get(self, request: HttpRequest) -> HttpResponse:
        key = request.GET.get("key", "")
        return JsonResponse({"is_done": is_done(who=who_sends(signed_in_user(request)), key=key)})


@method_decorator(never_cache, name="dispatch")
class DraftList(ListView[Draft]):
    """What have I begun and not sent?"""

    signed_in = True
    template_name = "accounts/draft_list.html"
    paginate_by = settings.PAGE_SIZE

    def get_queryset(self) -> QuerySet[Draft]:
        return drafts_of(self.request).newest_first()


@method_decorator(never_cache, name="dispatch")
class DraftPage(DetailView[Draft]):
    """What did I type?"""

    signed_in = True
    template_name = "accounts/draft.html"

    def get_queryset(self) -> QuerySet[Draft]:
        return drafts_of(self.request)


class ThrowAwayDraft(OwnPage):
    """Forgets a draft, after a page that says that there is no way back."""

    form_class = ConfirmForm
    heading = "Throw away this draft?"
    submit_label = "Throw it away"
    template_name = "accounts/throw_away_draft.html"

    @cached_property
    def draft(self) -> Draft:
        return get_object_or_404(drafts_of(self.request), pk=self.kwargs["pk"])

    def get_cancel_url(self) -> str:
        return self.draft.address

    def perform(self, form: Any) -> HttpResponse:
        throw_away_draft(draft=self.draft, by=signed_in_user(self.request))
        return self.done("The draft has been thrown away.")

    def done(self, sentence: str) -> HttpResponse:
        super().done(sentence)
        return HttpResponseRedirect(reverse("accounts:draft-list"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(thrown_away=self.draft, **kwargs)
