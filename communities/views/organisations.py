"""/network/organisations/: who from here is in which communities. For HIN staff."""

from typing import Any, ClassVar

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.views.generic import ListView

from communities.forms.people import PeopleSearchForm
from communities.models import Membership, Organisation
from communities.permissions import Permission
from cop_portal.accounts.access import PermissionRequired

PEOPLE_RULE = (
    "People: those who work there today and are a member of a community today. Communities: those in which at least "
    "one of them is a member."
)


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


def matching(words: str) -> QuerySet[Organisation]:
    """Those whose name or code holds `words`; without words those that anyone works at."""
    if words:
        return Organisation.objects.filter(Q(name__icontains=words) | Q(ods_code__iexact=words))
    return Organisation.objects.filter(affiliations__ends_on=None, affiliations__isnull=False).distinct()


def with_people(organisations: QuerySet[Organisation]) -> QuerySet[Organisation]:
    """With `people_count` and `community_count`, today."""
    here = Q(affiliations__ends_on=None, affiliations__person__memberships__ends_on=None)
    return organisations.annotate(
        people_count=Count("affiliations__person__memberships__person", filter=here, distinct=True),
        community_count=Count("affiliations__person__memberships__community", filter=here, distinct=True),
    )


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


def members_from(organisation: Organisation) -> QuerySet[Membership]:
    """The memberships of today of those who work there today, by community and name."""
    here = Membership.objects.current().filter(
        person__affiliations__organisation=organisation, person__affiliations__ends_on=None
    )
    named = here.select_related("community", "person__user").annotate(
        works_as=F("person__affiliations__professional_group__name")
    )
    return named.order_by("community__name", "person__user__name", "pk")
