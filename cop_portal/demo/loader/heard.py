"""After each wave what members wrote is read; after the last two, results are shared and members hear what came of it.

One community's words still wait for a second reader, and one's results are not shared: there is something to do.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial

from communities.working_days import LONDON, at_wall_time
from cop_portal.demo.content import CommunityText
from cop_portal.demo.loader.surveys import OPEN_DAYS, WAVES
from cop_portal.demo.loader.world import World
from evaluations.models import Survey
from evaluations.services.results import sharing, text_review
from evaluations.services.results.text_review import NothingToShow
from evaluations.text_flags import suggested

# The last waves of which results are shared.
SHARED = 2
READ_AFTER, SHARED_AFTER = timedelta(days=10), timedelta(days=17)
UNREAD, UNSHARED = "maternity", "medicines-safety"
# What the facilitator wrote after the last wave, by community.
HEARD = {
    "sepsis": (
        "You hear back too late, and getting away from the ward is hard.",
        "The shorter form showed that speaking up works, and that a year is too long to wait for an answer.",
        "Each session begins with what became of the last. We have asked for time to come to be part of the rota.",
    ),
    "acute-deterioration": (
        "You would rather finish things than begin new ones.",
        "Three changes were tried at once, and none was followed to its end.",
        "We take on nothing new until the handover sheet is in use on every ward.",
    ),
    "delirium": (
        "You miss the sessions.",
        "Few of you answered, and that says something too.",
        "HIN staff are looking for someone to run the community with us.",
    ),
}


def plan_heard(world: World) -> None:
    for text in world.content.communities:
        for number, (weeks, _instrument) in enumerate(WAVES, start=1):
            is_last = number == len(WAVES)
            opened = world.weeks_ago(weeks, time(9, 30))
            world.timeline.add(_later(opened, READ_AFTER), partial(_read, world, text, opened, is_last))
            if number > len(WAVES) - SHARED:
                world.timeline.add(_later(opened, SHARED_AFTER), partial(_share, world, text, opened, is_last))


def _later(opened: datetime, after: timedelta) -> datetime:
    """So long after a survey has closed, extended or not."""
    closed_on = opened.astimezone(LONDON).date() + timedelta(days=OPEN_DAYS + 7)
    return at_wall_time(closed_on + after, time(11, 0))


def _of_the_wave(world: World, text: CommunityText, opened: datetime) -> Survey:
    here = Survey.objects.closed().filter(community=world.communities[text.slug], opened_at=opened, session=None)
    return here.select_related("community", "version", "release").get()


def _read(world: World, text: CommunityText, opened: datetime, is_last: bool, now: datetime) -> None:
    """The first of the staff reads what was written, takes out what is flagged, and shows it."""
    survey, by = _of_the_wave(world, text, opened), world.network_lead
    if (text.slug == UNREAD and is_last) or not text_review.may_read_texts(by, survey):
        return
    for one in text_review.texts_to_read(survey=survey, by=by):
        redacted = suggested(one.text, one.flags) if one.flags else ""
        text_review.release_text(survey=survey, text=one.pk, redacted=redacted, by=by, now=now)
    try:
        text_review.show_texts(survey=survey, by=by, now=now)
    except NothingToShow:
        return


def _share(world: World, text: CommunityText, opened: datetime, is_last: bool, now: datetime) -> None:
    survey, by = _of_the_wave(world, text, opened), world.facilitator_of(text.slug)
    if text.slug == UNSHARED and is_last:
        return
    if is_last and (said := HEARD.get(text.slug)):
        actions, escalations = list(sharing.offered_actions(survey)), list(sharing.offered_escalations(survey))
        words = sharing.HeardWords(*said, actions=actions[:2], escalations=escalations[:1])
        sharing.write_heard(survey=survey, version=0, words=words, by=by, now=now)
    sharing.share_results(survey=survey, by=by, now=now)
