"""What a person reads about themselves at /me/ beside name and addresses."""

from django.urls import reverse

from communities.models import Affiliation, Person
from cop_portal.accounts.models import User
from cop_portal.accounts.own_details import Detail, OwnLink

OWN_LINKS = (
    OwnLink("me", "My participation: sessions, hours and learning", "communities:my-participation"),
    OwnLink("me", "Your sessions in your own calendar", "communities:my-calendar"),
    OwnLink("own_data", "Ask for your data to be erased", "communities:ask-for-erasure"),
)


def affiliation_of(user: User) -> list[Detail]:
    """Where `user` works, and as what. One query; two where nothing is entered."""
    found = (
        Affiliation.objects.current()
        .filter(person__user=user)
        .select_related("organisation", "professional_group")
        .order_by("pk")
        .first()
    )
    change = reverse("communities:my-affiliation")
    if found is None:
        is_person = Person.objects.filter(user=user).exists()
        return [Detail("Where you work", "Not entered", change)] if is_person else []
    place = found.organisation.name if found.organisation else "No organisation, or not listed"
    return [Detail("Where you work", place, change), Detail("Professional group", found.professional_group.name)]
