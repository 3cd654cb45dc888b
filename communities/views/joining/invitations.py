"""Whom a community has invited by mail, and what they said."""

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
from communities.forms.joining import InviteMembersForm
from communities.models import MemberInvitation
from communities.permissions import Permission
from communities.services.joining.invitations import (
    AlreadyInvited,
    NobodyToInvite,
    TooManyAtOnce,
    invite_members,
    send_invitation_again,
    withdraw_invitation,
)
from communities.services.people.membership import AlreadyMember
from communities.views.in_community import InCommunity
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal


class InvitationList(InCommunity, ListView[MemberInvitation]):
    """Who has been invited? Those without an answer first."""

    permission = Permission.INVITE_MEMBERS
    template_name = "communities/invitation_list.html"
    current: ClassVar[str] = "members"
    paginate_by = settings.PAGE_SIZE

    def get_queryset(self) -> QuerySet[MemberInvitation]:
        invited = MemberInvitation.objects.filter(community=self.community)
        return invited.select_related("invited_by", "membership__person__user").order_by("-invited_at", "-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today = clock.today()
        return context | {"rows": [(invited, invited.is_open(today)) for invited in context["object_list"]]}


class InviteMembers(InCommunity, ServiceFormView):
    permission = Permission.INVITE_MEMBERS
    template_name = "communities/invite_members.html"
    current: ClassVar[str] = "members"
    form_class = InviteMembersForm
    heading = "Invite people by mail"
    submit_label = "Send the invitations"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = dict.fromkeys(
        (NobodyToInvite, TooManyAtOnce, AlreadyMember, AlreadyInvited), "addresses"
    )

    def perform(self, form: InviteMembersForm) -> HttpResponse:
        emails = form.cleaned_data["addresses"]
        invited = invite_members(community=self.community, emails=emails, by=self.user, now=clock.now())
        words = "1 invitation is" if len(invited) == 1 else f"{len(invited)} invitations are"
        messages.success(self.request, f"{words} on the way.")
        return redirect("communities:invitation-list", self.community.slug)

    def get_cancel_url(self) -> str:
        return reverse("communities:invitation-list", args=[self.community.slug])


class _OneInvitation(InCommunity, ServiceFormView):
    permission = Permission.INVITE_MEMBERS
    template_name = "communities/member_form.html"
    current: ClassVar[str] = "members"
    form_class = NothingToSayForm
    invitation: MemberInvitation

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        invited = MemberInvitation.objects.visible_to(self.user).filter(community=self.community)
        self.invitation = get_object_or_404(invited, pk=kwargs["pk"])
        self.invitation.community = self.community

    def get_cancel_url(self) -> str:
        return reverse("communities:invitation-list", args=[self.community.slug])

    def back(self, words: str) -> HttpResponse:
        messages.success(self.request, words)
        return redirect("communities:invitation-list", self.community.slug)


class WithdrawInvitation(_OneInvitation):
    heading = "Take an invitation back"
    submit_label = "Take it back"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = f"The link that was mailed to {self.invitation.email} opens no more. Nobody is told."
        return super().get_context_data(words=words, **kwargs)

    def perform(self, form: Form) -> HttpResponse:
        withdraw_invitation(invitation=self.invitation, by=self.user, now=clock.now())
        return self.back("The invitation has been taken back.")


class SendInvitationAgain(_OneInvitation):
    heading = "Send an invitation again"
    submit_label = "Send it again"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = (
            f"{self.invitation.email} gets another mail, with a link that opens for 30 days. "
            "The link in the earlier mail opens no more."
        )
        return super().get_context_data(words=words, **kwargs)

    def perform(self, form: Form) -> HttpResponse:
        send_invitation_again(invitation=self.invitation, by=self.user, now=clock.now())
        return self.back("The invitation is on the way again.")
