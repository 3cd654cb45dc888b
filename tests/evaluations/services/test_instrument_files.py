"""Questionnaires from files: kept as long as they are of use, and made into drafts all or none."""

from __future__ import annotations

from datetime import timedelta

import pytest

from evaluations.imports.instrument_files import NotSaidWhatFor, receive_instrument_file
from evaluations.imports.instruments import INSTRUMENTS_FILE
from evaluations.interchange.content import Content
from evaluations.interchange.instrument_json import bytes_of
from evaluations.interchange.redcap import dictionary
from evaluations.models import EvaluationQuestion, InstrumentFile, InstrumentVersion, Question, Scale
from evaluations.services.instruments.drafts import begin_next_version, delete_draft
from evaluations.services.instruments.files import (
    CodeReserved,
    DraftInTheWay,
    NothingNewInFile,
    forget_instrument_files,
    make_drafts,
)
from evaluations.services.instruments.publishing import publish_version
from tests.evaluations.asking import questionnaire, staff_user
from tests.evaluations.interchange.documents import SHIPPED, shipped
from tests.factories.communities import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def framework() -> None:
    questionnaire()


def received(content: bytes) -> InstrumentFile:
    serves = EvaluationQuestion.objects.get(code="1a")
    return receive_instrument_file(
        content=content,
        file_name="../../odd\x00 name.json",
        serves=serves,
        value_cycle="applied",
        by=staff_user(),
        now=NOW,
    )


def made(content: bytes) -> list[InstrumentVersion]:
    return make_drafts(file=received(content), by=staff_user(), now=NOW)


def renamed(code: str) -> Content:
    document = shipped("session-pulse")
    document["instruments"][0]["code"] = code
    return document


def test_a_file_of_which_nothing_was_made_is_forgotten_after_thirty_days() -> None:
    unused, used = received(bytes_of(renamed("one"))), received(bytes_of(renamed("two")))
    make_drafts(file=used, by=staff_user(), now=NOW)

    assert forget_instrument_files(now=NOW + timedelta(days=30)) == 0
    assert forget_instrument_files(now=NOW + timedelta(days=30, seconds=1)) == 1
    assert not InstrumentFile.objects.filter(pk=unused.pk).exists()
    assert InstrumentFile.objects.filter(pk=used.pk).exists()


def test_a_deleted_draft_leaves_its_file_to_be_used_again() -> None:
    file = received(bytes_of(renamed("one")))
    (draft,) = make_drafts(file=file, by=staff_user(), now=NOW)
    delete_draft(version=draft, by=staff_user(), now=NOW)

    (again,) = make_drafts(file=file, by=staff_user(), now=NOW)

    assert again.instrument.code == "one"


def test_drafts_are_made_of_all_that_is_new_or_of_nothing() -> None:
    three = {**SHIPPED, "instruments": [{**one, "title": f"{one['title']}!"} for one in SHIPPED["instruments"]]}
    begin_next_version(version=InstrumentVersion.objects.get(instrument__code="cop-core"), by=staff_user(), now=NOW)

    with pytest.raises(DraftInTheWay, match="has a draft already"):
        made(bytes_of(three))

    assert InstrumentVersion.objects.drafts().count() == 1
    three["instruments"][1]["title"] = SHIPPED["instruments"][1]["title"]
    assert sorted(draft.instrument.code for draft in made(bytes_of(three))) == ["cop-full", "session-pulse"]


def test_what_is_published_just_so_is_not_drafted_whatever_its_number() -> None:
    again = shipped("cop-core")
    again["instruments"][0]["version"] = 7

    with pytest.raises(NothingNewInFile):
        made(bytes_of(again))


def test_words_of_addresses_are_no_code() -> None:
    with pytest.raises(CodeReserved, match="cannot have the code “import”"):
        made(bytes_of(renamed("import")))


def test_a_draft_keeps_items_scales_and_the_number_of_its_file() -> None:
    document = renamed("one")
    document["instruments"][0]["version"] = 5
    (draft,) = made(bytes_of(document))

    asked = Question.objects.get(section__version=draft, item__code="P1")
    assert (draft.number, asked.scale, asked.change) == (5, "agree5", "same")
    assert asked.item == Question.objects.get(section__version__instrument__code="session-pulse", item=asked.item).item
    assert Scale.objects.filter(code="agree5").count() == 1


def test_a_draft_from_redcap_without_limits_says_so_before_it_is_published() -> None:
    document = renamed("one")
    document["instruments"][0]["questions"][1] = {
        "code": "age", "kind": "number", "text": "How long?", "evaluation_question": "1a", "value_cycle": "applied",
        "required": False,
    }  # fmt: skip
    document["instruments"][0]["sections"][0]["questions"][1] = "age"
    (draft,) = made(dictionary(document).content)

    with pytest.raises(Exception, match="Give the least and greatest number that can be answered"):
        publish_version(version=draft, revision=draft.revision, by=staff_user(), now=NOW)


def test_a_scale_that_means_other_answers_here_becomes_the_questions_own() -> None:
    document = renamed("one")
    document["scales"][0]["options"][0]["label"] = "Not at all"
    file = received(dictionary(document).content)

    (draft,) = make_drafts(file=file, by=staff_user(), now=NOW)

    assert [note["words"] for note in file.notes] == [
        "the scale agree5 has other answers here: these are the question’s own."
    ] * 2
    asked = Question.objects.get(section__version=draft, item__code="P1")
    assert (asked.scale, asked.options[0]["label"]) == ("", "Not at all")


def test_a_file_is_called_by_its_name_and_never_by_a_path() -> None:
    assert received(bytes_of(renamed("one"))).file_name == "odd name.json"


UNMAPPED = (
    b'"Variable / Field Name","Form Name","Section Header","Field Type","Field Label",'
    b'"Choices, Calculations, OR Slider Labels"\r\n'
    b'"record_id","form","","text","Record ID",""\r\n"age","form","","radio","Did it help?","1, Yes | 2, No"\r\n'
)


def test_the_portals_own_file_is_not_asked_what_it_says_itself() -> None:
    shipped = INSTRUMENTS_FILE.read_bytes()
    file = receive_instrument_file(
        content=shipped, file_name="a.json", serves=None, value_cycle="", by=staff_user(), now=NOW
    )
    assert file.form == InstrumentFile.Form.JSON


def test_a_dictionary_that_does_not_say_what_its_questions_are_for_is_asked() -> None:
    with pytest.raises(NotSaidWhatFor, match="does not say what age is for"):
        receive_instrument_file(
            content=UNMAPPED, file_name="a.csv", serves=None, value_cycle="", by=staff_user(), now=NOW
        )
    assert not InstrumentFile.objects.exists()
