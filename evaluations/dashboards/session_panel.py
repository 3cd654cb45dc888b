"""What a session's page says about asking those who were there: offered, asked, or what they said."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format

from communities.models import Attendance, Community, Session
from communities.panels import Panel
from cop_portal.accounts.models import User
from evaluations import results
from evaluations.models import PulseRoom, Survey
from evaluations.models.pulse import is_about_now
from evaluations.permissions import Permission, may_see_results
from evaluations.services.pulses.by_mail import pulse_of, pulse_questions, room_of, was_sent

HEADING = "How was it?"
NOBODY_RECORDED = (
    "No member is recorded in the room yet. Answers from the room count towards the five that are needed only as far "
    "as members are recorded there: tick them in the record before the questions close."
)


def session_panel(session: Session, user: User, now: datetime) -> Panel | None:
    """The panel about a session's pulse; none where there is neither one nor an offer of one."""
    if not user.has_perm(Permission.SEE_SURVEYS, session.community):
        return None
    pulse = pulse_of(session)
    may_ask = user.has_perm(Permission.SEND_PULSE, session.community) and _is_active(session.community)
    can_send = may_ask and _is_to_be_sent(session, pulse, now)
    can_show_code = may_ask and _is_for_the_room(session, pulse, now)
    if pulse is None and (not (can_send or can_show_code) or pulse_questions() is None):
        return None
    context = {
        "said": _said(pulse, user, now, can_send=can_send),
        "results_url": pulse.get_results_url() if pulse and _may_read(pulse, user) else "",
        "survey_url": pulse.get_absolute_url() if pulse else "",
        "can_send": can_send,
        "send_label": "Ask those who were online" if room_of(pulse) else "Ask those who came",
        "can_show_code": can_show_code,
        "code_label": "Show the room the code again" if room_of(pulse) else "Ask the room by a code on the screen",
    }
    return Panel(heading=HEADING, template="evaluations/panels/pulse.html", context=context)


def _is_active(community: Community) -> bool:
    return community.state == Community.State.ACTIVE


def _is_to_be_sent(session: Session, pulse: Survey | None, now: datetime) -> bool:
    """Recorded not long ago, with someone there, and nobody has been asked by mail."""
    last = session.day + timedelta(days=settings.PULSE_OFFERED_DAYS)
    if session.state != Session.State.HELD or timezone.localdate(now) > last or not session.present_count:
        return False
    return pulse is None or (pulse.state == Survey.State.OPEN and not was_sent(pulse))


def _is_for_the_room(session: Session, pulse: Survey | None, now: datetime) -> bool:
    if not is_about_now(session, now):
        return False
    return pulse is None or (pulse.state == Survey.State.OPEN and not was_sent(pulse))


def _may_read(pulse: Survey, user: User) -> bool:
    return pulse.state == Survey.State.CLOSED and may_see_results(user, pulse)


def _said(pulse: Survey | None, user: User, now: datetime, *, can_send: bool) -> list[str]:
    if pulse is None:
        offer = "Those who were there can be asked by mail how it was: a few questions, anonymous, one reminder."
        return [offer] if can_send else []
    if pulse.state == Survey.State.CLOSED:
        return [f"Answered: {results.response_rate_words(pulse)}"] if _may_read(pulse, user) else ["Asked, and closed."]
    said = [f"Those who were there are asked until {date_format(timezone.localdate(pulse.closes_at))}."]
    if user.has_perm(Permission.SEE_RESPONSE_COUNTS, pulse):
        said.append(pulse.count_words)
        said += _about_room(room_of(pulse), pulse)
    return said


def _about_room(room: PulseRoom | None, pulse: Survey) -> list[str]:
    if room is None:
        return []
    places = f"{room.heads} place{'' if room.heads == 1 else 's'} in the room; how many are taken is shown nowhere."
    in_room = Attendance.objects.filter(session=pulse.session_id, status=Attendance.Status.ROOM)
    return [places] if in_room.exists() else [places, NOBODY_RECORDED]
