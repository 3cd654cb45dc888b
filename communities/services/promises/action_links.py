"""The link in a mail behind which an action's owner says how it went."""

from communities import links
from communities.models import Action, Community
from communities.services.communities import CommunityClosed
from cop_portal.refusals import Refusal


class ActionLinkNotKnown(Refusal):
    """A link leads to one action, or nowhere."""


def with_link(action: Action) -> Action:
    """The action, with the hash of its link noted, so that the link in a mail about it is known."""
    if action.link_hash is None:
        action.link_hash = links.hash_of(token_of(action))
        Action.objects.filter(pk=action.pk).update(link_hash=action.link_hash)
    return action


def token_of(action: Action) -> str:
    """The token of the present owner's link. In memory only."""
    return links.token_for(links.ACTION, action.pk, action.link_generation)


def action_behind(token: str) -> Action:
    """The action that this link is about."""
    known = Action.objects.select_related("community", "owner__user")
    # A private action is in no mail; a link that was sent before it became so shows nothing of it any more. Neither
    # does that of someone who has been erased since.
    action = known.filter(link_hash=links.hash_of(token), is_private=False, owner__erased_on=None).first()
    if action is None:
        raise ActionLinkNotKnown(
            "Perhaps it was cut off in the mail, or someone else has taken the action on since. Sign in to see what "
            "is yours to do.",
            code="action_link_not_known",
        )
    if action.community.state == Community.State.CLOSED:
        raise CommunityClosed(
            f"{action.community.name} has closed since this was sent. There is nothing left for you to do.",
            code="community_closed",
        )
    return action
