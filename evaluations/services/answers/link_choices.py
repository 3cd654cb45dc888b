"""What someone says behind their link instead of answering: not me, not this, only what is mine to do.

None of it needs an account, none of it is in anyone's list, and nothing of it says whether an answer came.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from communities.models import RoleTerm
from cop_portal import audit, outbox
from cop_portal.accounts.services.mail_choice import choose_mail
from evaluations import emails, keys, links
from evaluations.links import hash_of
from evaluations.models import Invitation, Survey
from evaluations.services.answers import drafts, named
from evaluations.services.answers.answering import hold_open, not_known, stopped, survey_closed
from evaluations.services.surveys.mailing import addresses_of


def invitation_behind(token: str) -> Invitation:
    """Whose link this is, while its survey is open. Raises LinkNotKnown, SurveyClosed. Changes nothing."""
    found = Invitation.objects.filter(token_hash=hash_of(token))
    invitation = found.select_related("survey__community", "survey__version", "person__user").first()
    if invitation is None:
        raise not_known()
    if invitation.survey.state != Survey.State.OPEN:
        raise survey_closed(invitation.survey)
    return invitation


def stop_asking(*, token: str) -> None:
    """No more mail about this survey goes to whoever has this link; they can still answer. May be repeated.

    Raises LinkNotKnown, SurveyClosed.
    """
    Invitation.objects.filter(pk=invitation_behind(token).pk).update(is_stopped=True)


def ask_again(*, token: str) -> None:
    """Takes back `stop_asking`. Raises LinkNotKnown, SurveyClosed."""
    Invitation.objects.filter(pk=invitation_behind(token).pk).update(is_stopped=False)


@transaction.atomic
def stop_all_but_own(*, token: str, now: datetime) -> None:
    """Whoever has this link gets no mail any more but about their own actions and their account, here and elsewhere.

    They take it back at /me/mail/. Raises LinkNotKnown, SurveyClosed.
    """
    choose_mail(user=invitation_behind(token).person.user, only_own=True, by=None, now=now)


@transaction.atomic
def say_not_me(*, token: str, now: datetime) -> None:
    """The mail reached someone else: this link ends, what was typed behind it goes, and the facilitators are told.

    In a named survey what was sent through it goes too: it would be read as that person's. A sealed answer stays, for
    nobody can tell which it is. Whoever was meant gets no more mail about this survey at that address, and can still
    answer from Home.
    Raises LinkNotKnown, SurveyClosed, AnsweringStopped.
    """
    invitation = invitation_behind(token)
    hold_open(invitation.survey)
    invitation.generation += 1
    try:
        new_token = links.token_for(invitation)
    except keys.KeyTrouble:
        raise stopped() from None
    ended = Invitation.objects.filter(pk=invitation.pk, token_hash=hash_of(token)).update(
        generation=invitation.generation, token_hash=hash_of(new_token), is_stopped=True
    )
    if not ended:
        raise not_known()
    drafts.clear(token)
    if named.is_named(invitation.survey):
        named.take_out(invitation)
    audit.record(event="survey.reached_someone_else", by=None, target=invitation.person, at=now)
    _tell_facilitators(invitation, now)


def _tell_facilitators(invitation: Invitation, now: datetime) -> None:
    community = invitation.survey.community
    terms = RoleTerm.objects.current().facilitators().filter(community=community, person__user__is_active=True)
    addresses = addresses_of(terms.exclude(person=invitation.person_id).values_list("person__user_id", flat=True))
    outbox.enqueue(
        *(emails.reached_someone_else(invitation, user_id=pk, to=to, now=now) for pk, to in addresses.items())
    )
