"""Writing a questionnaire in the browser, with nothing but forms and buttons."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from evaluations.models import EvaluationQuestion, Instrument, InstrumentVersion, Question, Scale, Section
from tests.evaluations.asking import community_of, person_in, questionnaire, staff_user
from tests.evaluations.drafting import add, asked_in, blank, edit, next_version, order_of, publish, said
from tests.evaluations.pages.browsing import words
from tests.factories.accounts import sign_in

pytestmark = pytest.mark.django_db


def staff() -> Client:
    return sign_in(Client(), staff_user())


def facilitator() -> Client:
    return sign_in(Client(), person_in(community_of(1), "facilitator").user)


def page(name: str, *args: Any) -> str:
    return reverse(f"evaluations:{name}", args=args)


def section_of(draft: InstrumentVersion) -> Section:
    found = Section.objects.filter(version=draft).order_by("position").first()
    assert found
    return found


def typed(**about: Any) -> dict[str, Any]:
    """What is typed into the form of a single choice."""
    return {
        "code": "Q1", "text": "Did it help?", "value_cycle": "immediate", "scale": "", "rows": "3",
        "evaluation_question": EvaluationQuestion.objects.get(code="1a").pk,
        "option-0-label": "Yes", "option-0-code": "1", "option-1-label": "No", "option-1-code": "2",
        "option-2-label": "Not for me", "option-2-code": "na", "option-2-is_excluded": "on",
        **about,
    }  # fmt: skip


def test_a_questionnaire_is_written_from_nothing_to_published() -> None:
    questionnaire()
    client = staff()
    begun = client.post(page("begin-questionnaire"), {"title": "After the visit", "code": "after-the-visit"})
    draft = InstrumentVersion.objects.get(instrument__code="after-the-visit")
    assert begun["Location"] == draft.get_draft_url()
    section = section_of(draft)

    chosen = client.post(page("draft-choose-kind", draft.pk, section.pk), {"kind": "single"})
    assert chosen["Location"] == page("draft-add-question", draft.pk, section.pk, "single")
    assert client.post(chosen["Location"], typed()).status_code == 302
    for kind, about in (("number", {"minimum": "0", "maximum": "40"}), ("long_text", {"max_length": "500"})):
        address = page("draft-add-question", draft.pk, section.pk, kind)
        assert client.post(address, typed(code=kind, **about)).status_code == 302, words(client.post(address, typed()))
    draft.refresh_from_db()
    shown = words(client.get(page("publish-draft", draft.pk)))
    assert "3 questions." in shown
    assert "New Q1, number, long_text" in shown
    published = client.post(page("publish-draft", draft.pk), {"revision": draft.revision})

    assert published["Location"] == page("instrument-version", "after-the-visit", 1)
    assert asked_in(draft, "Q1").options == [
        {"code": "1", "label": "Yes"}, {"code": "2", "label": "No"},
        {"code": "na", "label": "Not for me", "excluded": True},
    ]  # fmt: skip
    read = words(client.get(published["Location"]))
    assert "Not for me (left out of the base)" in read
    assert "Shown as: 0 to 7; 8 to 15; 16 to 23; 24 to 31; 32 to 40" in read


def test_rows_of_answers_are_arranged_by_buttons_and_nothing_is_kept_before_save() -> None:
    draft = blank()
    client, address = staff(), page("draft-add-question", draft.pk, section_of(draft).pk, "single")

    def labels(do: str) -> list[str]:
        shown = client.post(address, typed(do=do, text="Typed so far"))
        assert shown.context["form"]["text"].value() == "Typed so far"
        return [row["label"].value() or "" for row in shown.context["form"].rows.rows]

    assert labels("up:3") == ["Yes", "Not for me", "No"]
    assert labels("down:1") == ["No", "Yes", "Not for me"]
    assert labels("remove:2") == ["Yes", "Not for me"]
    assert labels("add") == ["Yes", "No", "Not for me", ""]
    assert labels("up:1") == labels("down:3") == labels("remove:99") == labels("x:y") == ["Yes", "No", "Not for me"]
    assert order_of(draft) == [[]]


@pytest.mark.parametrize(
    ("about", "sentence"),
    [
        ({"option-1-code": "1"}, "Two answers have the code “1”. Give each its own."),
        ({"option-1-label": ""}, "Each answer needs words."),
        ({"option-0-score": "much"}, "Answer 1: the score is a whole number, such as 4"),
        ({"rows": "0"}, "Give 2 to 50 answers to choose from."),
        ({"rows": "x" * 9}, "Give 2 to 50 answers to choose from."),
        ({"code": "no spaces"}, "A code has letters, figures, hyphens and underscores, at most 20."),
        ({"code": "M1"}, "M1 was asked before."),
    ],
)
def test_what_makes_no_sense_comes_back_with_what_was_typed(about: dict[str, str], sentence: str) -> None:
    draft = blank()
    response = staff().post(page("draft-add-question", draft.pk, section_of(draft).pk, "single"), typed(**about))

    assert response.status_code in (409, 422)
    assert sentence in words(response)
    assert "Did it help?" in words(response)
    assert order_of(draft) == [[]]


@pytest.mark.parametrize(
    ("kind", "least", "most"),
    [
        ("number", "Enter the least number that can be answered", "Enter the greatest number that can be answered"),
        ("date", "Enter the first year that can be answered", "Enter the last year that can be answered"),
    ],
)
def test_a_number_and_a_date_ask_for_their_limits_which_nobody_may_leave_out(kind: str, least: str, most: str) -> None:
    draft = blank()
    refused = staff().post(page("draft-add-question", draft.pk, section_of(draft).pk, kind), typed())

    assert refused.status_code == 422
    assert least in words(refused)
    assert most in words(refused)
    assert order_of(draft) == [[]]


def test_a_kind_is_asked_for_in_its_own_words() -> None:
    questionnaire()
    draft = blank()
    client, section = staff(), section_of(draft)
    likert = client.get(page("draft-add-question", draft.pk, section.pk, "likert")).context["form"]
    information = client.get(page("draft-add-question", draft.pk, section.pk, "information")).context["form"]

    assert ("agree5", "agree5: Strongly disagree to Strongly agree (7 answers)") in likert.fields["scale"].choices
    assert (likert["text"].label, information["text"].label) == ("Question", "Text to read")


def test_saying_same_of_other_words_is_refused_beside_that_choice() -> None:
    draft = next_version()
    question = asked_in(draft, "P1")
    form = staff().get(page("draft-question", draft.pk, "P1")).context["form"]
    said_so = {name: form[name].value() or "" for name in form.fields if not isinstance(form[name].value(), bool)}

    client = staff()
    refused = client.post(page("draft-question", draft.pk, "P1"), {**said_so, "rows": "0", "text": "Other words."})
    assert refused.status_code == 422
    assert "its words changed. Say that it is reworded, so that its trend starts again, or new." in words(refused)
    reworded = {**said_so, "rows": "0", "text": "Other words.", "change": "reworded"}
    saved = client.post(page("draft-question", draft.pk, "P1"), reworded, follow=True)
    assert "P1 is saved. It counts as reworded now: its trend starts again." in words(saved)

    question.refresh_from_db()
    assert (question.text, question.change, question.scale) == ("Other words.", "reworded", "agree5")


def test_two_who_change_one_question_see_both_texts_and_the_second_decides() -> None:
    draft = blank("Q1")
    client, address = staff(), page("draft-question", draft.pk, "Q1")
    read = client.get(address).context["form"]["revision"].value()
    edit(asked_in(draft, "Q1"), text="Theirs?")

    clash = client.post(address, typed(text="Mine?", revision=read))

    assert clash.status_code == 409
    assert "What the other person saved" in words(clash)
    assert "Question Theirs?" in words(clash)
    assert clash.context["form"]["text"].value() == "Mine?"
    again = clash.context["form"]["revision"].value()
    assert client.post(address, typed(text="Mine?", revision=again)).status_code == 302
    assert asked_in(draft, "Q1").text == "Mine?"


def test_headings_that_changed_meanwhile_are_shown_beside_mine() -> None:
    draft = blank("Q1")
    client, address = staff(), page("draft-headings", draft.pk)
    about = {
        "purpose": "",
        "default_privacy": "anonymous",
        "opens_for_days": "21",
        "reminder_days": "4, 9",
        "notes": "",
    }
    read = client.get(address).context["form"]["revision"].value()
    assert client.post(address, {**about, "title": "Theirs", "revision": read}).status_code == 302

    clash = client.post(address, {**about, "title": "Mine", "revision": read})

    assert clash.status_code == 409
    assert "Title Theirs" in words(clash)
    bad = client.post(address, {**about, "title": "T", "reminder_days": "soon", "revision": read})
    assert "Write the days as numbers" in words(bad)


def test_who_is_asked_is_chosen_in_two_steps_and_a_0_to_10_by_its_groups() -> None:
    draft = blank("Q1")
    add(draft, said("N", "zero_to_ten"))
    add(draft, said("Q2"))
    client = staff()

    first = client.get(page("draft-asked-of", draft.pk, "Q2"))
    assert [code for code, _ in first.context["form"].fields["of"].choices] == ["everyone", "Q1", "N"]
    step = client.post(page("draft-asked-of", draft.pk, "Q2"), {"of": "N"})["Location"]
    form = client.get(step).context["form"]
    assert [label for _, label in form.fields["codes"].choices] == ["0 to 3", "4 to 6", "7 to 10"]
    saved = client.post(step, {"codes": ["7,8,9,10"], "revision": form["revision"].value()}, follow=True)
    assert "Who is asked Q2 is saved. " in words(saved)
    assert asked_in(draft, "Q2").show_if == {"question": "N", "in": ["7", "8", "9", "10"]}
    assert "Those who answered N with “7 to 10”" in words(client.get(draft.get_draft_url()))

    saved = client.post(page("draft-asked-of", draft.pk, "Q2"), {"of": "everyone"}, follow=True)
    assert "Everyone is asked Q2. " in words(saved)
    assert asked_in(draft, "Q2").show_if is None
    # Nothing later can decide.
    assert client.get(page("draft-asked-only", draft.pk, "Q1", "N")).status_code == 200
    refused = client.post(page("draft-asked-only", draft.pk, "Q1", "N"), {"codes": ["0,1,2,3"], "revision": 999})
    assert "Q1 is asked by the answer to N, which must stand before it." in words(refused)


def test_questions_and_sections_move_by_buttons_and_what_may_not_move_says_why() -> None:
    draft = blank("Q1", "Q2")
    client = staff()
    client.post(page("move-question", draft.pk, "Q2"), {"to": "up"})
    assert order_of(draft) == [["Q2", "Q1"]]
    client.post(page("draft-asked-only", draft.pk, "Q1", "Q2"), {"codes": ["1"], "revision": 999})
    moved = client.post(page("move-question", draft.pk, "Q1"), {"to": "up"}, follow=True)
    assert "Q1 is asked by the answer to Q2, which must stand before it." in moved.content.decode()

    client.post(page("add-section", draft.pk), {"title": "More"})
    more = Section.objects.get(version=draft, title="More")
    client.post(page("move-section", draft.pk, more.pk), {"to": "up"})
    assert order_of(draft) == [[], ["Q2", "Q1"]]
    client.post(page("name-section", draft.pk, more.pk), {"title": "Before", "revision": 999})
    assert "Before" in words(client.get(draft.get_draft_url()))
    client.post(page("remove-section", draft.pk, more.pk))
    client.post(page("remove-question", draft.pk, "Q1"))
    assert order_of(draft) == [["Q2"]]


def test_a_question_asked_before_is_taken_from_a_list() -> None:
    draft = blank()
    client, address = staff(), page("draft-known-question", draft.pk, section_of(draft).pk)
    known = asked_in(InstrumentVersion.objects.get(instrument__code="cop-full"), "M5")
    offered = client.get(address).context["form"].fields["question"].queryset
    assert offered.filter(item__code="M1").count() == 1

    taken = client.post(address, {"question": known.pk}, follow=True)

    assert "M5 is added. It is the same as before: its trend goes on." in words(taken)
    assert (asked_in(draft, "M5").text, asked_in(draft, "M5").change) == (known.text, "same")
    assert not client.get(address).context["form"].fields["question"].queryset.filter(item__code="M5").exists()


def test_a_facilitator_drafts_from_a_copy_and_staff_publish() -> None:
    version = questionnaire("session-pulse")
    client = facilitator()
    client.post(page("copy-questionnaire", "session-pulse", 1), {"title": "Ours", "code": "ours"})
    draft = InstrumentVersion.objects.get(instrument__code="ours")
    # A facilitator's copy is a questionnaire of its own, whatever is sent.
    client.post(page("copy-questionnaire", "session-pulse", 1), {"what": "version", "title": "", "code": ""})
    assert version.instrument.versions.count() == 1

    assert client.get(draft.get_draft_url()).status_code == 200
    assert client.get(page("publish-draft", draft.pk)).status_code == 403
    assert client.get(page("add-scale")).status_code == 403
    client.post(page("offer-draft", draft.pk), {"offer": "yes"})
    assert "Ready to publish" in words(staff().get(page("instrument-list")))
    # Nobody else's.
    assert facilitator().get(draft.get_draft_url()).status_code == 404
    assert "Ours" not in words(facilitator().get(page("instrument-list")))
    draft.refresh_from_db()
    assert staff().post(page("publish-draft", draft.pk), {"revision": draft.revision}).status_code == 302
    assert client.get(draft.get_draft_url()).status_code == 404


def test_staff_make_the_next_version_once_and_can_delete_it() -> None:
    questionnaire("session-pulse")
    client, address = staff(), page("copy-questionnaire", "session-pulse", 1)
    client.post(address, {"what": "version"})
    draft = InstrumentVersion.objects.drafts().get()
    again = client.post(address, {"what": "version"})
    assert again.status_code == 409
    assert "Go on with that draft, or delete it first." in words(again)
    assert client.post(address, {"what": "own"}).status_code == 422

    assert "This cannot be undone." in words(client.get(page("delete-draft", draft.pk)))
    client.post(page("delete-draft", draft.pk))
    assert Instrument.objects.get(code="session-pulse").versions.count() == 1


def test_earlier_versions_can_be_read_and_say_what_changed() -> None:
    draft = next_version()
    edit(asked_in(draft, "P2"), text="Other words.", change="reworded")
    publish(draft)
    client = staff()

    newest, first = (
        client.get(page("instrument", "session-pulse")),
        client.get(page("instrument-version", "session-pulse", 1)),
    )
    assert "Version 2: this one" in words(newest)
    assert "P2: Other words. Reworded" in words(newest)
    assert "Version 1: this one" in words(first)
    assert "Other words" not in words(first)
    assert client.get(page("instrument-version", "session-pulse", 3)).status_code == 404


def test_scales_are_added_changed_and_deleted_until_something_published_uses_them() -> None:
    questionnaire()
    client = staff()
    rows = {
        "rows": "2",
        "option-0-label": "Never",
        "option-0-code": "1",
        "option-1-label": "Often",
        "option-1-code": "2",
    }
    assert client.post(page("add-scale"), {"title": "How often", "code": "often", **rows}).status_code == 302
    again = client.post(page("add-scale"), {"title": "How often", "code": "often", **rows})
    assert "There is a scale with this code." in words(again)
    client.post(page("edit-scale", "often"), {"title": "Frequency", "revision": "1", **rows})
    clash = client.post(page("edit-scale", "often"), {"title": "Mine", "revision": "1", **rows})
    assert clash.status_code == 409
    assert client.post(page("edit-scale", "agree5"), {"title": "Mine", "revision": "1", **rows}).status_code == 409
    listed = words(client.get(page("scale-list")))
    assert "Frequency (often) Answers Never; Often Questions 0" in listed
    assert "In use: it never changes" in listed
    client.post(page("delete-scale", "often"))
    assert list(Scale.objects.values_list("code", flat=True)) == ["agree5"]


def test_what_is_typed_into_a_question_is_kept_and_all_its_rows_come_back() -> None:
    draft = blank()
    client, address = staff(), page("draft-add-question", draft.pk, section_of(draft).pk, "single")
    mark = re.search(r'data-draft="([^"]+)"', client.get(address).content.decode())
    assert mark, "the page of a question has no mark to keep its draft under"
    fields = [["text", "Did it help?"], ["rows", "5"], ["option-4-label", "Not for me"]]
    kept = client.post(
        reverse("accounts:save-draft"), {"mark": mark[1], "fields": fields}, content_type="application/json"
    )
    assert kept.status_code == 200, kept.content
    again = client.get(address).content.decode()
    assert 'name="option-4-label"' in again
    assert "You have a draft of this page" in again

    assert client.post(address, typed()).status_code == 302
    assert 'name="option-4-label"' not in client.get(address).content.decode()


def test_the_title_of_a_questionnaire_is_kept_while_it_is_typed() -> None:
    draft = blank()
    assert re.search(r'data-draft="[^"]+"', staff().get(page("draft-headings", draft.pk)).content.decode())


def test_a_question_serves_no_value_cycle_before_one_is_chosen() -> None:
    draft = blank()
    address = page("draft-add-question", draft.pk, section_of(draft).pk, "single")
    refused = staff().post(address, typed(value_cycle=""))
    assert refused.status_code == 422
    assert not Question.objects.filter(section__version=draft).exists()


def test_what_stands_in_the_way_of_publishing_is_a_heading_of_its_own() -> None:
    shown = staff().get(page("publish-draft", blank().pk)).content.decode()
    assert re.search(r"<h2[^>]*>(?:(?!</h2>).)*Not ready yet", shown, re.DOTALL)
