"""REDCap's data dictionary: what goes out comes back, and what is made there is read as far as it fits."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings

from evaluations.interchange import redcap
from evaluations.interchange.content import Content
from evaluations.interchange.instrument_json import bytes_of
from tests.evaluations.interchange.documents import CODES, documents, shipped


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def read(content: bytes) -> redcap.Reading:
    return redcap.read(content, serves="1a", value_cycle="applied")


@pytest.mark.parametrize("code", CODES)
def test_a_shipped_questionnaire_comes_back_to_the_byte(code: str) -> None:
    document = shipped(code)

    back = read(redcap.dictionary(document).content)

    assert bytes_of(back.content) == bytes_of(document)
    assert back.notes == ()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents())
def test_any_questionnaire_comes_back_to_the_byte(document: Content) -> None:
    written = redcap.dictionary(document).content

    assert bytes_of(read(written).content) == bytes_of(document)
    assert redcap.dictionary(read(written).content).content == written
