"""Pages about oneself that need the communities: what one took part in, leaving, and asking for erasure."""

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.generic import View

from communities.forms.people import AskForErasureForm, LeaveForm, PeriodForm
from communities.models import ErasureRequest, Person
from communities.participation import HOURS_RULE, participation_of
from communities.permissions import Permission
from communities.services.people.erasure import ask_for_erasure, withdraw_erasure
from communities.services.people.leaving import leave_community, ties_of
from communities.services.people.remains import preview_erasure
from communities.views.in_community import InCommunity
from cop_portal.accounts.forms import ConfirmForm
from cop_portal.accounts.views.own import OwnPage, signed_in_user
from cop_portal.design.views import MALFORMED, ServiceFormView
from cop_portal.installation import clock

A_YEAR = timedelta(days=365)


class MyParticipation(View):
    """What did I take part in, for how long, and what was learned? For revalidation or appraisal."""

    signed_in = True

    def get(self, request: HttpRequest) -> HttpResponse:
        today = clock.today()
        asked = PeriodForm(request.GET or None, initial={"since": today - A_YEAR, "until": today})
        period = asked.cleaned_data if asked.is_valid() else asked.initial
        me = signed_in_user(request)
        context = {
            "form": asked,
            "me": me,
            "participation": participation_of(me, since=period["since"], until=period["until"]),
            "hours_rule": HOURS_RULE,
            "today": today,
        }
        status = MALFORMED if asked.is_bound and not asked.is_valid() else 200
        return render(request, "communities/participation.html", context, status=status)


class AskForErasure(OwnPage):
    """What would go, what would stay, and do I want it?"""

    form_class = AskForErasureForm
    heading = "Ask for your data to be erased"
    submit_label = "Continue"
    template_name = "communities/ask_for_erasure.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not Person.objects.filter(user=self.me).exists():
            words = "You are in no community’s records. An administrator can remove your account: ask one."
            messages.info(request, words)
            return HttpResponseRedirect(self.get_cancel_url())
        return super().get(request, *args, **kwargs)

    def get_person(self) -> Person:
        return get_object_or_404(Person.objects.select_related("user"), user=self.me)

    def get_cancel_url(self) -> str:
        return reverse("accounts:own-data")

    def perform(self, form: Any) -> HttpResponse:
        if form.cleaned_data["sure"] == "no":
            return self.done("Nothing has been asked for. Everything stays as it is.")
        ask_for_erasure(person=self.get_person(), by=self.me, now=clock.now())
        messages.success(self.request, "You have asked for your data to be erased. HIN staff will answer by mail.")
        return HttpResponseRedirect(reverse("communities:ask-for-erasure"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = self.get_person()
        requests = ErasureRequest.objects.visible_to(self.me).filter(person=person).with_hold()
        return super().get_context_data(preview=preview_erasure(person), waiting=requests.waiting().first(), **kwargs)


class WithdrawErasure(OwnPage):
    """I have thought better of it."""

    form_class = ConfirmForm
    heading = "Take your request back"
    submit_label = "Keep my data"
    template_name = "communities/withdraw_erasure.html"

    def get_cancel_url(self) -> str:
        return reverse("communities:ask-for-erasure")

    def perform(self, form: Any) -> HttpResponse:
        newest = ErasureRequest.objects.filter(person__user=self.me).order_by("-asked_at", "-pk").first()
        if newest is None:
            raise Http404
        withdraw_erasure(request=newest, by=self.me, now=clock.now())
        return self.done("You have taken your request back. Nothing will be erased.")


class LeaveCommunity(InCommunity, ServiceFormView):
    """What would leaving end, and what would it leave behind?"""

    permission = Permission.LEAVE_COMMUNITY
    form_class = LeaveForm
    submit_label = "Continue"
    template_name = "communities/leave_community.html"
    current: ClassVar[str] = "overview"

    def get_heading(self) -> str:
        return f"Leave {self.community.name}"

    def get_cancel_url(self) -> str:
        return self.community.get_absolute_url()

    def perform(self, form: Any) -> HttpResponse:
        if form.cleaned_data["sure"] == "no":
            messages.success(self.request, f"You are still in {self.community.name}.")
            return HttpResponseRedirect(self.get_cancel_url())
        leave_community(community=self.community, by=self.user, now=clock.now())
        messages.success(self.request, f"You have left {self.community.name}.")
        return HttpResponseRedirect(reverse("communities:community-list"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(ties=ties_of(self.user, self.community), **kwargs)
