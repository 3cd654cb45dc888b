"""`check --deploy` insists on what only the host can say."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from cop_portal.installation.checks import ONLY_THE_HOST_KNOWS, host_is_named, sender_is_named


@pytest.mark.parametrize("name", ONLY_THE_HOST_KNOWS)
def test_a_host_that_does_not_say_who_it_is_fails_the_deployment_check(settings: Settings, name: str) -> None:
    assert host_is_named(None) == []
    setattr(settings, name, "")
    (error,) = host_is_named(None)
    assert error.msg.startswith(f"{name} is not set:")
    assert name in str(error.hint)


def test_an_example_sender_fails_the_deployment_check_in_earnest_only(settings: Settings) -> None:
    assert sender_is_named(None) == []
    settings.IS_PRODUCTION = True
    assert [error.id for error in sender_is_named(None)] == ["installation.E010"]
    settings.DEFAULT_FROM_EMAIL = "Communities <communities@hin.nhs.uk>"
    assert sender_is_named(None) == []
