"""It is Tuesday 24 November 2026, noon, in every test here."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.factories.communities import NOW


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield
