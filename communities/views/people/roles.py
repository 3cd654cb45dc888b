"""Who facilitates and who sponsors a community: now, and before."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import ListView

from communities.forms.fields import members_as_choices
from communities.forms.joining import AppointForm, EndTermForm
from communities.models import Membership, RoleTerm
from communities.permissions import Permission
from communities.services.people.membership import NameNotSaid, ProfessionNotSaid
from communities.services.people.roles import (
    AlreadyAppointed,
    LastFacilitator,
    TermEndsOutOfOrder,
    TermsOverlap,
    TermStartsInTheFuture,
    appoint,
    appoint_by_address,
    end_term,
)
from communities.views.in_community import InCommunity
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal


class RoleList(InCommunity, ListView[RoleTerm]):
    """Who runs this community and who sponsors it; those whose term has ended last."""

    permission = Permission.SEE_NAMES
    template_name = "communities/role_list.html"
    current: ClassVar[str] = "members"
    paginate_by = settings.PAGE_SIZE

    def get_queryset(self) -> QuerySet[RoleTerm]:
        terms = RoleTerm.objects.filter(community=self.community).select_related("person__user")
        return terms.order_by(F("ends_on").desc(nulls_first=True), "role", "person__user__name", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            can_appoint=self.may(Permission.APPOINT), can_end=self.may(Permission.END_TERM), **kwargs
        )


class Appoint(InCommunity, ServiceFormView):
    permission = Permission.APPOINT
    template_name = "communities/member_form.html"
    current: ClassVar[str] = "members"
    form_class = AppointForm
    heading = "Appoint a facilitator or a sponsor"
    submit_label = "Appoint this person"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {
        AlreadyAppointed: "role",
        TermStartsInTheFuture: "starts_on",
        TermsOverlap: "starts_on",
        NameNotSaid: "name",
        ProfessionNotSaid: "professional_group",
    }

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.members = list(Membership.objects.current().filter(community=self.community).with_people())

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": clock.today()}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"members": members_as_choices(self.members)}

    def perform(self, form: AppointForm) -> HttpResponse:
        said = form.cleaned_data
        how: dict[str, Any] = {"community": self.community, "by": self.user, "now": clock.now()}
        how |= {"role": said["role"], "starts_on": said["starts_on"]}
        chosen = next((member for member in self.members if str(member.pk) == said["member"]), None)
        if chosen is not None:
            term = appoint(person=chosen.person, **how)
        else:
            term = appoint_by_address(email=said["email"], **form.about_me, **how)
        words = f"{term.person.name} is now {term.get_role_display().lower()}, and a mail will tell them so."
        messages.success(self.request, words)
        return redirect("communities:role-list", self.community.slug)

    def get_cancel_url(self) -> str:
        return reverse("communities:role-list", args=[self.community.slug])


class EndTerm(InCommunity, ServiceFormView):
    permission = Permission.END_TERM
    template_name = "communities/member_form.html"
    current: ClassVar[str] = "members"
    form_class = EndTermForm
    submit_label = "End this term"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {TermEndsOutOfOrder: "ends_on", LastFacilitator: "ends_on"}
    term: RoleTerm

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        terms = RoleTerm.objects.visible_to(self.user).filter(community=self.community)
        self.term = get_object_or_404(terms.select_related("person__user"), pk=kwargs["pk"])
        self.term.community = self.community

    def get_initial(self) -> dict[str, Any]:
        return {"ends_on": clock.today()}

    def get_heading(self) -> str:
        return f"End the term of {self.term.person.name} as {self.term.get_role_display().lower()}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = "The term stays in the community’s history. If they are a member, they stay one."
        return super().get_context_data(words=words, **kwargs)

    def perform(self, form: EndTermForm) -> HttpResponse:
        end_term(term=self.term, ends_on=form.cleaned_data["ends_on"], by=self.user, now=clock.now())
        words = f"{self.term.person.name} is no longer {self.term.get_role_display().lower()}."
        messages.success(self.request, words)
        # Whoever ended their own term may not see this community any more.
        still = self.term.person.user_id != self.user.pk
        return redirect("communities:role-list", self.community.slug) if still else redirect("home")

    def get_cancel_url(self) -> str:
        return reverse("communities:role-list", args=[self.community.slug])
