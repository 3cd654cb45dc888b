"""The pages of decisions and of commitments: what was said, and what became of it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from communities.models import Commitment, Community, Decision
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, TODAY
from tests.factories.doing import CommitmentFactory, DecisionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
DAY = timedelta(days=1)


def page(name: str, row: Decision | Commitment) -> str:
    return reverse(f"communities:{name}", args=[row.community.slug, row.pk])


def the_list(name: str, community: Community) -> str:
    return reverse(f"communities:{name}-list", args=[community.slug])


def test_a_decision_is_noted_corrected_judged_and_the_verdict_taken_back(
    signed_in: Client, community: Community
) -> None:
    typed = {"text": "One form", "decided_on": "2026-11-20", "review_on": "2026-12-01"}
    signed_in.post(reverse("communities:note-decision", args=[community.slug]), typed)
    decision = Decision.objects.get()
    assert (decision.text, decision.decided_on, decision.is_private) == ("One form", TODAY - 4 * DAY, False)
    signed_in.post(page("edit-decision", decision), {"text": "One page", "review_on": "2026-11-24", "version": "1"})
    due = signed_in.get(the_list("decision", community), {"show": "due"})
    assert [row.text for row in due.context["object_list"]] == ["One page"]
    assert "checked" not in signed_in.get(page("judge-decision", decision)).content.decode()
    assert signed_in.post(page("judge-decision", decision), {"note": "Still"}).status_code == 422
    signed_in.post(page("judge-decision", decision), {"verdict": "held", "note": "Still one page"})
    html = " ".join(signed_in.get(the_list("decision", community), {"show": "judged"}).content.decode().split())
    assert "It held, 24 November 2026: Still one page" in html
    assert signed_in.get(page("take-verdict-back", decision)).status_code == 405
    signed_in.post(page("take-verdict-back", decision))
    decision.refresh_from_db()
    assert (decision.verdict, decision.text) == ("", "One page")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text": " "}, "Answer “What was decided?”"),
        ({"decided_on": "2026-11-25"}, "Choose the day on which it was decided, today or earlier."),
        ({"review_on": "2026-11-19"}, "Choose 20 November 2026, the day it was decided, or a later one."),
        ({"text": "x" * 501}, "must be 500 characters or fewer"),
    ],
)
def test_a_decision_that_makes_no_sense_is_not_noted(
    signed_in: Client, community: Community, changes: dict[str, str], words: str
) -> None:
    typed = {"text": "One form", "decided_on": "2026-11-20", **changes}
    response = signed_in.post(reverse("communities:note-decision", args=[community.slug]), typed)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Decision.objects.exists()


def test_a_correction_of_a_decision_from_an_old_page_is_refused(signed_in: Client, community: Community) -> None:
    decision = DecisionFactory.create(community=community)
    signed_in.post(page("edit-decision", decision), {"text": "Theirs", "version": "1"})
    stale = signed_in.post(page("edit-decision", decision), {"text": "Mine", "version": "1"})
    assert stale.status_code == 409
    assert "Mine" in stale.content.decode()
    decision.refresh_from_db()
    assert decision.text == "Theirs"


def test_private_decisions_and_commitments_are_seen_by_those_who_run_the_community_only(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    DecisionFactory.create(community=community, text="A quiet word", is_private=True)
    own = CommitmentFactory.create(
        community=community, person=people["member"].person, text="I will try less", is_private=True
    )
    for role, sees in (("member", False), ("sponsor", False), ("facilitator", True)):
        sign_in(client, people[role])
        assert ("A quiet word" in client.get(the_list("decision", community)).content.decode()) is sees
        assert ("I will try less" in client.get(the_list("commitment", community)).content.decode()) is sees
    sign_in(client, people["member"])
    assert client.post(page("answer-commitment", own), {"state": "kept"}).status_code == 404


def test_a_member_answers_their_own_commitment_and_nobody_elses(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    mine = CommitmentFactory.create(community=community, person=people["member"].person)
    theirs = CommitmentFactory.create(community=community, person=people["facilitator"].person)
    sign_in(client, people["member"])
    listed = client.get(the_list("commitment", community), {"show": "mine"})
    assert listed.context["rows"] == [(mine, True)]
    assert client.post(page("answer-commitment", mine), {"said": "It went well"}).status_code == 422
    client.post(page("answer-commitment", mine), {"state": "not_kept", "said": "No time"})
    mine.refresh_from_db()
    assert (mine.state, mine.said, mine.state_since) == ("not_kept", "No time", NOW)
    refused = client.post(page("answer-commitment", theirs), {"state": "kept"})
    assert refused.status_code == 403
    assert "This one is someone else’s." in refused.content.decode()
    html = " ".join(client.get(the_list("commitment", community), {"show": "answered"}).content.decode().split())
    assert "Did not get to it: No time" in html
    client.post(page("reopen-commitment", mine))
    mine.refresh_from_db()
    assert mine.state == "open"


def test_a_sponsor_reads_commitments_without_a_name(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    CommitmentFactory.create(community=community, person=people["member"].person, text="I will try the sticker")
    html = sign_in(client, people["sponsor"]).get(the_list("commitment", community)).content.decode()
    assert "I will try the sticker" in html
    assert "Mina Member" not in html
