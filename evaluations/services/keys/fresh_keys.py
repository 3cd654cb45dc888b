"""The keys of a survey that is about to be opened: safe on the disk before anyone is asked, and gone if it is not."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from nacl.public import PublicKey, SealedBox

from cop_portal.refusals import Refusal
from evaluations import keys
from evaluations.models import Survey
from evaluations.questionnaire import questionnaire_of
from evaluations.services.answers import boxes
from evaluations.services.keys.pseudonyms import promised_key


class KeysNotSafe(Refusal):
    """Nothing is asked unless the keys that open the answers are safe."""


@contextmanager
def fresh_keys(survey: Survey) -> Iterator[None]:
    """Gives a survey that is not stored yet its keys, canary and box size; a confidential one its pseudonym key too.

    Raises KeysNotSafe. Whatever goes wrong inside takes the keys away again: files are not rolled back with a
    transaction.
    """
    survey.key_id = uuid4()
    try:
        survey.public_key = keys.create(survey.key_id)
        try:
            survey.canary = SealedBox(PublicKey(bytes(survey.public_key))).encrypt(canary_of(survey.key_id))
            survey.box_size = boxes.largest_size(questionnaire_of(survey.version), boxes.shape_of(survey))
            with promised_key(survey):
                yield
        except BaseException:
            keys.discard(survey.key_id)
            raise
    except keys.KeyTrouble as trouble:
        raise KeysNotSafe(
            f"The survey was not opened, because the keys that protect the answers would not be safe. {trouble} "
            "Ask your administrator.",
            code="keys_not_safe",
        ) from trouble


def canary_of(key_id: object) -> bytes:
    return f"canary of {key_id}".encode()
