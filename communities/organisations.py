"""Organisations, and who from each is in which communities today."""

from django.db.models import Count, F, Q, QuerySet

from communities.models import Membership, Organisation

PEOPLE_RULE = (
    "People: those who work there today and are a member of a community today. Communities: those in which at least "
    "one of them is a member."
)


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


def members_from(organisation: Organisation) -> QuerySet[Membership]:
    """The memberships of today of those who work there today, by community and name."""
    here = Membership.objects.current().filter(
        person__affiliations__organisation=organisation, person__affiliations__ends_on=None
    )
    named = here.select_related("community", "person__user").annotate(
        works_as=F("person__affiliations__professional_group__name")
    )
    return named.order_by("community__name", "person__user__name", "pk")
