"""Two facilitators, 500 saves each of one record, on real connections."""

import sys

import pytest

from tests.communities.services.two_editors import edit_together

pytestmark = [pytest.mark.faults, pytest.mark.embedded, pytest.mark.django_db(transaction=True)]

SAVES = 500


def test_five_hundred_saves_of_each_of_two_editors_lose_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    counts = edit_together(SAVES)
    with capsys.disabled():
        sys.stdout.write(f"\n  two editors, {SAVES} saves each: {dict(counts)}, lost 0\n")
    assert counts["saved"] == 2 * SAVES
