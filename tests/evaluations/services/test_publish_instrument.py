"""Publishing: whole or not at all, never changed afterwards, and trends know what is the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from communities.imports.documents import read_document
from evaluations.imports.instruments import INSTRUMENTS_SCHEMA, load_instruments
from evaluations.interchange.instrument_json import written
from evaluations.models import InstrumentVersion, Item, Question, Scale, Section
from evaluations.services.instruments import drafts, scales, sections
from evaluations.services.instruments.content import QuestionNotValid
from evaluations.services.instruments.holding import DraftChangedMeanwhile, VersionPublished
from evaluations.services.instruments.publishing import NotReadyToPublish, faults_of, publish_version
from evaluations.services.instruments.scales import ScaleChangedMeanwhile, ScaleNotNamed, ScaleTaken, ScaleUsed
from evaluations.wordings import baseline_of, compared, wordings_of
from tests.evaluations.asking import questionnaire, staff_user
from tests.evaluations.drafting import YES_NO, add, asked_in, blank, edit, next_version, publish, said
from tests.factories.communities import NOW

pytestmark = pytest.mark.django_db


def by() -> dict[str, Any]:
    return {"by": staff_user(), "now": NOW}


def faults(draft: InstrumentVersion) -> list[str]:
    return [fault.words for fault in faults_of(draft)]


def test_each_item_of_a_new_version_is_the_same_reworded_or_new_and_keeps_that() -> None:
    draft = next_version()
    edit(asked_in(draft, "P2"), text="Other words.", change="reworded")
    add(draft, said("P9"))
    version = publish(draft)

    assert version.drafted_from
    assert compared(wordings_of(version.drafted_from), wordings_of(version)) == {
        "P1": "same", "P2": "reworded", "P3": "same", "P4": "same", "P9": "new",
    }  # fmt: skip
    assert wordings_of(version) == {"P1": 1, "P2": 2, "P3": 1, "P4": 1, "P9": 1}


def test_words_taken_back_join_the_trend_that_had_them() -> None:
    first = questionnaire("session-pulse")
    words = asked_in(first, "P2").text
    draft = next_version()
    edit(asked_in(draft, "P2"), text="Other words.", change="reworded")
    second = publish(draft)
    draft = drafts.begin_next_version(version=second, **by())
    edit(asked_in(draft, "P2"), text=words, change="reworded")
    third = publish(draft)

    assert compared(wordings_of(second), wordings_of(third))["P2"] == "reworded"
    assert compared(wordings_of(first), wordings_of(third))["P2"] == "same"


def test_an_item_in_two_questionnaires_is_one_item_with_one_wording() -> None:
    full, core = questionnaire("cop-full"), questionnaire("cop-core")

    assert set(compared(wordings_of(full), wordings_of(core)).values()) == {"same"}
    assert compared(wordings_of(core), wordings_of(full))["M2"] == "new"


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (
            lambda draft: sections.add_section(version=draft, title="Empty", **by()),
            "The section “Empty” has no questions.",
        ),
        (lambda draft: edit(asked_in(draft, "A"), kind="information", options=[]), "no question that can be answered"),
        (
            lambda draft: Question.objects.filter(section__version=draft).update(options=[]),
            "A: Give 2 to 50 answers to choose from.",
        ),
        (
            lambda draft: Question.objects.filter(section__version=draft).update(scale="agree5"),
            "A: its answers are not those of the scale agree5.",
        ),
        (
            lambda draft: Question.objects.filter(section__version=draft).update(
                show_if={"question": "Z", "in": ["1"]}
            ),
            "A is asked by the answer to Z, which must stand before it.",
        ),
    ],
)
def test_what_is_not_whole_is_not_published(spoil: Callable[[InstrumentVersion], object], sentence: str) -> None:
    draft = blank("A")
    spoil(draft)

    assert any(sentence in fault for fault in faults(draft)), faults(draft)
    with pytest.raises(NotReadyToPublish):
        publish(draft)
    draft.refresh_from_db()
    assert draft.is_draft


def test_what_is_published_is_what_its_publisher_has_read() -> None:
    draft = blank("A")
    read = InstrumentVersion.objects.get(pk=draft.pk).revision
    edit(asked_in(draft, "A"), text="Changed since?")

    with pytest.raises(DraftChangedMeanwhile):
        publish_version(version=draft, revision=read, **by())
    publish(draft)
    with pytest.raises(VersionPublished):
        publish(draft)


def test_a_version_made_in_the_browser_can_be_loaded_from_its_document_and_nothing_changes() -> None:
    draft = blank("A")
    add(draft, said("N", "number"))
    add(draft, said("T", "zero_to_ten"))
    add(draft, said("L", "likert", scale="agree5", options=Scale.objects.get(code="agree5").options))
    document = written(publish(draft)).decode()

    report = load_instruments(read_document(document, schema=INSTRUMENTS_SCHEMA), now=NOW)

    assert str(report) == "Nothing to change: all 1 are as the document says."
    assert [len(one["questions"]) for one in json.loads(document)["instruments"]] == [4]


@pytest.mark.embedded
def test_the_database_keeps_what_is_published_whoever_asks() -> None:
    draft = blank("A")
    with pytest.raises(DatabaseError, match="says how it compares"), transaction.atomic():
        InstrumentVersion.objects.filter(pk=draft.pk).update(published_at=NOW)
    version = publish(draft)
    writes: list[tuple[str, Callable[[], object]]] = [
        ("published version never", lambda: Question.objects.filter(section__version=version).update(wording=2)),
        ("published version never", lambda: Section.objects.filter(version=version).update(title="Other")),
        ("published version never", lambda: InstrumentVersion.objects.filter(pk=version.pk).update(is_offered=True)),
        ("keeps its code", lambda: Item.objects.filter(code="A").update(code="B")),
        ("keeps its code", lambda: type(version.instrument).objects.filter(pk=version.instrument_id).update(code="b")),
        ("scale that published", lambda: Scale.objects.filter(code="agree5").update(title="Other")),
        ("scale that published", lambda: Scale.objects.filter(code="agree5").delete()),
    ]
    for sentence, write in writes:
        with pytest.raises(DatabaseError, match=sentence), transaction.atomic():
            write()


def a_scale(code: str = "often") -> Scale:
    options = [{"code": "1", "label": "Never"}, {"code": "2", "label": "Often"}]
    return scales.add_scale(code=code, title="How often", options=options, **by())


def test_a_scale_is_worded_once_and_every_draft_follows_it() -> None:
    draft, scale = blank(), a_scale()
    add(draft, said("A", "likert", scale="often", options=scale.options))
    add(draft, said("B"))
    reworded = [{"code": "1", "label": "Never"}, {"code": "2", "label": "Sometimes"}]

    scales.edit_scale(scale=scale, revision=scale.revision, title="How often", options=reworded, **by())

    assert asked_in(draft, "A").options == reworded
    assert asked_in(draft, "B").options == list(YES_NO)
    with pytest.raises(ScaleChangedMeanwhile):
        scales.edit_scale(scale=scale, revision=scale.revision, title="How often", options=reworded, **by())


def test_a_scale_that_questions_use_stays() -> None:
    draft, scale = blank(), a_scale()
    add(draft, said("A", "likert", scale="often", options=scale.options))
    with pytest.raises(ScaleUsed, match="Questions use this scale"):
        scales.delete_scale(scale=scale, **by())
    publish(draft)
    with pytest.raises(ScaleUsed, match="it never changes"):
        scales.edit_scale(scale=scale, revision=1, title="How often", options=scale.options, **by())

    scales.delete_scale(scale=a_scale("free"), **by())
    assert not Scale.objects.filter(code="free").exists()


def test_a_scale_has_a_code_a_title_and_answers_of_its_own() -> None:
    a_scale()
    with pytest.raises(ScaleTaken):
        a_scale()
    with pytest.raises(ScaleNotNamed):
        scales.add_scale(code="A B", title="T", options=YES_NO, **by())
    with pytest.raises(ScaleNotNamed):
        scales.add_scale(code="ab", title=" ", options=YES_NO, **by())
    with pytest.raises(QuestionNotValid):
        scales.add_scale(code="ab", title="T", options=YES_NO[:1], **by())


def test_a_wording_published_elsewhere_meanwhile_is_told_before_publishing() -> None:
    questionnaire()
    draft = next_version("cop-core")
    Question.objects.filter(section__version=draft, item__code="M1").update(change="reworded")

    assert any("M1 was published in" in fault for fault in faults(draft))
    assert baseline_of(asked_in(draft, "M1")) is not None
