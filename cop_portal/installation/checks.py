"""What `check --deploy` asks of a host, beyond Django's own questions."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

ONLY_THE_HOST_KNOWS = {
    "CONTROLLER_NAME": "the organisation that answers for the data (the controller)",
    "CONTROLLER_ADDRESS": "its postal address",
    "CONTACT_EMAIL": "where people ask for help, or for a questionnaire on paper, by telephone or as Easy Read",
    "DATA_PROTECTION_EMAIL": "its data protection officer",
    "COMPLAINTS_EMAIL": "where complaints go; they are acknowledged within 30 days",
}


@register(Tags.security, deploy=True)
def host_is_named(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The privacy notice, accessibility statement and complaints page must name whoever runs this portal."""
    return [
        Error(
            f"{name} is not set: {meaning}.",
            hint=f"The legal pages show it. Set {name} in the environment.",
            id=f"installation.E{number:03}",
        )
        for number, (name, meaning) in enumerate(ONLY_THE_HOST_KNOWS.items(), start=1)
        if not getattr(settings, name)
    ]


@register(Tags.security, deploy=True)
def sender_is_named(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Mail from an address that is nobody's is thrown away by the receivers."""
    if not settings.IS_PRODUCTION or "@example." not in settings.DEFAULT_FROM_EMAIL:
        return []
    hint = 'Set FROM_EMAIL="Communities of practice <communities@your.domain>" in the environment.'
    return [Error("FROM_EMAIL is not set: mail would come from an example address.", hint=hint, id="installation.E010")]
