"""Mail about a community whose name has a line break leaves as any other, and its subject is one line."""

from __future__ import annotations

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import pytest

from communities.models import Community
from cop_portal.outbox.kinds import kind_named, known_kinds
from cop_portal.outbox.message import write_letter
from evaluations import emails
from evaluations.emails import heard, pseudonym_keys
from evaluations.models import Invitation, PrivacyMode
from tests.factories.communities import NOW
from tests.factories.evaluations import PULSE, close, open_survey_for

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

TO = "mina@example.org"
ABOUT_THE_ASKED = [emails.REQUEST, emails.REMINDER, emails.EXTENSION, emails.MORE_TIME, emails.CANCELLED]
ABOUT_THE_SURVEY = [emails.CLOSED, emails.HALTED, emails.ELSEWHERE, heard.SHARED, heard.HEARD]
ABOUT_THE_KEY = [pseudonym_keys.DELAYED, pseudonym_keys.ENDED]


def test_mail_about_a_community_with_a_line_break_in_its_name_leaves_with_a_subject_of_one_line() -> None:
    survey = open_survey_for(members=1, code=PULSE, mode=PrivacyMode.CONFIDENTIAL)
    survey = close(survey)
    Community.objects.update(name="Sepsis\r\nBcc: everyone@example.org")
    asked = Invitation.objects.get()
    params: dict[str, dict[str, Any]] = {
        **{kind: {"invitation": str(asked.pk)} for kind in ABOUT_THE_ASKED},
        **{kind: {"survey": survey.pk, "person": asked.person_id} for kind in ABOUT_THE_SURVEY},
        **{kind: {"key": survey.pseudonym_key_id, "person": asked.person_id} for kind in ABOUT_THE_KEY},
    }
    for kind, said in params.items():
        letter = write_letter(kind_named(kind).render(said, TO), to=TO, message_id="<1@example.org>", date=NOW)
        message = BytesParser(EmailMessage, policy=policy.default).parsebytes(letter.content)
        assert (kind, message["Bcc"]) == (kind, None)
        assert message["Subject"].strip().startswith("Sepsis Bcc: everyone@example.org: ")


def test_no_kind_of_mail_of_this_app_is_left_out() -> None:
    known = {*ABOUT_THE_ASKED, *ABOUT_THE_SURVEY, *ABOUT_THE_KEY}
    assert known == {kind.name for kind in known_kinds() if kind.name.startswith("evaluations.")}
