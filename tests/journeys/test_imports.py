"""Bringing people in from a file in a browser: there and back on a phone, without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from communities.models import Community, Membership, Organisation
from communities.tasks import run_waiting_imports
from cop_portal.accounts.models import User
from tests.factories.communities import (
    CommunityFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    ProfessionalGroupFactory,
    facilitator_of,
)
from tests.factories.imports import as_csv
from tests.journeys.conftest import NARROWEST, PHONE, PHONE_WITHOUT_SCRIPTS, Screen, Visitor
from tests.journeys.test_communities import arrive
from tests.journeys.test_pages_of_a_community import faults_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SitDown = Callable[[Screen], Visitor]
NEWCOMERS = [
    (f"Bartholomew Featherstonehaugh-Cholmondeley {at}", f"bartholomew.featherstonehaugh{at}@example.org",
     "Riverside Trust", "Nursing", "6/8/2024")
    for at in range(30)
]  # fmt: skip


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis", slug="sepsis")


@pytest.fixture
def facilitator(community: Community) -> User:
    return facilitator_of(community, name="Fadia Haddad")


@pytest.fixture
def file(community: Community, tmp_path: Path) -> Path:
    """Thirty newcomers, one with the name of a member, one from a place nobody knows, one who cannot be read."""
    ProfessionalGroupFactory.create(name="Nursing")
    OrganisationFactory.create(name="Riverside Trust")
    nia = PersonFactory.create(name="Nia Evans", email="nia@example.org")
    MembershipFactory.create(person=nia, community=community)
    path = tmp_path / "members.csv"
    path.write_bytes(as_csv(
        *NEWCOMERS,
        ("Nia Evans", "other.nia@example.org", "", "Nursing", ""),
        ("Olga Petrova", "olga@example.org", "A place that nobody here has heard of", "Nursing", ""),
        ("Nobody", "not an address", "", "Nursing", ""),
    ))  # fmt: skip
    return path


def brought_in(community: Community) -> int:
    return Membership.objects.filter(community=community, came_by="import").count()


def test_each_step_of_an_import_there_and_back_is_accessible(
    visitor_at: SitDown, community: Community, facilitator: User, file: Path
) -> None:
    visitor, faults = visitor_at(PHONE), []

    def judge(step: str) -> None:
        faults.extend(faults_of(visitor, step, [NARROWEST]))

    arrive(visitor, facilitator)
    visitor.go("/communities/sepsis/members/import/")
    judge("upload")
    visitor.page.locator("input[type=file]").set_input_files(file)
    visitor.press("Upload and look at it")
    judge("columns")
    visitor.press("Sort the rows")
    visitor.page.get_by_role("link", name="Cannot be read: 1").click()
    visitor.reads("is not a mail address in full")
    judge("rows")
    visitor.press("Decide about these rows")
    judge("decide")
    visitor.page.get_by_label("Someone else of the same name: add them").check()
    visitor.page.get_by_label(re.compile("A place that nobody here has heard of")).select_option(
        label="Add it as a new organisation"
    )
    visitor.press("Sort the rows again")
    visitor.reads("32 rows would be imported")
    judge("decided")
    visitor.press("Import these 32 rows")
    judge("importing")
    assert run_waiting_imports() == 1
    visitor.reads("The whole import can be undone until")
    judge("imported")
    assert brought_in(community) == 32
    assert Organisation.objects.filter(name="A place that nobody here has heard of").exists()
    visitor.press("Undo this import")
    judge("undo")
    visitor.press("Undo the whole import")
    assert run_waiting_imports() == 1
    visitor.reads("The import has been undone.")
    judge("undone")
    assert brought_in(community) == 0
    assert not Organisation.objects.filter(name="A place that nobody here has heard of").exists()
    assert not faults, "\n".join(faults)


def test_without_scripts_the_page_looks_again_by_itself(
    visitor_at: SitDown, community: Community, facilitator: User, file: Path
) -> None:
    visitor = visitor_at(PHONE_WITHOUT_SCRIPTS)
    arrive(visitor, facilitator)
    visitor.go("/communities/sepsis/members/import/")
    visitor.page.locator("input[type=file]").set_input_files(file)
    visitor.press("Upload and look at it")
    visitor.press("Sort the rows")
    visitor.press("Import these 30 rows")
    visitor.reads("the import goes on")
    assert run_waiting_imports() == 1
    visitor.reads("The whole import can be undone until")
    visitor.press("Undo this import")
    visitor.press("Undo the whole import")
    visitor.reads("undoing goes on")
    assert run_waiting_imports() == 1
    visitor.reads("The import has been undone.")
    assert brought_in(community) == 0
