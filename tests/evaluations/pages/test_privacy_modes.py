"""Answering in the modes that are not anonymous, one's own answers afterwards, and the keys to pseudonyms."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from communities.models import Person, PersonMerge
from communities.models.merge import UNDO_WITHIN
from communities.services.people.merging import merge_people
from cop_portal.installation import clock
from evaluations.models import Invitation, PrivacyMode, PseudonymKey, Survey
from evaluations.models.confidential import ConfidentialResponse
from evaluations.models.named import NamedResponse
from evaluations.services.answers.answering import load_draft
from evaluations.services.answers.own_answers import own_answers
from evaluations.services.keys.pseudonym_keys import end_due_keys
from tests.evaluations.pages.browsing import CHECK, CLEAR, DONE, START, begun, first_page, mark, send, step, words
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, PersonFactory, staff
from tests.factories.evaluations import PULSE, close, give_answers, open_survey_for, tokens_of

pytestmark = pytest.mark.django_db

CONFIDENTIAL, NAMED = PrivacyMode.CONFIDENTIAL, PrivacyMode.NAMED
BEFORE = NOW - timedelta(days=30)


def opened(mode: PrivacyMode, members: int = 6, at: Any = NOW - timedelta(days=3)) -> Survey:
    return open_survey_for(members=members, code=PULSE, mode=mode, now=at)


def people_of(survey: Survey) -> list[Person]:
    found = Invitation.objects.filter(survey=survey).select_related("person__user")
    return [one.person for one in found.order_by("person__user__name", "pk")]


def closed(mode: PrivacyMode, count: int = 6, at: datetime = BEFORE) -> tuple[Survey, list[Person]]:
    survey = opened(mode, members=count, at=at)
    give_answers(survey, answers=[{"P1": str(n % 5 + 1), "P3": "1", "P4": f"Text {n}"} for n in range(count)])
    return close(survey), people_of(survey)


def record_on(response: Any) -> Any:
    found = re.search(r'(?s)<pre class="app-record"[^>]*>(.*?)</pre>', response.content.decode())
    assert found
    return json.loads(found[1].replace("&quot;", '"'))


def page(name: str, *args: Any) -> str:
    return reverse(f"evaluations:{name}", args=args)


# Behind a link


def test_the_first_line_of_a_named_survey_says_so_and_no_sentence_of_an_anonymous_one_is_there() -> None:
    said = words(Client().get(first_page(tokens_of(opened(NAMED))[0])))
    heading = "After the session"
    assert (
        said[said.index(heading) + len(heading) :]
        .strip()
        .startswith("This is not anonymous: your answers are kept with your name.")
    )
    for sentence in ("never what you answered", "cannot be found", "Nothing that is stored links", "under a pseudonym"):
        assert sentence not in said
    assert "You can change your answers through the same link until the survey closes." in said


def test_the_first_page_of_a_confidential_survey_prints_the_day_on_which_the_key_ends() -> None:
    survey = opened(CONFIDENTIAL)
    said = words(Client().get(first_page(tokens_of(survey)[0])))
    assert "From the close until 26 December 2027 you can see, correct and erase your answers" in said
    assert "never what you answered" not in said
    assert "only where there are 30 or more" in said


@pytest.mark.parametrize("mode", [CONFIDENTIAL, NAMED])
def test_the_record_on_the_check_page_is_the_one_that_is_stored(mode: PrivacyMode) -> None:
    survey = opened(mode)
    token, person = tokens_of(survey)[0], people_of(survey)[0]
    client = begun(token)
    send(client, step("P1"), P1="4", go="continue")
    record = record_on(client.get(CHECK))
    assert (
        record
        == {
            CONFIDENTIAL: {"answers": {"P1": "4"}, "subject": str(person.pk)},
            NAMED: {"person": person.name, "answers": {"P1": "4"}},
        }[mode]
    )
    assert send(client, CHECK, finished="yes").headers["Location"] == DONE
    if mode == NAMED:
        kept = NamedResponse.objects.select_related("person__user").get()
        assert record == {"person": kept.person.name, "answers": kept.answers}


def test_what_was_sent_in_a_named_survey_is_changed_through_the_same_link() -> None:
    survey = opened(NAMED)
    token = tokens_of(survey)[0]
    client = begun(token)
    send(client, step("P1"), P1="4", go="continue")
    send(client, CHECK, finished="yes")
    assert "open the link in your mail again" in words(client.get(DONE))
    again = Client()
    assert "You have sent your answers. You can change them until it closes." in words(again.get(first_page(token)))
    again.post(START, {"token": token})
    send(again, step("P1"), P1="2", go="continue")
    response = again.post(CHECK, {"page_mark": mark(again, CHECK), "finished": "yes", "sent_version": "1"})
    assert response.headers["Location"] == DONE
    kept = NamedResponse.objects.get()
    assert (kept.answers, kept.version) == ({"P1": "2"}, 2)


def test_clearing_wipes_only_the_changes_that_were_not_sent_and_says_so() -> None:
    token = tokens_of(opened(NAMED))[0]
    client = begun(token)
    send(client, step("P1"), P1="4", go="continue")
    send(client, CHECK, finished="yes")
    again = begun(token)
    send(again, step("P1"), P1="2", go="continue")

    assert "This wipes the changes that you have not sent. What you have sent stays" in words(again.get(CLEAR))
    said = words(send(again, CLEAR, clear="yes"))

    assert "What you sent before is kept" in said
    assert load_draft(token) == NamedResponse.objects.get().answers == {"P1": "4"}


@pytest.mark.parametrize(
    ("mode", "shared_with", "said", "unsaid"),
    [
        (PrivacyMode.ANONYMOUS, "members", "Members see the results once the facilitator has shared them.", "name."),
        (PrivacyMode.ANONYMOUS, "leaders", "The results are not shared with members.", "Members see"),
        (NAMED, "members", "HIN staff see each person’s answers, with the name.", "only figures"),
    ],
)
def test_after_sending_it_says_the_same_as_before_of_who_will_see_what(
    mode: PrivacyMode, shared_with: str, said: str, unsaid: str
) -> None:
    survey = opened(mode)
    Survey.objects.filter(pk=survey.pk).update(shared_with=shared_with)
    token = tokens_of(survey)[0]
    client = begun(token)
    assert said in words(client.get(first_page(token)))
    send(client, step("P1"), P1="4", go="continue")
    send(client, CHECK, finished="yes")

    results = words(client.get(DONE)).partition("When results come")[2]

    assert said in results
    assert unsaid not in results


@pytest.mark.parametrize("seen", ["", "0", "9", "x", "9" * 40])
def test_answers_sent_from_another_device_meanwhile_are_shown_and_not_overwritten(seen: str) -> None:
    survey = opened(NAMED)
    token = tokens_of(survey)[0]
    client = begun(token)
    send(client, step("P1"), P1="4", go="continue")
    send(client, CHECK, finished="yes")
    other = begun(token)
    send(other, step("P1"), P1="2", go="continue")
    response = other.post(CHECK, {"page_mark": mark(other, CHECK), "finished": "yes", "sent_version": seen})
    assert response.status_code == 409
    assert "Your answers were sent, or changed, somewhere else meanwhile." in words(response)
    assert 'name="sent_version" value="1"' in response.content.decode()
    assert NamedResponse.objects.get().answers == {"P1": "4"}


def test_a_confidential_answer_is_not_sent_twice_and_the_page_does_not_show_it() -> None:
    survey = opened(CONFIDENTIAL)
    token = tokens_of(survey)[0]
    client = begun(token)
    send(client, step("P1"), P1="4", go="continue")
    send(client, CHECK, finished="yes")
    assert "You have already answered" in words(Client().get(first_page(token)))


# My answers


def test_the_list_says_of_each_survey_what_became_of_the_answers() -> None:
    survey, people = closed(CONFIDENTIAL)
    person = people[0]
    sealed = open_survey_for(survey.community, code=PULSE, mode=CONFIDENTIAL, now=NOW - timedelta(days=1))
    give_answers(sealed, answers=[{"P1": "4"}] * 6)
    client = sign_in(Client(), person.user)
    response = client.get(page("own-answers"))
    said = words(response)
    assert "Yours to see, correct and erase until the key to them is destroyed on 29 November 2027" in said
    assert "Sealed until it has closed" in said
    # The same questions, asked twice: what tells them apart is there to be seen, not only to be heard.
    in_sight = re.sub(r'<span class="nhsuk-u-visually-hidden">.*?</span>', "", response.content.decode())
    for one in (survey, sealed):
        assert f"{one.asked_about}, {date_format(localtime(one.opened_at), 'j F Y')}" in in_sight
    assert client.get(page("own-answers-to", sealed.pk)).status_code == 404
    end_due_keys(now=NOW + timedelta(days=500))
    said = words(client.get(page("own-answers")))
    assert "The key has been destroyed: nobody can tell which are yours" in said
    assert client.get(page("own-answers-to", survey.pk)).status_code == 404


def test_who_answered_nothing_by_name_or_pseudonym_reads_so() -> None:
    for user in (PersonFactory.create().user, staff()):
        said = words(sign_in(Client(), user).get(page("own-answers")))
        assert "You have sent no answers that could be told to be yours." in said


def test_i_read_my_own_answers_and_nobody_else_does() -> None:
    survey, people = closed(CONFIDENTIAL)
    address = page("own-answers-to", survey.pk)
    said = words(sign_in(Client(), people[2].user).get(address))
    assert "Text 2" in said
    assert not any(f"Text {n}" in said for n in (0, 1, 3, 4, 5))
    for stranger in (PersonFactory.create().user, staff()):
        client = sign_in(Client(), stranger)
        for name in ("own-answers-to", "erase-own-answers"):
            assert client.get(page(name, survey.pk)).status_code == 404
        assert client.get(page("correct-own-answer", survey.pk, "P1")).status_code == 404


def version_on(response: Any) -> str:
    found = re.search(r'name="version" value="(\d+)"', response.content.decode())
    assert found
    return found[1]


def test_i_correct_one_answer_and_the_page_shows_it() -> None:
    survey, people = closed(CONFIDENTIAL)
    client, address = sign_in(Client(), people[0].user), page("correct-own-answer", survey.pk, "P4")
    response = client.post(address, {"P4": "Better said", "version": version_on(client.get(address))}, follow=True)
    assert "Your answer has been corrected." in response.content.decode()
    assert "Better said" in words(response)
    assert own_answers(people[0], survey.pk).answers == {"P1": "1", "P3": "1", "P4": "Better said"}


def test_an_answer_taken_back_is_gone_with_those_it_showed() -> None:
    survey, people = closed(CONFIDENTIAL)
    client, address = sign_in(Client(), people[0].user), page("correct-own-answer", survey.pk, "P3")
    client.post(address, {"P3": "3", "version": version_on(client.get(address))})
    assert own_answers(people[0], survey.pk).answers == {"P1": "1", "P3": "3"}
    assert client.get(page("correct-own-answer", survey.pk, "P4")).status_code == 404


def test_a_correction_of_what_changed_meanwhile_is_refused_and_what_was_typed_is_still_there() -> None:
    survey, people = closed(CONFIDENTIAL)
    client, address = sign_in(Client(), people[0].user), page("correct-own-answer", survey.pk, "P4")
    version = version_on(client.get(address))
    client.post(address, {"P4": "First", "version": version})
    response = client.post(address, {"P4": "Second", "version": version})
    assert response.status_code == 409
    assert "Second" in response.content.decode()
    assert own_answers(people[0], survey.pk).answers["P4"] == "First"
    assert client.post(address, {"P4": "Second", "version": version_on(response)}).status_code == 302


@pytest.mark.parametrize("data", [{"P1": "99"}, {"P1": "4", "version": ""}, {"P1": "4", "version": "-1"}])
def test_a_bad_correction_says_what_is_wrong_and_changes_nothing(data: dict[str, str]) -> None:
    survey, people = closed(CONFIDENTIAL)
    client, address = sign_in(Client(), people[0].user), page("correct-own-answer", survey.pk, "P1")
    version = version_on(client.get(address))
    assert client.post(address, {"version": version, **data}).status_code == 422
    assert own_answers(people[0], survey.pk).answers["P1"] == "1"


def test_i_erase_my_answers_after_a_page_that_says_what_stays() -> None:
    survey, people = closed(CONFIDENTIAL)
    client, address = sign_in(Client(), people[0].user), page("erase-own-answers", survey.pk)
    assert "It cannot be undone." in words(client.get(address))
    assert ConfidentialResponse.objects.count() == 6
    assert client.post(address).headers["Location"] == page("own-answers")
    assert ConfidentialResponse.objects.count() == 5
    assert client.post(address).status_code == 404
    response = client.get(page("own-answers"))
    assert "None of yours are there: you erased them" in words(response)
    assert page("own-answers-to", survey.pk) not in response.content.decode()


def test_after_two_records_were_made_one_i_read_that_answers_are_not_shown_and_from_when_i_can_erase_them() -> None:
    survey, people = closed(CONFIDENTIAL, at=BEFORE - UNDO_WITHIN)
    kept = PersonFactory.create()
    merge_people(kept=kept, merged=people[0], by=staff(), now=clock.now())
    client, address = sign_in(Client(), kept.user), page("own-answers-to", survey.pk)
    assert "Not shown, because two records were made one" in words(client.get(page("own-answers")))
    said = words(client.get(address))
    assert "These answers are not shown here and cannot be changed." in said
    assert "From then on you can erase them here." in said
    assert "Text 0" not in said
    assert client.get(page("correct-own-answer", survey.pk, "P1")).status_code == 404
    erasing = client.post(page("erase-own-answers", survey.pk))
    assert erasing.status_code == 409
    assert "Nothing is destroyed meanwhile." in words(erasing)
    PersonMerge.objects.update(merged_at=clock.now() - UNDO_WITHIN)
    assert "You can erase them all the same" in words(client.get(address))
    assert client.post(page("erase-own-answers", survey.pk)).status_code == 302
    assert ConfidentialResponse.objects.count() == 5


def test_named_answers_are_read_here_and_after_the_close_only_read() -> None:
    survey, people = closed(NAMED)
    client = sign_in(Client(), people[1].user)
    response = client.get(page("own-answers-to", survey.pk))
    assert "Text 1" in words(response)
    assert "can no longer be changed" in words(response)
    assert page("correct-own-answer", survey.pk, "P4") not in response.content.decode()
    assert client.get(page("correct-own-answer", survey.pk, "P4")).status_code == 404


def test_the_list_asks_the_same_of_the_database_for_one_survey_and_for_thirty(
    django_assert_num_queries: Any,
) -> None:
    survey, people = closed(NAMED, count=1)
    client = sign_in(Client(), people[0].user)
    client.get(page("own-answers"))
    with django_assert_num_queries(OWN_ANSWERS_QUERIES):
        client.get(page("own-answers"))
    fields = {field.attname: getattr(survey, field.attname) for field in Survey._meta.concrete_fields}
    for _ in range(29):
        again = Survey(**{**fields, "id": None, "key_id": None})
        again.key_id = Survey._meta.get_field("key_id").get_default()
        again.save(force_insert=True)
        Invitation.objects.create(
            survey=again, person=people[0], is_established=True, is_answered=True, token_hash=again.key_id.hex
        )
    with django_assert_num_queries(OWN_ANSWERS_QUERIES):
        assert len(client.get(page("own-answers")).context["lines"]) == 30


OWN_ANSWERS_QUERIES = 6


# Keys to pseudonyms


def test_staff_hold_a_key_and_lift_the_hold_and_the_list_says_so() -> None:
    survey = opened(CONFIDENTIAL)
    key = PseudonymKey.objects.get()
    client = sign_in(Client(), staff())
    said = words(client.get(page("pseudonym-keys")))
    assert f"{survey.community.name}" in said
    assert "Ends on 26 December 2027" in said
    hold = page("hold-key", key.pk)
    assert client.post(hold, {"because": ""}).status_code == 422
    assert client.post(hold, {"because": "An inquiry"}).headers["Location"] == page("pseudonym-keys")
    assert client.post(hold, {"because": "Another"}).status_code == 409
    assert "An inquiry Lift it" in words(client.get(page("pseudonym-keys")))
    lift = page("lift-key-hold", key.pk)
    assert "An inquiry" in words(client.get(lift))
    assert client.post(lift).headers["Location"] == page("pseudonym-keys")
    assert client.post(lift).status_code == 409
    key.refresh_from_db()
    assert key.held_because == ""


def test_without_a_confidential_survey_there_are_no_keys() -> None:
    said = words(sign_in(Client(), staff()).get(page("pseudonym-keys")))
    assert "No confidential survey has been opened yet." in said


def test_nobody_else_holds_keys() -> None:
    survey = opened(CONFIDENTIAL)
    client = sign_in(Client(), people_of(survey)[0].user)
    key = PseudonymKey.objects.get()
    for address in (page("pseudonym-keys"), page("hold-key", key.pk), page("lift-key-hold", key.pk)):
        assert client.get(address).status_code == 403


def test_the_list_of_keys_asks_the_same_for_one_and_for_thirty(django_assert_num_queries: Any) -> None:
    opened(CONFIDENTIAL, members=1)
    client = sign_in(Client(), staff())
    client.get(page("pseudonym-keys"))
    with django_assert_num_queries(KEYS_QUERIES):
        client.get(page("pseudonym-keys"))
    first = PseudonymKey.objects.get()
    for _ in range(29):
        PseudonymKey.objects.create(
            community=first.community, instrument=first.instrument, proof=first.proof, made_at=first.made_at,
            ends_on=first.ends_on,
        )  # fmt: skip
    with django_assert_num_queries(KEYS_QUERIES):
        assert len(client.get(page("pseudonym-keys")).context["object_list"]) == 30


KEYS_QUERIES = 4
