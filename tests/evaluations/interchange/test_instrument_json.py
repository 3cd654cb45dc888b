"""Our own JSON: what comes in goes out with the same bytes, whether it was loaded, published or only drafted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from communities.imports.documents import DocumentRefused
from evaluations.imports.instrument_files import receive_instrument_file
from evaluations.imports.instruments import INSTRUMENTS_FILE
from evaluations.interchange.content import Content, normal
from evaluations.interchange.instrument_json import bytes_of, written
from evaluations.interchange.redcap import dictionary
from evaluations.models import EvaluationQuestion, InstrumentFile, InstrumentVersion
from evaluations.services.instruments.files import make_drafts
from tests.evaluations.asking import questionnaire, staff_user
from tests.evaluations.interchange.documents import CODES, SHIPPED, documents, shipped
from tests.factories.communities import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def framework() -> None:
    questionnaire()


def receive(content: bytes) -> InstrumentFile:
    return receive_instrument_file(
        content=content,
        file_name="file",
        serves=EvaluationQuestion.objects.get(code="1a"),
        value_cycle="applied",
        by=staff_user(),
        now=NOW,
    )


def drafted(content: bytes) -> InstrumentVersion:
    (draft,) = make_drafts(file=receive(content), by=staff_user(), now=NOW)
    return draft


def test_the_three_shipped_questionnaires_go_out_as_the_very_file_that_was_loaded() -> None:
    questionnaire()
    versions = [InstrumentVersion.objects.get(instrument__code=code) for code in CODES]

    assert written(*versions) == INSTRUMENTS_FILE.read_bytes()


@pytest.mark.parametrize("code", CODES)
def test_one_goes_out_with_the_scales_that_it_uses(code: str) -> None:
    questionnaire()

    assert written(InstrumentVersion.objects.get(instrument__code=code)) == bytes_of(shipped(code))


@pytest.mark.usefixtures("framework")
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=documents(), as_redcap=st.booleans())
def test_any_questionnaire_comes_in_as_a_draft_and_goes_out_with_the_same_bytes(
    document: Content, as_redcap: bool
) -> None:
    content = bytes_of(document)
    with undone():
        draft = drafted(dictionary(document).content if as_redcap else content)

        assert written(draft) == content


def test_a_document_that_is_laid_out_otherwise_goes_out_in_the_one_layout() -> None:
    questionnaire()
    document = shipped("session-pulse") | {"attribution": "Ours."}
    document["instruments"][0] |= {"code": "after-the-visit"}
    other: dict[str, Any] = json.loads(json.dumps(document, sort_keys=True))

    assert written(drafted(json.dumps(other).encode("utf-8-sig"))) == bytes_of(document)


def test_scales_that_nobody_is_on_are_left_out_and_said() -> None:
    questionnaire()
    document = shipped("session-pulse")
    document["instruments"][0]["code"] = "after-the-visit"
    document["scales"].append({"code": "spare", "options": [{"code": "1", "label": "One"}]})

    file = receive(json.dumps(document).encode())

    assert [note["words"] for note in file.notes] == ["no question is on this scale, so it was left out."]
    assert [scale["code"] for scale in file.content["scales"]] == ["agree5"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"{", "this is not JSON"),
        (b"[]", "this should be a group of fields."),
        (b"{\xff}", "this is not UTF-8 text."),
        (b'{"version": ' + b"9" * 5000 + b"}", "a number in it is too long."),
        (b'{"a":' * 2000 + b"1" + b"}" * 2000, "nested too deeply"),
        (b" " * 1_100_000 + b"{}", "it is larger than 1 MB."),
        (bytes_of(shipped("session-pulse")).replace(b"useful to me", b"useful\\u0000to me"), "cannot be stored"),
        (bytes_of(shipped("session-pulse")).replace(b"useful to me", b"useful\\ud800to me"), "cannot be stored"),
        (bytes_of(shipped("session-pulse")).replace(b'"version": 1', b'"version": 99999'), "99999"),
    ],
)
def test_what_is_no_questionnaire_is_refused_with_a_sentence_and_nothing_is_kept(content: bytes, sentence: str) -> None:
    questionnaire()

    with pytest.raises(DocumentRefused, match=sentence):
        receive(content)

    assert not InstrumentFile.objects.exists()


def test_the_shipped_file_is_in_its_normal_form() -> None:
    assert bytes_of(normal(SHIPPED)) == INSTRUMENTS_FILE.read_bytes()


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is rolled back: Hypothesis tries one example after another in one test."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
