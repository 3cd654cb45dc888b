"""Who is and was in the communities, and where they worked."""

from collections.abc import Iterator

from allauth.account.models import EmailAddress
from django.db.models import Q

from communities.exports.tables import Cells, Column, Scope, Table, day, labelled, moment, number, yes_no
from communities.models import (
    Affiliation,
    Community,
    CommunityChange,
    Membership,
    Organisation,
    Pause,
    Person,
    ProfessionalGroup,
    Programme,
    RoleTerm,
)

WHERE = (Column("community", "Community"),)


def _communities(scope: Scope) -> Iterator[Cells]:
    for one in Community.objects.filter(scope.narrowed("pk")).order_by("name"):
        yield (
            one.slug, one.name, one.get_state_display(), one.purpose, one.domain, one.host, one.founded,
            one.launched_on, one.rhythm_weeks, one.rhythm_nth, one.rhythm_weekday, one.is_open_to_ask, one.closed_on,
            one.closing_note,
        )  # fmt: skip


def _programmes(scope: Scope) -> Iterator[Cells]:
    rows = Programme.objects.filter(scope.narrowed()).order_by("community__name", "position", "pk")
    yield from rows.values_list("community__slug", "name", "url")


def _pauses(scope: Scope) -> Iterator[Cells]:
    rows = Pause.objects.filter(scope.narrowed()).order_by("community__name", "starts_on", "pk")
    yield from rows.values_list("community__slug", "because", "starts_on", "look_again_on", "ends_on")


def _changes(scope: Scope) -> Iterator[Cells]:
    rows = CommunityChange.objects.filter(scope.narrowed()).order_by("community__name", "at", "pk")
    for slug, what, at, version, note in rows.values_list("community__slug", "what", "at", "version", "note"):
        yield slug, labelled(what, CommunityChange.What), at, version, note


def _members(scope: Scope) -> Iterator[Cells]:
    primary = EmailAddress.objects.filter(scope.narrowed("user__person__memberships__community"), primary=True)
    addresses = dict(primary.values_list("user", "email"))
    rows = Membership.objects.filter(scope.narrowed()).with_people().select_related("community")
    for one in rows.order_by("community__name", "person__user__name", "pk"):
        works = one.person.current_affiliations[0] if one.person.current_affiliations else None
        named = one.person_id not in scope.unnamed
        yield (
            one.community.slug,
            one.pk,
            scope.name_of(one.person),
            addresses.get(one.person.user_id) if named else None,
            works.organisation.name if named and works and works.organisation else None,
            works.professional_group.name if works else None,
            one.starts_on,
            one.ends_on,
            one.added_on,
            one.get_came_by_display(),
        )


def _roles(scope: Scope) -> Iterator[Cells]:
    rows = RoleTerm.objects.filter(scope.narrowed()).select_related("community", "person__user")
    for one in rows.order_by("community__name", "role", "starts_on", "pk"):
        yield (
            one.community.slug, scope.name_of(one.person), one.get_role_display(), one.starts_on, one.ends_on,
        )  # fmt: skip


def _affiliations(scope: Scope) -> Iterator[Cells]:
    """Where those who are or were members worked, and when."""
    theirs = (
        Q() if scope.community is None else Q(person__in=Membership.objects.filter(scope.narrowed()).values("person"))
    )
    rows = Affiliation.objects.filter(theirs).select_related("person__user", "organisation", "professional_group")
    for one in rows.order_by("person__user__name", "person", "starts_on", "pk"):
        named = one.person_id not in scope.unnamed
        yield (
            one.person_id if named else None,
            scope.name_of(one.person),
            one.organisation.name if named and one.organisation else None,
            one.professional_group.name,
            one.starts_on,
            one.ends_on,
        )


def _organisations(scope: Scope) -> Iterator[Cells]:
    yield from Organisation.objects.order_by("name").values_list("name", "ods_code")


def _groups(scope: Scope) -> Iterator[Cells]:
    yield from ProfessionalGroup.objects.order_by("position", "name").values_list("code", "name", "source")


TABLES = (
    Table(
        "communities",
        "Communities",
        (
            *WHERE,
            Column("name", "Name"),
            Column("state", "State"),
            Column("purpose", "Purpose"),
            Column("domain", "What it is about"),
            Column("host", "Host"),
            Column("founded", "Founded"),
            day("launched_on", "Launched"),
            number("rhythm_weeks", "Planned weeks between sessions"),
            number("rhythm_nth", "Planned: which of the month"),
            number("rhythm_weekday", "Planned: weekday (0 is Monday)"),
            yes_no("is_open_to_ask", "People may ask to join"),
            day("closed_on", "Closed"),
            Column("closing_note", "Closing note"),
        ),
        _communities,
        (Community,),
    ),
    Table(
        "programmes",
        "Improvement programmes",
        (*WHERE, Column("name", "Programme"), Column("url", "Link")),
        _programmes,
        (Programme,),
    ),
    Table(
        "pauses",
        "Pauses",
        (
            *WHERE,
            Column("because", "Why"),
            day("starts_on", "Paused from"),
            day("look_again_on", "To look at again on"),
            day("ends_on", "Resumed on"),
        ),
        _pauses,
        (Pause,),
    ),
    Table(
        "community-changes",
        "What changed in communities",
        (
            *WHERE,
            Column("what", "What"),
            moment("at", "When"),
            number("version", "Version"),
            Column("note", "Note"),
        ),
        _changes,
        (CommunityChange,),
    ),
    Table(
        "members",
        "Members, now and before",
        (
            *WHERE,
            number("membership", "Membership"),
            Column("name", "Name"),
            Column("email", "Mail address"),
            Column("organisation", "Organisation now"),
            Column("professional_group", "Professional group now"),
            day("starts_on", "Member since"),
            day("ends_on", "Member until"),
            day("added_on", "Entered on"),
            Column("came_by", "How they came"),
        ),
        _members,
        (Membership, Person),
    ),
    Table(
        "roles",
        "Facilitators and sponsors, now and before",
        (*WHERE, Column("name", "Name"), Column("role", "Role"), day("starts_on", "From"), day("ends_on", "Until")),
        _roles,
        (RoleTerm,),
    ),
    Table(
        "affiliations",
        "Where members worked, and as what",
        (
            number("person", "Person"),
            Column("name", "Name"),
            Column("organisation", "Organisation"),
            Column("professional_group", "Professional group"),
            day("starts_on", "From"),
            day("ends_on", "Until"),
        ),
        _affiliations,
        (Affiliation,),
    ),
    Table(
        "organisations",
        "Organisations",
        (Column("name", "Name"), Column("ods_code", "ODS code")),
        _organisations,
        (Organisation,),
    ),
    Table(
        "professional-groups",
        "Professional groups",
        (Column("code", "Code"), Column("name", "Name"), Column("source", "Source")),
        _groups,
        (ProfessionalGroup,),
    ),
)
