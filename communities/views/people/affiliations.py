"""Where someone works: changed by themselves, or by those who run one of their communities."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from communities.forms.people import MOVED, AffiliationForm, affiliation_to_start_with
from communities.models import Affiliation, Membership, Person
from communities.permissions import Permission
from communities.services.people.affiliations import MoveOutOfOrder, NothingMoved, correct_affiliation, move_person
from communities.views.in_community import InCommunity
from cop_portal.accounts.models import User
from cop_portal.accounts.views.own import OwnPage, SavesVersions
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal


class _ChangesAffiliation(SavesVersions, ServiceFormView):
    form_class = AffiliationForm
    template_name = "communities/affiliation.html"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {MoveOutOfOrder: "starts_on", NothingMoved: "organisation"}

    def get_person(self) -> Person:
        raise NotImplementedError

    def changed_by(self) -> User:
        raise NotImplementedError

    def get_initial(self) -> dict[str, Any]:
        return affiliation_to_start_with(self.get_person())

    def current_version(self) -> int:
        return User.objects.values_list("version", flat=True).get(pk=self.get_person().user_id)

    def perform(self, form: Any) -> HttpResponse:
        said = form.cleaned_data
        facts = {name: said[name] for name in ("organisation", "professional_group", "version")}
        facts |= {"person": self.get_person(), "by": self.changed_by(), "now": clock.now()}
        if said["why"] == MOVED:
            move_person(starts_on=said["starts_on"], **facts)
        else:
            correct_affiliation(**facts)
        messages.success(self.request, "Where they work has been changed.")
        return HttpResponseRedirect(self.get_cancel_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        earlier = Affiliation.objects.filter(person=self.get_person()).select_related(
            "organisation", "professional_group"
        )
        return super().get_context_data(earlier=earlier.order_by("-starts_on", "-pk"), **kwargs)


class MyAffiliation(_ChangesAffiliation, OwnPage):
    """Where do I work now?"""

    heading = "Where you work"

    def get_person(self) -> Person:
        return get_object_or_404(Person.objects.select_related("user"), user=self.me)

    def changed_by(self) -> User:
        return self.me


class MoveMember(InCommunity, _ChangesAffiliation):
    """Where does this member work now?"""

    permission = Permission.MOVE_MEMBER
    current: ClassVar[str] = "members"
    membership: Membership

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        members = Membership.objects.visible_to(self.user).filter(community=self.community).current()
        self.membership = get_object_or_404(members.select_related("person__user"), pk=kwargs["pk"])

    def get_heading(self) -> str:
        return f"Where {self.membership.person.name} works"

    def get_person(self) -> Person:
        return self.membership.person

    def changed_by(self) -> User:
        return self.user

    def get_cancel_url(self) -> str:
        return reverse("communities:member-list", args=[self.community.slug])
