"""Writing a questionnaire: nothing is overwritten, nothing depends on a later answer, and codes keep their meaning."""

from __future__ import annotations

from typing import Any

import pytest

from cop_portal.audit.models import AuditEntry
from cop_portal.refusals import Refusal
from evaluations.models import Instrument, InstrumentVersion, Item, Question, Section
from evaluations.services.instruments import drafts, questions, sections
from evaluations.services.instruments.codes import QuestionThere
from evaluations.services.instruments.content import QuestionNotValid
from evaluations.services.instruments.drafts import CodeTaken, DraftThere, Headings, HeadingsNotValid, NotACode
from evaluations.services.instruments.holding import AskedByLaterAnswer, DraftChangedMeanwhile, VersionPublished
from evaluations.services.instruments.questions import NotTheSame
from tests.evaluations.asking import questionnaire, staff_user
from tests.evaluations.drafting import YES_NO, add, asked_in, blank, edit, next_version, order_of, publish, said
from tests.factories.communities import NOW

pytestmark = pytest.mark.django_db


def by() -> dict[str, Any]:
    return {"by": staff_user(), "now": NOW}


def ask_only(question: Question, of: str, *codes: str) -> Question:
    question.refresh_from_db()
    return questions.ask_only(question=question, revision=question.revision, of=of, codes=list(codes), **by())


def test_a_questionnaire_begins_with_one_section_and_says_who_began_it() -> None:
    draft = blank()

    assert (draft.number, draft.is_draft, order_of(draft)) == (1, True, [[]])
    assert AuditEntry.objects.filter(event="instrument.draft_begun").count() == 1


@pytest.mark.parametrize("code", ["", "Ünsal", "two words", "-x", "x--y", "a" * 61, "new", "drafts", "scales"])
def test_a_code_that_cannot_stand_in_an_address_is_refused(code: str) -> None:
    with pytest.raises(NotACode):
        drafts.begin_questionnaire(code=code, title="Anything", **by())
    assert not Instrument.objects.exists()


def test_two_questionnaires_never_share_a_code() -> None:
    blank()
    with pytest.raises(CodeTaken):
        drafts.begin_questionnaire(code="after-the-visit", title="Another", **by())


def test_the_next_version_begins_with_every_question_the_same() -> None:
    draft = next_version("cop-full")

    questions_now = Question.objects.filter(section__version=draft)
    before = Question.objects.filter(section__version=draft.drafted_from)
    assert (draft.number, draft.instrument.code) == (2, "cop-full")
    assert order_of(draft) == order_of(draft.drafted_from)  # type: ignore[arg-type]
    assert set(questions_now.values_list("item", flat=True)) == set(before.values_list("item", flat=True))
    assert set(questions_now.values_list("change", "wording")) == {("same", None)}


def test_what_was_changed_before_it_was_published_can_be_changed_in_the_next_version() -> None:
    draft = blank("Q1", "Q2")
    edit(asked_in(draft, "Q2"), text="Did it help at all?")
    following = drafts.begin_next_version(version=publish(draft), **by())
    changed = questions.edit_question(
        question=asked_in(following, "Q2"),
        revision=following.revision,
        content=said("Q2", text="Did it help you?", change="reworded"),
        **by(),
    )
    assert changed.text == "Did it help you?"


def test_a_questionnaire_has_one_draft_at_a_time() -> None:
    draft = next_version()
    assert draft.drafted_from
    with pytest.raises(DraftThere):
        drafts.begin_next_version(version=draft.drafted_from, **by())


def test_a_copy_is_a_questionnaire_of_its_own_whose_questions_stay_the_same_items() -> None:
    version = questionnaire("cop-core")
    items = Item.objects.count()

    copy = drafts.copy_questionnaire(version=version, code="ours", title="Ours", **by())

    assert (copy.instrument.code, copy.number, copy.title) == ("ours", 1, "Ours")
    assert Item.objects.count() == items
    assert set(Question.objects.filter(section__version=copy).values_list("change", flat=True)) == {"same"}


@pytest.mark.parametrize(
    ("headings", "sentence"),
    [
        (Headings(" "), "Give the questionnaire a title."),
        (Headings("T", opens_for_days=0), "It is open for 1 to 365 days."),
        (Headings("T", opens_for_days=7, reminder_days=[7]), "Reminders go while it is open"),
        (Headings("T", reminder_days=[0]), "Reminders go while it is open"),
        (Headings("T", default_privacy="secret"), "Choose how private the answers are."),
    ],
)
def test_headings_that_make_no_sense_are_refused(headings: Headings, sentence: str) -> None:
    draft = blank()
    with pytest.raises(HeadingsNotValid, match=sentence):
        drafts.edit_headings(version=draft, revision=draft.revision, headings=headings, **by())


def test_headings_are_not_overwritten_by_who_read_them_before_someone_else_changed_them() -> None:
    draft = blank()
    read = draft.revision
    drafts.edit_headings(version=draft, revision=read, headings=Headings("Theirs"), **by())

    with pytest.raises(DraftChangedMeanwhile):
        drafts.edit_headings(version=draft, revision=read, headings=Headings("Mine"), **by())
    draft.refresh_from_db()
    assert draft.title == "Theirs"


def test_two_who_change_different_questions_do_not_stand_in_each_others_way_but_on_one_question_they_do() -> None:
    draft = blank("A", "B")
    read = draft.revision
    one, other = asked_in(draft, "A"), asked_in(draft, "B")
    edited: dict[str, Any] = {"revision": read, **by()}

    questions.edit_question(question=one, content=said("A", text="Theirs"), **edited)
    questions.edit_question(question=other, content=said("B", text="Mine"), **edited)
    with pytest.raises(DraftChangedMeanwhile):
        questions.edit_question(question=asked_in(draft, "A"), content=said("A", text="Mine"), **edited)

    assert [asked_in(draft, code).text for code in "AB"] == ["Theirs", "Mine"]


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"code": "a b"}, "code"),
        ({"text": "  "}, "text"),
        ({"kind": "likert", "options": []}, "options"),
        ({"options": [{"code": "1", "label": "Only"}]}, "options"),
        ({"options": [{"code": "1", "label": "Yes"}, {"code": "1", "label": "No"}]}, "options"),
        ({"options": [{"code": "1", "label": "Yes"}, {"code": "2", "label": "Yes"}]}, "options"),
        ({"options": [{"code": "1", "label": "Yes"}, {"code": "é", "label": "No"}]}, "options"),
        ({"options": [{"code": str(n), "label": f"{n}", "excluded": True} for n in range(2)]}, "options"),
        ({"kind": "short_text", "options": YES_NO}, "options"),
        ({"kind": "short_text", "options": [], "max_length": None}, "max_length"),
        ({"kind": "number", "options": [], "minimum": 0, "maximum": None}, "minimum"),
        ({"kind": "number", "options": [], "minimum": 9, "maximum": 1}, "minimum"),
        ({"kind": "date", "options": [], "minimum": 1066, "maximum": 2026}, "minimum"),
        ({"minimum": 0, "maximum": 1}, "minimum"),
        ({"kind": "multiple", "is_two_sided": True}, "is_two_sided"),
    ],
)
def test_a_question_that_makes_no_sense_by_itself_is_refused_by_its_part(content: dict[str, Any], field: str) -> None:
    draft = blank()
    with pytest.raises(QuestionNotValid) as refused:
        add(draft, said(content.pop("code", "A"), **content))
    assert refused.value.field == field
    assert order_of(draft) == [[]]


def test_a_code_is_used_once_whether_here_before_or_in_another_draft() -> None:
    draft = blank("A")
    for code, sentence in (("A", "stands in this questionnaire"), ("M1", "was asked before")):
        with pytest.raises(QuestionThere, match=sentence):
            add(draft, said(code))
    other = drafts.begin_questionnaire(code="other", title="Other", **by())
    with pytest.raises(QuestionThere, match="stands in another draft"):
        add(other, said("A"))


def test_a_question_asked_before_is_taken_as_it_was_and_stays_the_same() -> None:
    draft = blank()
    section = Section.objects.get(version=draft)
    known = asked_in(questionnaire("cop-full"), "M5")

    taken = questions.add_known_question(section=section, question=known, **by())

    assert (taken.item, taken.change, taken.options) == (known.item, "same", known.options)
    with pytest.raises(QuestionThere):
        questions.add_known_question(section=section, question=known, **by())


def test_a_question_asked_of_some_is_taken_for_everyone_where_the_other_is_not_there_and_says_so() -> None:
    draft = blank()
    known = asked_in(questionnaire("cop-full"), "V5")
    taken = questions.add_known_question(section=Section.objects.get(version=draft), question=known, **by())

    assert (taken.show_if, taken.change) == (None, "reworded")


def test_other_words_are_not_the_same_and_the_same_words_are_not_reworded() -> None:
    draft = next_version()
    question = asked_in(draft, "P1")

    with pytest.raises(NotTheSame, match=r"P1 is no longer the same as in “After the session .version 1.”: its words"):
        edit(question, text="It was safe to speak.", change="same")
    with pytest.raises(NotTheSame, match="word for word"):
        edit(question, change="reworded")
    with pytest.raises(NotTheSame, match="has a code of its own"):
        edit(question, text="It was safe to speak.", change="new")
    assert edit(question, text="It was safe to speak.", change="reworded").change == "reworded"
    assert edit(question, text=question.text, change="same").change == "same"


def test_a_published_code_stays_unless_the_question_is_new() -> None:
    draft = next_version()
    question = asked_in(draft, "P3")

    with pytest.raises(NotTheSame, match="keeps its code"):
        edit(question, code="P9", change="same")
    renamed = edit(question, code="P9", text="Will you try it?", change="new")

    assert (renamed.item.code, renamed.change) == ("P9", "new")
    # Who was asked by the answer to P3 is asked by the answer to P9 now.
    assert asked_in(draft, "P4").show_if == {"question": "P9", "in": ["1", "2"]}


def test_a_code_given_up_in_a_draft_is_free_again() -> None:
    draft = blank("A")
    edit(asked_in(draft, "A"), code="B")
    assert not Item.objects.filter(code="A").exists()


def test_a_question_is_asked_by_earlier_answers_only() -> None:
    draft = blank("A", "B", "C")
    with pytest.raises(AskedByLaterAnswer, match="must stand before it"):
        ask_only(asked_in(draft, "A"), "B", "1")
    with pytest.raises(AskedByLaterAnswer, match="must stand before it"):
        ask_only(asked_in(draft, "A"), "A", "1")
    with pytest.raises(AskedByLaterAnswer, match="no such answer"):
        ask_only(asked_in(draft, "B"), "A", "9")
    with pytest.raises(Refusal, match="at least one answer"):
        ask_only(asked_in(draft, "B"), "A")

    assert ask_only(asked_in(draft, "B"), "A", "1").show_if == {"question": "A", "in": ["1"]}
    assert ask_only(asked_in(draft, "B"), "").show_if is None


def test_who_is_asked_by_a_0_to_10_is_named_by_whole_groups() -> None:
    draft = blank()
    add(draft, said("N", "zero_to_ten"))
    add(draft, said("A"))
    with pytest.raises(AskedByLaterAnswer, match="whole groups"):
        ask_only(asked_in(draft, "A"), "N", "10")
    assert ask_only(asked_in(draft, "A"), "N", "7", "8", "9", "10").show_if


@pytest.mark.parametrize("kind", ["number", "date", "short_text", "information"])
def test_only_a_choice_decides_who_is_asked(kind: str) -> None:
    draft = blank()
    add(draft, said("N", kind))
    add(draft, said("A"))
    with pytest.raises(AskedByLaterAnswer, match="must be a choice"):
        ask_only(asked_in(draft, "A"), "N", "2000")


def test_nothing_that_a_later_question_depends_on_goes_away_unnoticed() -> None:
    draft = blank("A", "B")
    ask_only(asked_in(draft, "B"), "A", "2")
    first = asked_in(draft, "A")

    for write in (
        lambda: questions.remove_question(question=first, **by()),
        lambda: questions.move_question(question=first, up=False, **by()),
        lambda: edit(first, options=[{"code": "1", "label": "Yes"}, {"code": "3", "label": "No"}]),
        lambda: edit(first, kind="short_text", options=[], max_length=20),
    ):
        with pytest.raises(AskedByLaterAnswer):
            write()
    assert order_of(draft) == [["A", "B"]]


def test_questions_move_one_place_at_a_time_and_across_sections() -> None:
    draft = blank("A", "B")
    sections.add_section(version=draft, title="More", **by())
    add(draft, said("C"))

    def move(code: str, *, up: bool) -> list[list[str]]:
        questions.move_question(question=asked_in(draft, code), up=up, **by())
        return order_of(draft)

    assert move("B", up=True) == [["B", "A"], ["C"]]
    assert move("B", up=True) == [["B", "A"], ["C"]]
    assert move("C", up=True) == [["B", "A", "C"], []]
    assert move("C", up=False) == [["B", "A"], ["C"]]
    assert move("A", up=False) == [["B"], ["A", "C"]]
    assert move("C", up=False) == [["B"], ["A", "C"]]


def test_sections_move_are_named_and_go_with_their_questions() -> None:
    draft = blank("A")
    second = sections.add_section(version=draft, title="More", **by())
    add(draft, said("B"))

    sections.move_section(section=second, up=True, **by())
    assert order_of(draft) == [["B"], ["A"]]
    sections.name_section(section=second, revision=second.revision, title="Most", **by())
    sections.remove_section(section=second, **by())
    assert order_of(draft) == [["A"]]
    assert not Item.objects.filter(code="B").exists()
    with pytest.raises(sections.LastSection):
        sections.remove_section(section=Section.objects.get(version=draft), **by())


def test_a_draft_is_deleted_whole_and_leaves_nothing_but_the_note_that_it_was() -> None:
    draft = blank("A", "B")
    drafts.delete_draft(version=draft, **by())

    assert not Instrument.objects.filter(code="after-the-visit").exists()
    assert not Item.objects.filter(code__in="AB").exists()
    assert AuditEntry.objects.filter(event="instrument.draft_deleted").count() == 1


def test_deleting_the_next_version_leaves_the_one_before() -> None:
    drafts.delete_draft(version=next_version(), **by())

    assert InstrumentVersion.objects.get(instrument__code="session-pulse").number == 1


def test_nothing_changes_what_is_published() -> None:
    draft = blank("A")
    question = asked_in(draft, "A")
    publish(draft)

    for write in (
        lambda: edit(question, text="Other"),
        lambda: questions.remove_question(question=question, **by()),
        lambda: sections.add_section(version=draft, title="More", **by()),
        lambda: drafts.delete_draft(version=draft, **by()),
        lambda: drafts.edit_headings(version=draft, revision=99, headings=Headings("Other"), **by()),
    ):
        with pytest.raises(VersionPublished, match="never changes"):
            write()


def test_a_facilitator_offers_a_draft_and_takes_it_back() -> None:
    draft = blank("A")
    assert drafts.offer_draft(version=draft, is_offered=True, **by()).is_offered
    assert not drafts.offer_draft(version=draft, is_offered=False, **by()).is_offered
