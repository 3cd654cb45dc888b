"""It is Tuesday 24 November 2026, noon, in every test here."""

from collections.abc import Iterator

import pytest
import time_machine

from evaluations.models import Survey
from tests.evaluations.asking import ask, community_of, links_of
from tests.factories.communities import NOW


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def survey() -> Survey:
    return ask(community_of(6, name="Sepsis", slug="sepsis"))


@pytest.fixture
def token(survey: Survey) -> str:
    return links_of(survey)[0]
