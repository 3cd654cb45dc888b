"""What is being asked of a community, for whoever is about to close it."""

from communities.models import Community
from evaluations.models import Survey


def in_the_way_of_closing(community: Community) -> str:
    """A sentence while a survey is open or being closed, else nothing: in a closed community nobody is asked."""
    under_way = Survey.objects.filter(community=community, state__in=[Survey.State.OPEN, Survey.State.CLOSING]).count()
    if not under_way:
        return ""
    words = "A survey is" if under_way == 1 else f"{under_way} surveys are"
    return f"{words} still open. Close or cancel what is open first: in a closed community nobody is asked any more."
