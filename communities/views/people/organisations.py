"""/network/organisations/: who from here is in which communities. For HIN staff."""

from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.views.generic import ListView

from communities.forms.people import PeopleSearchForm
from communities.models import Membership, Organisation
from communities.organisations import PEOPLE_RULE, matching, members_from, with_people
from communities.permissions import Permission
from cop_portal.accounts.access import PermissionRequired


class OrganisationList(PermissionRequired, ListView[Organisation]):
    """Which organisations take part? Those that anyone works at; all of them by search."""

    permission: ClassVar[str] = Permission.SEE_ORGANISATIONS
    template_name = "communities/organisations.html"
    paginate_by = settings.PAGE_SIZE

    def get_queryset(self) -> QuerySet[Organisation]:
        self.form = PeopleSearchForm(self.request.GET)
        self.form.fields["q"].label = "Name or ODS code"
        words = self.form.cleaned_data["q"] if self.form.is_valid() else ""
        return with_people(matching(words)).order_by("name")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(form=self.form, people_rule=PEOPLE_RULE, **kwargs)


class OrganisationPage(PermissionRequired, ListView[Membership]):
    """Who from here is in which communities?"""

    permission: ClassVar[str] = Permission.SEE_ORGANISATIONS
    template_name = "communities/organisation.html"
    paginate_by = settings.PAGE_SIZE

    @cached_property
    def organisation(self) -> Organisation:
        return get_object_or_404(Organisation, pk=self.kwargs["pk"])

    def get_queryset(self) -> QuerySet[Membership]:
        return members_from(self.organisation)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(organisation=self.organisation, **kwargs)
