"""Two facilitators, or two phones, at the same moment on real connections."""

from datetime import timedelta
from functools import partial

import pytest

from communities.models import Attendance, CheckIn, CheckInClaim, CheckInPass, Guest, Session, SessionVersion
from communities.services.sessions.check_in_claims import ClaimDecided, decide_claims
from communities.services.sessions.check_in_passes import TooManyLookUps, claim_presence, fitting, look_up, new_pass
from communities.services.sessions.check_ins import open_check_in
from communities.services.sessions.recording import record_session
from tests.communities.services.at_once import at_once, refusals
from tests.factories.communities import (
    NOW,
    CommunityFactory,
    MembershipFactory,
    PersonFactory,
    SessionFactory,
    facilitator_of,
)

pytestmark = [pytest.mark.embedded, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("at_noon")]


def claimed() -> tuple[Session, list[int]]:
    """A session at which one member and one guest say that they are there."""
    community = CommunityFactory.create()
    session = SessionFactory.create(community=community, starts_at=NOW - timedelta(minutes=10))
    member = MembershipFactory.create(community=community)
    CheckInClaim.objects.create(session=session, membership=member, how="room")
    CheckInClaim.objects.create(session=session, name="Gus Guest", how="online")
    return session, list(CheckInClaim.objects.order_by("pk").values_list("pk", flat=True))


def test_two_who_confirm_the_same_claims_at_once_write_them_down_once() -> None:
    session, claims = claimed()
    by = facilitator_of(session.community)
    copies = [Session.objects.select_related("community").get(pk=session.pk) for _ in range(2)]
    deeds = [partial(decide_claims, session=copy, confirmed=claims, by=by, now=NOW) for copy in copies]
    assert refusals(at_once(*deeds)) == [ClaimDecided]
    assert Guest.objects.count() == 1
    assert list(Attendance.objects.exclude(status="unknown").values_list("status", flat=True)) == ["room"]
    assert SessionVersion.objects.filter(session=session).count() == 1


def test_confirming_while_someone_saves_the_record_loses_neither() -> None:
    session, claims = claimed()
    by = facilitator_of(session.community)
    mine, theirs = (Session.objects.select_related("community").get(pk=session.pk) for _ in range(2))
    outcomes = at_once(
        partial(decide_claims, session=mine, confirmed=claims, by=by, now=NOW),
        partial(record_session, session=theirs, version=1, focus="Screening", by=by, now=NOW),
    )
    assert refusals(outcomes) == []
    session.refresh_from_db()
    assert (session.focus, session.version, session.present_count) == ("Screening", 3, 1)


def test_a_pass_used_on_many_connections_at_once_gives_twenty_look_ups() -> None:
    session, _ = claimed()
    check_in = open_check_in(session=session, by=facilitator_of(session.community), now=NOW)
    held = new_pass(check_in, NOW)
    look_up(held=held, typed="nobody", now=NOW)
    CheckInPass.objects.update(look_ups=17)
    deeds = [partial(look_up, held=held, typed="nobody", now=NOW) for _ in range(6)]
    assert refusals(at_once(*deeds)) == [TooManyLookUps] * 3
    assert CheckInPass.objects.get().look_ups == 20


def test_a_double_press_claims_once_and_two_screens_open_one_check_in() -> None:
    session, _ = claimed()
    by = facilitator_of(session.community)
    copies = [Session.objects.select_related("community").get(pk=session.pk) for _ in range(2)]
    at_once(*(partial(open_check_in, session=copy, by=by, now=NOW) for copy in copies))
    check_in = CheckIn.objects.select_related("session__community").get()
    MembershipFactory.create(community=session.community, person=PersonFactory.create(name="Amara Okafor"))
    held = new_pass(check_in, NOW)
    (amara,) = fitting(held, check_in, "amara")
    press = partial(claim_presence, held=held, mark=amara.mark, typed="amara", how="room", now=NOW)
    assert refusals(at_once(press, press)) == []
    assert CheckInClaim.objects.get(membership=amara.membership).times == 1
