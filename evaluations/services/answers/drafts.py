"""Answers not yet sent, encrypted under the link itself: whoever has the link can read them, and nobody else."""

import hmac

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from evaluations.models import Survey
from evaluations.models.inbox import Draft
from evaluations.questionnaire import Answers
from evaluations.services.answers import boxes


def locator(token: str) -> str:
    """Where a link's draft is kept. It cannot be worked out from what an invitation stores."""
    return hmac.digest(token.encode(), b"draft locator", "sha256").hex()


def _secret(token: str) -> SecretBox:
    return SecretBox(hmac.digest(token.encode(), b"draft key", "sha256"))


def store(*, token: str, survey: Survey, answers: Answers) -> None:
    """Replace the draft in one statement. Padded, so that its size says nothing; it has no time."""
    body = bytes(_secret(token).encrypt(boxes.padded(answers, survey.box_size)))
    Draft.objects.bulk_create(
        [Draft(locator=locator(token), survey=survey, body=body)],
        update_conflicts=True,
        unique_fields=["locator"],
        update_fields=["body"],
    )


def load(token: str) -> Answers:
    body = Draft.objects.filter(pk=locator(token)).values_list("body", flat=True).first()
    if body is None:
        return {}
    try:
        answers: Answers = boxes.unpadded(_secret(token).decrypt(bytes(body)))
    except (CryptoError, ValueError, TypeError):
        return {}
    return answers


def clear(token: str) -> None:
    Draft.objects.filter(pk=locator(token)).delete()
