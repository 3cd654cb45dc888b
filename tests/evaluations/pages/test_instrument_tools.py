"""Questionnaires checked, previewed, taken away as files and brought in from files, on the pages."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from evaluations.interchange.instrument_json import bytes_of
from evaluations.interchange.redcap import dictionary
from evaluations.models import InstrumentFile, InstrumentVersion, Question
from tests.evaluations.asking import community_of, person_in, questionnaire, staff_user
from tests.evaluations.interchange.documents import shipped
from tests.evaluations.pages.browsing import everything_stored, words
from tests.factories.accounts import sign_in

pytestmark = pytest.mark.django_db

IMPORT = "evaluations:import-instruments"
HEADINGS = (
    "Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"
    '"Choices, Calculations, OR Slider Labels",Field Note,Text Validation Type OR Show Slider Number,'
    "Text Validation Min,Text Validation Max,Identifier?,Branching Logic (Show field only if...),Required Field?,"
    "Custom Alignment,Question Number (surveys only),Matrix Group Name,Matrix Ranking?,Field Annotation\n"
)
FROM_REDCAP = (
    HEADINGS
    + "record_id,after_visit,,text,Record ID,,,,,,,,,,,,,\n"
    + 'seen,after_visit,About the visit,yesno,"Were you <b>seen</b> today?",,,,,,,,y,,,,,\n'
    + "wait,after_visit,,text,How long did you wait?,,In minutes,integer,0,600,,[seen] = '1',,,,,,\n"
    + 'total,after_visit,,calc,Total wait,"[wait] * 2",,,,,,,,,,,,\n'
).encode()


def staff() -> Client:
    return sign_in(Client(), staff_user())


def page(name: str, code: str = "cop-full", number: int = 1, **about: Any) -> str:
    return reverse(f"evaluations:{name}", kwargs={"code": code, "number": number, **about})


def sent(client: Client, address: str, **said: Any) -> Any:
    """Where a form sent from here leads."""
    return client.post(address, said)


def upload(client: Client, content: bytes, name: str = "questions.csv") -> Any:
    data = {"file": SimpleUploadedFile(name, content), "serves": "1a", "value_cycle": "applied"}
    return client.post(reverse(IMPORT), data)


def test_the_check_tells_minutes_ways_and_reading_ages() -> None:
    questionnaire()

    said = words(staff().get(page("instrument-checks")))

    assert "It takes about 10 minutes: 120 of 120 points on the longest way." in said
    assert "Every question can be reached. There are 2 ways through." in said
    assert "V4: “Not started”, “Planned”, “I have no change in mind” or not answered Questions 25 Minutes 10" in said
    assert "4 of 27 questions are hard to read for someone of 11." in said
    assert "turned to for help? Points 4 Reading age 15 Hard Long words community, organisations" in said


@pytest.mark.parametrize("code", ["session-pulse", "cop-full"])
@pytest.mark.parametrize(("name", "count"), [("instrument-checks", 5), ("instrument-as-files", 9)])
def test_tools_take_as_many_queries_whatever_the_length(
    name: str, count: int, code: str, django_assert_max_num_queries: Any
) -> None:
    questionnaire()
    client = staff()
    with django_assert_max_num_queries(count):
        client.get(page(name, code))


def test_a_questionnaire_is_taken_away_as_json_and_for_redcap() -> None:
    questionnaire()

    as_json, as_csv = staff().get(page("instrument-json")), staff().get(page("instrument-redcap"))

    assert as_json.content == bytes_of(shipped("cop-full"))
    assert as_json["Content-Disposition"] == 'attachment; filename="cop-full-1.json"'
    assert as_csv.content == dictionary(shipped("cop-full")).content
    assert as_csv["Content-Disposition"] == 'attachment; filename="cop-full-1-redcap.csv"'
    assert "R1: It is two-sided." in words(staff().get(page("instrument-as-files")))


def test_a_data_dictionary_is_looked_at_before_it_becomes_a_draft() -> None:
    questionnaire()
    client = staff()

    looked_at = client.get(upload(client, FROM_REDCAP).url)

    said = words(looked_at)
    assert (
        "Row 3, seen: formatting was taken out of “Were you <b>seen</b> today?”."
        in looked_at.content.decode().replace("&lt;", "<").replace("&gt;", ">")
    )
    assert "Row 5, total: No question was made: REDCap works this field out; here nothing is worked out." in said
    assert "Its calculation: “[wait] * 2”. Its label: “Total wait”." in said
    assert "The file does not say what these questions are for: seen, wait. They serve 1a, applied" in said
    assert "It would become a new questionnaire, as a draft of version 1." in said
    assert not InstrumentVersion.objects.filter(published_at=None).exists()

    file = InstrumentFile.objects.get()
    made = sent(client, file.get_absolute_url())

    draft = InstrumentVersion.objects.get(published_at=None)
    assert made.url == draft.get_draft_url()
    asked = Question.objects.filter(section__version=draft).order_by("position")
    assert [(one.item.code, one.kind, one.text, one.show_if) for one in asked.select_related("item")] == [
        ("seen", "single", "Were you seen today?", None),
        ("wait", "number", "How long did you wait?", {"question": "seen", "in": ["1"]}),
    ]
    assert words(client.get(file.get_absolute_url())).count("No question was made") == 1


def test_what_is_published_already_needs_no_draft() -> None:
    questionnaire()
    client = staff()

    looked_at = words(client.get(upload(client, bytes_of(shipped("cop-core")), "cop-core-1.json").url))

    assert "It is published already, just as it stands: version 1. No draft is needed." in looked_at
    assert "Make a draft" not in looked_at


def test_a_changed_questionnaire_becomes_the_next_version_with_each_question_compared() -> None:
    questionnaire()
    document = shipped("session-pulse")
    document["instruments"][0]["questions"][1]["text"] = "I could speak openly."
    client = staff()

    address = upload(client, bytes_of(document), "pulse.json").url
    said = words(client.get(address))

    assert "It would become a draft of version 2." in said
    assert "P2: I could speak openly. Kind Agreement scale Compared with what was asked Reworded: its words" in said
    assert "P1: This session was useful to me. Kind Agreement scale Compared with what was asked Same" in said
    client.post(address)
    draft = InstrumentVersion.objects.get(instrument__code="session-pulse", published_at=None)
    assert (draft.number, draft.attribution) == (2, document["attribution"])
    assert "It has a draft already." in words(client.get(upload(client, bytes_of(document)).url))


def test_a_circle_in_who_is_asked_is_refused_with_a_sentence_and_nothing_is_kept() -> None:
    questionnaire()
    document = shipped("cop-full")
    for one in document["instruments"][0]["questions"]:
        if one["code"] in {"V5", "V6"}:
            one["show_if"] = {"question": {"V5": "V6", "V6": "V5"}[one["code"]], "in": ["1"]}
    circle = FROM_REDCAP.replace(b",,y,,,,,\n", b",[wait] = '1',y,,,,,\n").replace(
        b"wait,after_visit,,text", b"wait,after_visit,,yesno"
    )

    for content in (bytes_of(document), circle):
        refused = upload(staff(), content)
        assert refused.status_code == 422
        assert "This goes in a circle:" in words(refused)
    assert not InstrumentFile.objects.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            b"name,mail\nA,b@example.org\n",
            "This is not a REDCap data dictionary: it has no column Variable / Field Name.",
        ),
        (b"PK\x03\x04" + b"0" * 50, "This is a workbook or a zip file."),
        (FROM_REDCAP.replace(b"wait,after", b"seen,after"), "Row 4 names seen, as row 3 does."),
        (FROM_REDCAP.replace(b'"[wait] * 2"', b'"[wait] * 2'), "cannot be read as CSV"),
        (b'{"schema": "cop-portal/instrument/1"}', "are missing."),
        (HEADINGS.encode() + b"record_id,a,,text,Record ID,,,,,,,,,,,,,\n", "No field in this file can be asked"),
    ],
)
def test_a_file_that_is_none_is_refused_in_words(content: bytes, sentence: str) -> None:
    questionnaire()

    refused = upload(staff(), content)

    assert (refused.status_code, sentence in words(refused)) == (422, True), words(refused)
    assert not InstrumentFile.objects.exists()


def test_a_file_of_which_nothing_was_made_is_thrown_away_after_asking() -> None:
    questionnaire()
    client = staff()
    address = upload(client, FROM_REDCAP).url
    discard = reverse("evaluations:discard-instrument-file", args=[InstrumentFile.objects.get().pk])

    assert "you can upload it again" in words(client.get(discard)).lower()
    client.post(discard)

    assert client.get(address).status_code == 404


def test_a_file_that_became_a_draft_stays_because_it_says_what_did_not_fit() -> None:
    questionnaire()
    client = staff()
    address = upload(client, FROM_REDCAP).url
    client.post(address)

    kept = client.post(reverse("evaluations:discard-instrument-file", args=[InstrumentFile.objects.get().pk]))
    again = client.post(address)

    assert (kept.status_code, again.status_code) == (409, 409)
    assert InstrumentFile.objects.count() == 1


def test_only_staff_import_and_a_facilitator_sees_what_is_published() -> None:
    questionnaire()
    community = community_of(1)
    facilitator, member = (sign_in(Client(), person_in(community, role).user) for role in ("facilitator", "member"))

    assert facilitator.get(page("instrument-checks")).status_code == 200
    assert facilitator.get(reverse(IMPORT)).status_code == 403
    assert member.get(page("instrument-checks")).status_code == 403
    assert facilitator.get(page("instrument-json", "no-such")).status_code == 404


def test_the_preview_asks_as_members_are_asked_and_stores_nothing() -> None:
    questionnaire()
    client = staff()
    framed = client.get(page("instrument-preview", "session-pulse"))
    sources = re.findall(r'<iframe[^>]* src="([^"]+)"', framed.content.decode())
    assert [source.split("/preview/")[1] for source in sources] == ["question/P1/", "section/P1/"]
    before = everything_stored()

    first = client.get(sources[0])
    assert "Question 1 of 3" in words(first)
    assert (first["X-Frame-Options"], "frame-ancestors 'self'" in first["Content-Security-Policy"]) == (
        "SAMEORIGIN",
        True,
    )
    third = sent(client, sent(client, sources[0], P1="4").url, go="skip").url
    fourth = sent(client, third, P3="1").url
    assert fourth.endswith("/question/P4/?P3=1")
    assert "Question 4 of 4" in words(client.get(fourth))
    end = sent(client, fourth, P4="Something").url
    assert "That was the last question" in words(client.get(end))
    assert "Something" not in end
    # No takes another way.
    assert "That was the last question" in words(client.get(sent(client, third, P3="3").url))
    assert "Questions 1 to 3 of 3" in words(client.get(sources[1]))
    assert everything_stored() == before


def test_the_preview_refuses_what_the_questionnaire_refuses_and_knows_two_widths() -> None:
    questionnaire()
    client = staff()
    address = page("preview-step", "cop-full", pace="question", step="M5")

    refused = client.post(address, {"M5": ["1", "x1"]})

    assert (refused.status_code, "goes with no other answer" in words(refused)) == (422, True)
    assert client.get(address.replace("/question/", "/tablet/")).status_code == 404


def test_json_of_a_draft_is_its_authors_and_the_staffs() -> None:
    questionnaire()
    client = staff()
    client.post(upload(client, FROM_REDCAP).url)
    facilitator = sign_in(Client(), person_in(community_of(1), "facilitator").user)

    of_draft = page("instrument-json", "after-visit")

    assert json.loads(client.get(of_draft).content)["instruments"][0]["title"] == "After visit"
    assert facilitator.get(of_draft).status_code == 404


def test_the_way_out_of_the_preview_is_in_the_foot_of_the_page() -> None:
    questionnaire()
    shown = staff().get(page("preview-step", "cop-full", pace="section", step="M5")).content.decode()
    assert re.search(r"(?s)<footer[^>]*>(?:(?!</footer>).)*Leave the preview", shown)
