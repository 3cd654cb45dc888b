"""Asking to join a community, and deciding about those who ask."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import ListView

from communities.forms.communities import NothingToSayForm
from communities.forms.joining import AskToJoinForm, DecideRequestForm
from communities.models import Community, JoinRequest
from communities.permissions import Permission
from communities.services.joining.join_requests import (
    NoReasonToDecline,
    accept_request,
    ask_to_join,
    decline_request,
    withdraw_request,
)
from communities.services.people.membership import ProfessionNotSaid, is_described
from communities.views.in_community import InCommunity, reader
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal


class OpenCommunities(ListView[Community]):
    """Which communities could I ask to join? Of each its name and purpose, and no more."""

    signed_in = True
    template_name = "communities/open_communities.html"
    paginate_by = settings.PAGE_SIZE

    def get_queryset(self) -> QuerySet[Community]:
        return Community.objects.open_to_ask(reader(self.request)).order_by("name")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        mine = JoinRequest.objects.waiting().filter(user=reader(self.request))
        asked = {request.community_id: request for request in mine}
        return context | {"rows": [(community, asked.get(community.pk)) for community in context["object_list"]]}


class AskToJoin(ServiceFormView):
    signed_in = True
    template_name = "communities/ask_to_join.html"
    form_class = AskToJoinForm
    submit_label = "Ask to join"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {ProfessionNotSaid: "professional_group"}
    community: Community

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.community = get_object_or_404(Community.objects.open_to_ask(reader(request)), slug=kwargs["slug"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"is_known": is_described(reader(self.request))}

    def get_heading(self) -> str:
        return f"Ask to join {self.community.name}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # Under another name than the pages of a community: whoever asks does not see its menu.
        return super().get_context_data(wanted=self.community, **kwargs)

    def perform(self, form: AskToJoinForm) -> HttpResponse:
        words = form.cleaned_data["words"]
        ask_to_join(community=self.community, words=words, by=reader(self.request), now=clock.now(), **form.about_me)
        messages.success(self.request, "Thank you. A facilitator will look at your request, and we will write to you.")
        return redirect("communities:open-communities")

    def get_cancel_url(self) -> str:
        return reverse("communities:open-communities")


class WithdrawRequest(ServiceFormView):
    """Takes back what one asked oneself."""

    signed_in = True
    form_class = NothingToSayForm
    submit_label = "Take it back"
    join_request: JoinRequest

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        asked = JoinRequest.objects.filter(user=request.user.pk).select_related("community", "user")
        self.join_request = get_object_or_404(asked, pk=kwargs["pk"])

    def get_heading(self) -> str:
        return f"Take back your request to join {self.join_request.community.name}"

    def perform(self, form: Form) -> HttpResponse:
        withdraw_request(request=self.join_request, by=reader(self.request), now=clock.now())
        messages.success(self.request, "Your request has been taken back.")
        return redirect("communities:open-communities")

    def get_cancel_url(self) -> str:
        return reverse("communities:open-communities")


class JoinRequestList(InCommunity, ListView[JoinRequest]):
    """Who asks to join? The longest waiting first; or, with `?show=decided`, what was decided."""

    permission = Permission.DECIDE_REQUEST
    template_name = "communities/join_request_list.html"
    current: ClassVar[str] = "members"
    paginate_by = settings.PAGE_SIZE

    @property
    def is_decided(self) -> bool:
        return self.request.GET.get("show") == "decided"

    def get_queryset(self) -> QuerySet[JoinRequest]:
        asked = JoinRequest.objects.filter(community=self.community).select_related(
            "user", "organisation", "professional_group", "brought_by", "decided_by", "membership__person__user"
        )
        if self.is_decided:
            return asked.exclude(state=JoinRequest.State.WAITING).order_by("-decided_at", "-pk")
        return asked.waiting().oldest_first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(is_decided=self.is_decided, **kwargs)


class DecideRequest(InCommunity, ServiceFormView):
    """Accept or decline: a choice without a default."""

    permission = Permission.DECIDE_REQUEST
    template_name = "communities/decide_request.html"
    current: ClassVar[str] = "members"
    form_class = DecideRequestForm
    submit_label = "Decide"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {NoReasonToDecline: "because"}
    join_request: JoinRequest

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        asked = JoinRequest.objects.visible_to(self.user).filter(community=self.community)
        asked = asked.select_related("user", "organisation", "professional_group", "brought_by")
        self.join_request = get_object_or_404(asked, pk=kwargs["pk"])
        self.join_request.community = self.community

    def get_heading(self) -> str:
        return f"{self.join_request.asked_by or 'Someone'} asks to join"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(join_request=self.join_request, **kwargs)

    def perform(self, form: DecideRequestForm) -> HttpResponse:
        if form.is_yes:
            member = accept_request(request=self.join_request, by=self.user, now=clock.now())
            words = f"{member.person.name} is now a member, and a mail will tell them so."
        else:
            because = form.cleaned_data["because"]
            decline_request(request=self.join_request, because=because, by=self.user, now=clock.now())
            words = "The request has been declined."
        messages.success(self.request, words)
        return redirect("communities:join-requests", self.community.slug)

    def get_cancel_url(self) -> str:
        return reverse("communities:join-requests", args=[self.community.slug])
