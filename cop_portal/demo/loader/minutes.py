"""The minutes of each community's latest sessions: some shared with members, the last of them still being written."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial

from communities.models import Session
from communities.services.sessions.minutes import edit_minutes, minutes_of, share_minutes
from communities.working_days import at_wall_time, next_working_day
from cop_portal.demo.loader.calendar import Meeting, meetings_of
from cop_portal.demo.loader.world import World
from cop_portal.keeping.services.drafts import FormMark, mark_of, save_draft

LATEST = 3
WRITTEN_AFTER = timedelta(days=1)
WORDS = (
    "Thank you to everyone who came, and to those who sent their thoughts beforehand.\n"
    "What each of us said we would do is below: please look at your own line before we meet again."
)
BEGUN = "Thank you to everyone who came. Before we meet again, could each of us ask one colleague whether"


def plan_minutes(world: World) -> None:
    for text in world.content.communities:
        recorded = [meeting for meeting in meetings_of(world, text) if meeting.topic and not meeting.is_cancelled]
        for number, meeting in enumerate(recorded[-LATEST:], start=1):
            written = at_wall_time(next_working_day(meeting.day + WRITTEN_AFTER), time(9, 30))
            is_last = number == len(recorded[-LATEST:])
            if written < world.now:
                world.timeline.add(written, partial(_begin if is_last else _share, world, text.slug, meeting))


def _session(world: World, slug: str, meeting: Meeting) -> Session | None:
    """The session of that day, if it was held."""
    held = Session.objects.held().filter(community=world.communities[slug]).select_related("community")
    return next((session for session in held.newest_first() if session.day == meeting.day), None)


def _share(world: World, slug: str, meeting: Meeting, now: datetime) -> None:
    session, by = _session(world, slug, meeting), world.facilitator_of(slug)
    if session is not None:
        edit_minutes(session=session, summary=WORDS, version=minutes_of(session).version, by=by, now=now)
        share_minutes(session=session, by=by, now=now)


def _begin(world: World, slug: str, meeting: Meeting, now: datetime) -> None:
    """Typed, and not saved: the draft is there when the facilitator comes back."""
    session, by = _session(world, slug, meeting), world.facilitator_of(slug)
    if session is not None:
        title = f"{session.community.name}: minutes of {session.day:%-d %B %Y}"
        form = FormMark(f"{minutes_of(session).get_absolute_url()}edit/", title)
        fields, texts = [("summary", BEGUN)], [("In a few words", BEGUN)]
        save_draft(mark=mark_of(form, user=by), fields=fields, texts=texts, key="", by=by, now=now)
