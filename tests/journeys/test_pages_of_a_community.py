"""Every page of a community's working life, with rows in it, at the three widths the portal promises to hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from communities import links
from communities.services.community_states import pause_community
from communities.services.joining.join_links import code_of as join_code
from communities.services.promises.action_links import token_of, with_link
from communities.services.sessions.agenda import propose_agenda_item
from communities.services.sessions.check_ins import code_of as check_in_code
from communities.services.sessions.check_ins import minute_of
from cop_portal.installation import clock
from tests.factories.communities import PersonFactory, ProfessionalGroupFactory, staff
from tests.factories.imports import as_csv, previewed
from tests.factories.whole_community import DAY, Whole, whole_community
from tests.journeys.conftest import NARROWEST, PHONE, WCAG, WIDE, Screen, Visitor
from tests.journeys.test_communities import arrive

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SitDown = Callable[[Screen], Visitor]


@pytest.fixture
def whole() -> Whole:
    return whole_community(clock.now())


# Longer than the header waits for the width to stop changing.
SETTLED_MS = 500
SETTLING_LOOKS = 6


def look_at(visitor: Visitor, pages: Iterable[str]) -> None:
    """Each page is opened once and judged at three widths: what is wrong with any of them is said in one go."""
    faults: list[str] = []
    for page in pages:
        visitor.go(page)
        faults += faults_of(visitor, page, (WIDE.width, PHONE.width, NARROWEST))
    assert not faults, "\n".join(faults)


def faults_of(visitor: Visitor, what: str, widths: Iterable[int]) -> list[str]:
    """What is wrong with the page that is open, at each width; the narrowest comes last."""
    faults: list[str] = []
    if (headings := visitor.page.locator("h1").count()) != 1:
        faults.append(f"{what}: {headings} main headings")
    for width in widths:
        visitor.page.set_viewport_size({"width": width, "height": PHONE.height})
        faults += [f"{what} at {width} px: {fault}" for fault in violations_at_rest(visitor.page)]
    if (reach := visitor.page.evaluate("document.documentElement.scrollWidth")) > NARROWEST:
        faults.append(f"{what}: {reach} px wide on a screen of {NARROWEST}")
    return faults


def violations_at_rest(page: Page) -> list[str]:
    """What axe has against the page once it is at rest: the header moves its links a moment after the width changes."""
    for _ in range(SETTLING_LOOKS):
        if not violations(page):
            return []
        page.wait_for_timeout(SETTLED_MS)
    return violations(page)


def violations(page: Page) -> list[str]:
    """What axe has against the page. It is put into the page once, and lists nothing but faults: that is quicker."""
    options = {"runOnly": WCAG, "resultTypes": ["violations"]}
    if not page.evaluate("typeof axe === 'object'"):
        Axe().run(page, context="title", options=options)
    found: list[str] = page.evaluate(
        """options => axe.run(document, options).then(said => said.violations.map(
            fault => `${fault.help}: ${fault.nodes.map(node => node.html).join(" ")}`))""",
        options,
    )
    return found


def in_sepsis(pages: Iterable[str]) -> list[str]:
    return [f"/communities/sepsis/{page}" for page in pages]


def test_what_a_facilitator_sees_of_sessions_and_people(visitor_at: SitDown, whole: Whole) -> None:
    held, running, ahead = (f"sessions/{session.pk}" for session in (whole.held, whole.running, whole.ahead))
    term = whole.community.role_terms.get(person__user=whole.facilitator)
    member = whole.community.memberships.get(person__user=whole.member)
    visitor = visitor_at(WIDE)
    arrive(visitor, whole.facilitator)
    look_at(visitor, ["/", "/communities/", "/communities/join/", "/search/?q=form", "/search/?q=nothing+at+all"])
    look_at(visitor, in_sepsis([
        "", "edit/", "history/", "rhythm/", "rhythm/held/", "sessions/", f"{held}/", f"{running}/", f"{ahead}/",
        "sessions/plan-series/", f"{ahead}/move/", f"{ahead}/edit/", f"{ahead}/cancel/", f"{ahead}/agenda/",
        f"{held}/record/", f"{held}/versions/", f"{held}/minutes/", f"{held}/minutes/full/", f"{held}/minutes/edit/",
        f"{held}/minutes/share/", f"{held}/minutes/take-back/", f"{running}/join-link/", f"{running}/join-link/stop/",
        f"{running}/check-in/", f"{running}/check-in/claims/", f"{held}/attendance/import/", "agenda/",
        f"agenda/{whole.item.pk}/", "agenda/propose/", "resources/", "resources/add-link/", "resources/add-file/",
        "members/", "members/roles/", "members/roles/appoint/", f"members/roles/{term.pk}/end/",
        "members/invitations/", "members/invite/", f"members/invitations/{whole.invitation.pk}/withdraw/",
        f"members/invitations/{whole.invitation.pk}/send-again/", "members/requests/",
        f"members/requests/{whole.request.pk}/", f"members/{member.pk}/affiliation/", "export/",
    ]))  # fmt: skip


def test_what_a_facilitator_sees_of_promises_and_problems(visitor_at: SitDown, whole: Whole) -> None:
    community, test, asked = whole.community, whole.test, whole.asked
    action = community.actions.latest("pk")
    open_one = community.decisions.filter(verdict="").get()
    commitment, problem, drafted = community.commitments.get(), whole.problem, whole.beyond_reach
    visitor = visitor_at(WIDE)
    arrive(visitor, whole.facilitator)
    look_at(visitor, in_sepsis([
        "actions/", "actions/agree/", f"actions/{action.pk}/", f"actions/{action.pk}/edit/",
        f"actions/{action.pk}/hand-over/", f"actions/{action.pk}/answer/", "decisions/", "decisions/note/",
        f"decisions/{open_one.pk}/edit/", f"decisions/{open_one.pk}/judge/",
        "commitments/", f"commitments/{commitment.pk}/answer/", "tests/", "tests/log/", f"tests/{test.pk}/",
        f"tests/{test.pk}/edit/", f"tests/{test.pk}/measures/", f"tests/{test.pk}/adoptions/",
        f"tests/{test.pk}/measures/{test.measures.latest('pk').pk}/remove/",
        f"tests/{test.pk}/adoptions/{test.adoptions.latest('pk').pk}/remove/", "problems/", "came-of-it/",
        f"problems/{problem.pk}/", f"problems/{problem.pk}/edit/", f"problems/{problem.pk}/links/",
        f"problems/{problem.pk}/asked/{asked.pk}/", f"problems/{problem.pk}/asked/{asked.pk}/answer/",
        f"problems/{problem.pk}/asked/{asked.pk}/send-again/", f"problems/{problem.pk}/asked/{asked.pk}/withdraw/",
        f"problems/{drafted.pk}/", f"problems/{drafted.pk}/brief/", f"problems/{drafted.pk}/brief/send/",
        f"problems/{drafted.pk}/brief/discard/", f"problems/{drafted.pk}/locate/", f"problems/{drafted.pk}/settle/",
    ]))  # fmt: skip


def test_what_a_member_and_a_sponsor_see(visitor_at: SitDown, whole: Whole) -> None:
    community = whole.community
    mine = propose_agenda_item(community=community, text="Mine", is_named=True, by=whole.member, now=clock.now())
    common = [
        "", "rhythm/", "sessions/", f"sessions/{whole.held.pk}/", f"sessions/{whole.ahead.pk}/",
        f"sessions/{whole.held.pk}/minutes/", "actions/", "decisions/", "commitments/", "tests/",
        f"tests/{whole.test.pk}/", "problems/", f"problems/{whole.problem.pk}/", "came-of-it/",
        f"problems/{whole.problem.pk}/asked/{whole.asked.pk}/",
    ]  # fmt: skip
    member = visitor_at(WIDE)
    arrive(member, whole.member)
    look_at(member, ["/", "/me/calendar/", "/me/calendar/make/", "/me/participation/", "/communities/join/"])
    look_at(member, in_sepsis([
        *common, "history/", "members/", "members/roles/", "resources/", "agenda/", "agenda/propose/",
        f"agenda/{mine.pk}/take-back/", f"sessions/{whole.ahead.pk}/agenda/", f"sessions/{whole.ahead.pk}/reply/",
        "tests/log/", "leave/", f"commitments/{community.commitments.get().pk}/answer/",
    ]))  # fmt: skip
    sponsor = visitor_at(WIDE)
    arrive(sponsor, whole.sponsor)
    look_at(sponsor, ["/", *in_sepsis(common)])


def test_what_staff_see_of_the_network_and_of_files(visitor_at: SitDown, whole: Whole) -> None:
    now, someone = clock.now(), staff(name="Ada Admin")
    known = whole.community.memberships.get(person__user=whole.member).person
    group = ProfessionalGroupFactory.create(name="Nursing")
    rows = as_csv(
        ("Ines Marlow", "ines@example.org", "The Cottage Hospital", "Nursing", ""),
        (known.user.name, "another@example.org", "", "Nursing", ""),
        ("Nobody", "not an address", "", "Nursing", ""),
    )
    batch = previewed(rows, community=whole.community, by=someone, default_group=group, now=now)
    visitor = visitor_at(WIDE)
    arrive(visitor, someone)
    look_at(visitor, [
        "/network/", "/network/problems/", "/network/import/", "/network/export/", "/network/organisations/import/",
        f"/network/organisations/{known.affiliations.get().organisation_id}/edit/", "/communities/new/",
        "/communities/sepsis/edit/", "/communities/sepsis/pause/", "/communities/sepsis/close/",
        "/communities/sepsis/members/import/", f"/imports/{batch.pk}/", f"/imports/{batch.pk}/columns/",
        f"/imports/{batch.pk}/decide/", f"/imports/{batch.pk}/discard/",
    ])  # fmt: skip
    pause_community(
        community=whole.community, because="Winter", look_again_on=now.date() + 30 * DAY, by=someone, now=now
    )
    look_at(visitor, in_sepsis(["", "look-again/", "resume/"]))


def test_what_is_behind_a_link_or_a_code_is_read_by_people_without_an_account(
    visitor_at: SitDown, whole: Whole
) -> None:
    now, action, check_in = clock.now(), with_link(whole.community.actions.latest("pk")), whole.running.check_ins.get()
    newcomer = visitor_at(WIDE)
    look_at(newcomer, [
        f"/x/{token_of(action)}/", "/x/nothing-here/",
        f"/r/{links.token_for(links.REPLY, whole.reply.pk)}/",
        f"/e/{links.token_for(links.ESCALATION, whole.asked.pk, whole.asked.generation)}/",
        "/j/", f"/j/{join_code(whole.join_link)}/",
        f"/j/{links.token_for(links.INVITE, whole.invitation.pk, whole.invitation.generation)}/",
        "/c/", f"/c/{check_in_code(check_in, minute_of(now))}/",
    ])  # fmt: skip
    someone = visitor_at(WIDE)
    arrive(someone, PersonFactory.create(name="Someone New").user)
    look_at(someone, ["/", "/communities/", "/communities/join/", "/communities/sepsis/ask/"])
