"""/network/erasures/: who asked for their data to be erased, what that would do, and what makes it wait."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import ListView

from communities.forms.people import DecideErasureForm, HoldForm
from communities.models import ErasureRequest, LegalHold
from communities.permissions import Permission
from communities.services.people.erasure import (
    NoReasonSaid,
    ask_for_erasure,
    carry_out_erasure,
    decline_erasure,
    lift_hold,
    place_hold,
)
from communities.services.people.remains import mentions_of, preview_erasure
from communities.views.people.records import AboutPerson
from cop_portal.accounts.access import PermissionRequired
from cop_portal.accounts.forms import ConfirmForm
from cop_portal.accounts.views.own import signed_in_user
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal


class ErasureList(PermissionRequired, ListView[ErasureRequest]):
    """Who is waiting, since when? The longest waiting first; what was decided below."""

    permission: ClassVar[str] = Permission.DECIDE_ERASURE
    template_name = "communities/erasures.html"
    paginate_by = settings.PAGE_SIZE

    def get_queryset(self) -> QuerySet[ErasureRequest]:
        requests = ErasureRequest.objects.visible_to(signed_in_user(self.request)).with_hold()
        return requests.select_related("person__user", "decided_by").order_by("decided_at", "asked_at", "pk")


class DecideErasure(PermissionRequired, ServiceFormView):
    """What would it do, and is it right to do it?"""

    permission: ClassVar[str] = Permission.DECIDE_ERASURE
    form_class = DecideErasureForm
    submit_label = "Continue"
    template_name = "communities/decide_erasure.html"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {NoReasonSaid: "because"}

    @cached_property
    def erasure(self) -> ErasureRequest:
        requests = ErasureRequest.objects.visible_to(signed_in_user(self.request)).with_hold()
        return get_object_or_404(requests.select_related("person__user", "decided_by"), pk=self.kwargs["pk"])

    def get_heading(self) -> str:
        return f"Erasure of {self.erasure.person.name}"

    def get_cancel_url(self) -> str:
        return reverse("communities:erasure-list")

    def perform(self, form: Any) -> HttpResponse:
        by, now = signed_in_user(self.request), clock.now()
        if form.cleaned_data["decision"] == "decline":
            decline_erasure(request=self.erasure, because=form.cleaned_data["because"], by=by, now=now)
            messages.success(self.request, "The request has been declined, and a mail says why.")
        else:
            carry_out_erasure(request=self.erasure, by=by, now=now)
            messages.success(self.request, "Done. What is left is a former member.")
        return HttpResponseRedirect(self.get_cancel_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_waiting = self.erasure.state == ErasureRequest.State.ASKED
        person = self.erasure.person
        return super().get_context_data(
            erasure=self.erasure,
            preview=preview_erasure(person) if is_waiting else None,
            mentions=mentions_of(person) if is_waiting else [],
            **kwargs,
        )


class AskForPerson(AboutPerson, ServiceFormView):
    """Someone asked by letter, by mail or by telephone."""

    permission: ClassVar[str] = Permission.DECIDE_ERASURE
    form_class = ConfirmForm
    submit_label = "Enter the request"
    template_name = "communities/ask_for_person.html"

    def get_heading(self) -> str:
        return f"{self.person.name} asked for erasure"

    def perform(self, form: Any) -> HttpResponse:
        request = ask_for_erasure(person=self.person, by=signed_in_user(self.request), now=clock.now())
        messages.success(self.request, "The request has been entered, and a mail says so.")
        return HttpResponseRedirect(reverse("communities:decide-erasure", args=[request.pk]))


class PlaceHold(AboutPerson, ServiceFormView):
    """Why must nothing about this person be deleted?"""

    permission: ClassVar[str] = Permission.HOLD_RECORDS
    form_class = HoldForm
    submit_label = "Place the hold"
    template_name = "communities/place_hold.html"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {NoReasonSaid: "reason"}

    def get_heading(self) -> str:
        return f"Legal hold on the record of {self.person.name}"

    def perform(self, form: Any) -> HttpResponse:
        by = signed_in_user(self.request)
        place_hold(person=self.person, reason=form.cleaned_data["reason"], by=by, now=clock.now())
        messages.success(self.request, "The hold is in place. Nothing about this person is deleted until it is lifted.")
        return HttpResponseRedirect(self.get_cancel_url())


class LiftHold(AboutPerson, ServiceFormView):
    """Is the reason over?"""

    permission: ClassVar[str] = Permission.HOLD_RECORDS
    form_class = ConfirmForm
    submit_label = "Lift the hold"
    template_name = "communities/lift_hold.html"

    def get_heading(self) -> str:
        return f"Lift the legal hold on the record of {self.person.name}"

    @cached_property
    def hold(self) -> LegalHold:
        holds = LegalHold.objects.filter(person=self.person).order_by("-placed_at", "-pk")
        return get_object_or_404(holds, pk=self.kwargs["hold"])

    def perform(self, form: Any) -> HttpResponse:
        lift_hold(hold=self.hold, by=signed_in_user(self.request), now=clock.now())
        messages.success(self.request, "The hold has been lifted.")
        return HttpResponseRedirect(self.get_cancel_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(hold=self.hold, **kwargs)
