"""What a merge of two records does to invitations and answers, and what the page before it says of them."""

from __future__ import annotations

from communities.models import Person
from communities.services.people.journal import Journal
from communities.services.people.merging import MergeWaits
from evaluations.keys import KeyTrouble
from evaluations.links import token_for
from evaluations.models import Invitation, Survey
from evaluations.services.answers import drafts, named

# The same of everybody: so that the page tells nothing of what anyone was asked or has answered.
WITHHELD = (
    "Answers to confidential surveys from before are not shown in the joined record, nor can they be changed there: "
    "otherwise whoever reads the mail of one could read what the other has answered. Once this can no longer be "
    "undone they can be erased there. Undoing gives each record its own again, except to surveys open meanwhile."
)
COUNTED_ONCE = (
    "Where both were asked in one survey, one person counts once: by the answers of the record that is kept or, where "
    "it sent none, by those of the other. In an anonymous survey both are counted, because nobody can tell which are "
    "theirs, and only one of them counts towards the minimum."
)
CLEARED = (
    "What either has begun to answer in an open survey and not sent is cleared, so that nobody else comes to read it."
)
WORDS = (WITHHELD, COUNTED_ONCE, CLEARED)


def mend_answers(kept: Person, merged: Person, journal: Journal) -> None:
    """After a merge, and after it was undone: no draft can be read by another record than the one it was begun under,
    and named answers are with the invitation that they answer."""
    _clear_drafts([kept, merged])
    named.follow_invitations([kept, merged], journal)


def _clear_drafts(people: list[Person]) -> None:
    asked = Invitation.objects.filter(person__in=people, survey__state=Survey.State.OPEN)
    for invitation in asked.select_related("survey").order_by("survey", "pk"):
        try:
            drafts.clear(token_for(invitation))
        except KeyTrouble:
            raise MergeWaits(
                "The keys of a survey that is open cannot be read at the moment, so what has been begun there cannot "
                "be cleared. Try again once staff have put that right.",
                code="keys_not_safe",
            ) from None
