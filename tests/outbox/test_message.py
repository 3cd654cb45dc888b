"""From words to bytes: always the same bytes, and nobody's words break out of their place."""

from datetime import timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import pytest

from cop_portal.outbox import Rendered
from cop_portal.outbox.message import Letter, message_id_for, write_letter
from tests.outbox.kinds import NOW

WORDS = Rendered(
    subject="Zwölf Fragen, one minute",
    text="Dear Søren,\n.dots\nFrom here on: £5, “quotes”, and a very long line " + "x" * 2000 + "\n",
    html="<p>Dear Søren</p>",
    headers={
        "List-Unsubscribe": "<https://portal.example.org/stop/1/>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    },
)


def a_letter(rendered: Rendered = WORDS, to: str = "soren@example.org") -> Letter:
    return write_letter(rendered, to=to, message_id=message_id_for("survey:1:invitation"), date=NOW)


def parsed(letter: Letter) -> EmailMessage:
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(letter.content)


def test_the_same_mail_written_twice_is_the_same_bytes() -> None:
    assert a_letter().content == a_letter().content
    assert a_letter().mark == a_letter().mark


def test_another_date_or_another_word_is_another_mark() -> None:
    later = write_letter(
        WORDS, to="soren@example.org", message_id=a_letter().message_id, date=NOW + timedelta(seconds=1)
    )

    assert later.mark != a_letter().mark
    assert a_letter(Rendered("Another subject", WORDS.text)).mark != a_letter().mark


def test_a_letter_says_what_was_meant() -> None:
    message = parsed(a_letter())
    plain, html = message.get_body(("plain",)), message.get_body(("html",))

    assert plain is not None
    assert html is not None
    assert message["Subject"] == WORDS.subject
    assert message["To"] == "soren@example.org"
    assert message["From"] == "Communities of practice <portal@example.org>"
    assert message["Date"] == "Mon, 02 Mar 2026 09:00:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] == "<https://portal.example.org/stop/1/>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert plain.get_content().replace("\r\n", "\n") == WORDS.text
    assert html.get_content().strip() == WORDS.html


def test_a_letter_travels_through_any_relay() -> None:
    content = a_letter().content
    lines = content.split(b"\r\n")

    assert content.isascii()
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in lines) <= 998


def test_a_message_id_is_fixed_by_its_occasion_and_tells_nothing_of_it() -> None:
    assert message_id_for("survey:1:invitation") == message_id_for("survey:1:invitation")
    assert message_id_for("survey:1:invitation") != message_id_for("survey:2:invitation")
    assert "survey" not in message_id_for("survey:1:invitation")
    assert message_id_for("survey:1:invitation").endswith("@example.org>")


def test_a_domain_with_an_umlaut_is_written_as_relays_know_it() -> None:
    letter = a_letter(to="jo@münchen.example")

    assert letter.recipient == "jo@xn--mnchen-3ya.example"


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "rendered",
    [
        lambda line: Rendered(f"Hello{line}Bcc: everyone@example.org", "text"),
        lambda line: Rendered("Hello", "text", headers={"List-Unsubscribe": f"<x>{line}Bcc: everyone@example.org"}),
        lambda line: Rendered("Hello", "text", headers={f"Reply-To{line}Bcc": "everyone@example.org"}),
    ],
)
def test_a_line_break_in_a_header_is_an_error_not_a_header(rendered: Any, break_: str) -> None:
    with pytest.raises(ValueError, match=r"linefeed|may not set"):
        a_letter(rendered(break_))


@pytest.mark.parametrize("name", ["Bcc", "To", "From", "Sender", "Message-ID", "Content-Type", "list-unsubscribe "])
def test_a_kind_of_mail_cannot_choose_who_gets_it_or_who_sent_it(name: str) -> None:
    with pytest.raises(ValueError, match="may not set"):
        a_letter(Rendered("Hello", "text", headers={name: "everyone@example.org"}))


def test_header_lines_in_a_text_stay_text() -> None:
    message = parsed(a_letter(Rendered("Hello", "\nBcc: everyone@example.org\n\n.\nRCPT TO:<x@example.org>\n")))

    assert message["Bcc"] is None
    assert message.get_content().replace("\r\n", "\n") == "\nBcc: everyone@example.org\n\n.\nRCPT TO:<x@example.org>\n"
