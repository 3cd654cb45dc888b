"""What a second reader's attention is drawn to, and what a redaction may do."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations.text_flags import flags_in, is_nhs_number, only_leaves_out, suggested

NAMES = ["Dr Amira Khan", "Jo O’Neill", "Ed Li", "Sanne van Dijk"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Amira Khan said so.", [("A member’s name", "Amira Khan")]),
        ("amira khan said so.", [("A member’s name", "amira khan")]),
        ("amira said so.", []),
        ("KHAN said so, and so did Jo O’Neill.", [("A member’s name", "KHAN"), ("A member’s name", "Jo O’Neill")]),
        ("Ed Li knows; ed does not.", [("A member’s name", "Ed Li")]),
        ("Dijkstra is nobody here.", []),
        ("Ask Sister Murphy on the ward.", [("A title and a name", "Sister Murphy")]),
        ("Write to a.b+c@trust.nhs.uk, please.", [("A mail address", "a.b+c@trust.nhs.uk")]),
        ("The patient is 943 476 5919.", [("An NHS number", "943 476 5919")]),
        ("The patient is 943 476 5918.", [("A long number", "943 476 5918")]),
        ("Ring 020 7946 0018 or +44 7700 900123.", [
            ("A telephone number", "020 7946 0018"), ("A telephone number", "+44 7700 900123"),
        ]),
        ("Hospital number 1234567, bed 12.", [("A long number", "1234567")]),
        ("Born 3 March 1961, seen 12/11/2026.", [("A full date", "3 March 1961"), ("A full date", "12/11/2026")]),
        ("Lives at 12 Coldharbour Lane, SE5 9RS.", [("An address", "12 Coldharbour Lane"), ("An address", "SE5 9RS")]),
        ("Since 2015 the 3 wards share 1 form in under 90 minutes.", []),
    ],
)  # fmt: skip
def test_passages_that_may_name_someone_are_flagged_and_others_are_not(text: str, found: list[tuple[str, str]]) -> None:
    assert [(flag.kind, text[flag.start : flag.end]) for flag in flags_in(text, names=NAMES)] == found


def test_the_suggestion_takes_out_what_is_flagged_and_is_itself_a_redaction() -> None:
    text = "Amira Khan rang 020 7946 0018 about 943 476 5919."
    words = suggested(text, flags_in(text, names=NAMES))
    assert words == "[name] rang [number] about [number]."
    assert only_leaves_out(words, text)


@given(st.text(max_size=200), st.lists(st.text(min_size=1, max_size=12), max_size=4))
def test_flags_stand_in_order_never_overlap_and_their_removal_only_leaves_out(text: str, names: list[str]) -> None:
    flags = flags_in(text, names=names)
    assert all(one.start < one.end <= two.start for one, two in pairwise(flags))
    assert only_leaves_out(suggested(text, flags), text) or "[" in text or "]" in text


@pytest.mark.parametrize(
    ("redacted", "is_one"),
    [
        ("We said it to the board.", True),
        ("We said it to [someone].", True),
        ("We told the board.", False),
        ("We said it to the board. Twice.", False),
        ("To the board we said it.", False),
        ("", True),
    ],
)
def test_a_redaction_takes_words_out_and_puts_none_in_anybodys_mouth(redacted: str, is_one: bool) -> None:
    assert only_leaves_out(redacted, "We said it, loudly, to the board.") == is_one


def test_the_last_digit_of_an_nhs_number_checks_the_others() -> None:
    assert [is_nhs_number(number) for number in ("9434765919", "943-476-5919", "9434765918", "943476591", "")] == [
        True, True, False, False, False,
    ]  # fmt: skip
