"""Keys to the pseudonyms of confidential surveys: which there are, until when, and legal holds on them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import ListView

from cop_portal.accounts.access import PermissionRequired
from cop_portal.accounts.forms import ConfirmForm
from cop_portal.accounts.views.own import signed_in_user
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal
from evaluations.forms.own_answers import HoldKeyForm
from evaluations.models import PseudonymKey
from evaluations.permissions import Permission
from evaluations.services.keys.pseudonym_keys import NoReasonForHold, hold_key, lift_key_hold


class PseudonymKeys(PermissionRequired, ListView[PseudonymKey]):
    """Which keys are there, and when do they end?"""

    permission: ClassVar[str] = Permission.HOLD_PSEUDONYM_KEYS
    template_name = "evaluations/pseudonym_keys.html"
    paginate_by = settings.PAGE_SIZE

    def get_queryset(self) -> QuerySet[PseudonymKey]:
        return PseudonymKey.objects.select_related("community", "instrument").newest_first()


class OfPseudonymKey(PermissionRequired):
    """A form about one key, or 404."""

    permission: ClassVar[str] = Permission.HOLD_PSEUDONYM_KEYS
    kwargs: dict[str, Any]

    @cached_property
    def key(self) -> PseudonymKey:
        return get_object_or_404(PseudonymKey.objects.select_related("community", "instrument"), pk=self.kwargs["pk"])

    def get_cancel_url(self) -> str:
        return reverse("evaluations:pseudonym-keys")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(key=self.key, **kwargs)  # type: ignore[misc]
        return context


class HoldKey(OfPseudonymKey, ServiceFormView):
    """Why must this key not end on its day?"""

    form_class = HoldKeyForm
    heading = "Legal hold on a key"
    submit_label = "Place the hold"
    template_name = "evaluations/hold_key.html"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {NoReasonForHold: "because"}

    def perform(self, form: Any) -> HttpResponse:
        because = form.cleaned_data["because"]
        hold_key(key=self.key, because=because, by=signed_in_user(self.request), now=clock.now())
        messages.success(self.request, "The hold is in place. The key is not destroyed until it is lifted.")
        return HttpResponseRedirect(self.get_cancel_url())


class LiftKeyHold(OfPseudonymKey, ServiceFormView):
    """Is the reason over?"""

    form_class = ConfirmForm
    heading = "Lift the legal hold on a key"
    submit_label = "Lift the hold"
    template_name = "evaluations/lift_key_hold.html"

    def perform(self, form: Any) -> HttpResponse:
        lift_key_hold(key=self.key, by=signed_in_user(self.request), now=clock.now())
        messages.success(self.request, "The hold has been lifted.")
        return HttpResponseRedirect(self.get_cancel_url())
