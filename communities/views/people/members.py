"""Who is in a community: the list, adding someone, ending a membership."""

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import ListView

from communities.forms.members import AddMemberForm, EndMembershipForm
from communities.models import Membership, RoleTerm
from communities.permissions import Permission
from communities.services.people.membership import (
    AlreadyMember,
    EndsOutOfOrder,
    EpisodesOverlap,
    PresentAfterwards,
    StartsInTheFuture,
    add_member,
    end_membership,
)
from communities.views.in_community import InCommunity
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal


class MemberList(InCommunity, ListView[Membership]):
    """Who are we? By name."""

    permission = Permission.SEE_NAMES
    template_name = "communities/member_list.html"
    current: ClassVar[str] = "members"
    paginate_by = settings.PAGE_SIZE

    def get_queryset(self) -> QuerySet[Membership]:
        primary = EmailAddress.objects.filter(user=OuterRef("person__user"), primary=True).values("email")
        members = Membership.objects.current().filter(community=self.community).with_people()
        return members.annotate(address=Subquery(primary[:1]))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        terms = RoleTerm.objects.current().filter(community=self.community).select_related("person__user")
        return super().get_context_data(
            terms=terms.order_by("role", "person__user__name"),
            sees_addresses=self.may(Permission.SEE_ADDRESSES),
            can_add=self.may(Permission.ADD_MEMBER),
            can_end=self.may(Permission.END_MEMBERSHIP),
            **kwargs,
        )


class AddMember(InCommunity, ServiceFormView):
    permission = Permission.ADD_MEMBER
    template_name = "communities/add_member.html"
    current: ClassVar[str] = "members"
    form_class = AddMemberForm
    heading = "Add a member"
    submit_label = "Add this person"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {
        AlreadyMember: "email",
        StartsInTheFuture: "starts_on",
        EpisodesOverlap: "starts_on",
    }

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": clock.today()}

    def perform(self, form: AddMemberForm) -> HttpResponse:
        member = add_member(community=self.community, by=self.user, now=clock.now(), **form.cleaned_data)
        messages.success(self.request, f"{member.person.name} is now a member, and a mail will tell them so.")
        return redirect("communities:member-list", self.community.slug)

    def get_cancel_url(self) -> str:
        return reverse("communities:member-list", args=[self.community.slug])


class EndMembership(InCommunity, ServiceFormView):
    """Asks for the date, and says what stays."""

    permission = Permission.END_MEMBERSHIP
    template_name = "communities/end_membership.html"
    current: ClassVar[str] = "members"
    form_class = EndMembershipForm
    submit_label = "End the membership"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {EndsOutOfOrder: "ends_on", PresentAfterwards: "ends_on"}
    membership: Membership

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        members = Membership.objects.visible_to(self.user).filter(community=self.community)
        self.membership = get_object_or_404(members.select_related("person__user"), pk=kwargs["pk"])
        self.membership.community = self.community

    def get_initial(self) -> dict[str, Any]:
        return {"ends_on": clock.today()}

    def get_heading(self) -> str:
        return f"End the membership of {self.membership.person.name}"

    def perform(self, form: EndMembershipForm) -> HttpResponse:
        end_membership(membership=self.membership, ends_on=form.cleaned_data["ends_on"], by=self.user, now=clock.now())
        messages.success(self.request, f"{self.membership.person.name} is no longer a member.")
        return redirect("communities:member-list", self.community.slug)

    def get_cancel_url(self) -> str:
        return reverse("communities:member-list", args=[self.community.slug])
