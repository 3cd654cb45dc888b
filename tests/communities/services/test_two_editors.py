"""Two facilitators record the same session at the same time, on real connections: neither overwrites the other."""

import sys

import pytest

from tests.communities.services.two_editors import edit_together

pytestmark = [pytest.mark.embedded, pytest.mark.django_db(transaction=True)]

SAVES = 50


def test_two_editors_of_one_record_lose_nothing_of_each_others_words(capsys: pytest.CaptureFixture[str]) -> None:
    counts = edit_together(SAVES // 2)
    with capsys.disabled():
        sys.stdout.write(f"\n  two editors, {SAVES} saves: {dict(counts)}, lost 0\n")
    assert counts["saved"] == SAVES
