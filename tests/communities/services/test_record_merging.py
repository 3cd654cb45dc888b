"""Three-way merging, on its own: whatever two people change, nothing that only one of them changed is lost."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from communities.services.records.content import Content
from communities.services.records.merging import Clash, merge

FOCUS, MINA, ACTION = ("focus", ""), ("attendance", "12"), ("actions", "8d7c")
PLACES = st.sampled_from([("focus", ""), ("notes", ""), ("attendance", "1"), ("attendance", "2"), ("actions", "k")])
CONTENTS = st.dictionaries(PLACES, st.integers(1, 3), max_size=5)


def test_changes_of_different_places_are_both_kept() -> None:
    base = {FOCUS: "Screening"}
    merged, clashes = merge(base=base, theirs={FOCUS: "Handover"}, mine={FOCUS: "Screening", MINA: "room"})
    assert (merged, clashes) == ({FOCUS: "Handover", MINA: "room"}, [])


def test_the_same_change_made_by_both_is_made_once_and_is_no_clash() -> None:
    said: dict[Any, Any] = {ACTION: {"text": "Send the form"}}
    assert merge(base={}, theirs=dict(said), mine=dict(said)) == (said, [])


def test_different_changes_of_one_place_are_a_clash_that_holds_both() -> None:
    merged, clashes = merge(base={FOCUS: "Screening"}, theirs={FOCUS: "Theirs"}, mine={FOCUS: "Mine"})
    assert clashes == [Clash(FOCUS, theirs="Theirs", mine="Mine")]
    assert merged == {FOCUS: "Theirs"}


def test_what_one_removed_and_the_other_changed_is_a_clash_either_way_round() -> None:
    base, changed = {ACTION: "Send"}, {ACTION: "Send it today"}
    assert merge(base=base, theirs={}, mine=changed)[1] == [Clash(ACTION, theirs=None, mine="Send it today")]
    assert merge(base=base, theirs=changed, mine={})[1] == [Clash(ACTION, theirs="Send it today", mine=None)]


def test_what_one_removed_and_the_other_left_alone_is_gone() -> None:
    assert merge(base={ACTION: "Send"}, theirs={}, mine={ACTION: "Send"}) == ({}, [])
    assert merge(base={ACTION: "Send"}, theirs={ACTION: "Send"}, mine={}) == ({}, [])


@given(base=CONTENTS, theirs=CONTENTS, mine=CONTENTS)
def test_every_change_is_in_the_outcome_or_is_asked_about(base: Content, theirs: Content, mine: Content) -> None:
    merged, clashes = merge(base=base, theirs=theirs, mine=mine)
    asked = {clash.path for clash in clashes}
    for place in {*base, *theirs, *mine}:
        before, now, wanted, stands = base.get(place), theirs.get(place), mine.get(place), merged.get(place)
        if now not in (before, wanted) and wanted not in (before, now):
            assert place in asked
            continue
        assert place not in asked
        assert stands == (wanted if now == before else now)


@given(base=CONTENTS, theirs=CONTENTS, mine=CONTENTS)
def test_who_saves_first_makes_no_difference_to_what_is_merged(base: Content, theirs: Content, mine: Content) -> None:
    one, clashes = merge(base=base, theirs=theirs, mine=mine)
    other, mirrored = merge(base=base, theirs=mine, mine=theirs)
    asked = {clash.path for clash in clashes}
    assert asked == {clash.path for clash in mirrored}
    assert {p: v for p, v in one.items() if p not in asked} == {p: v for p, v in other.items() if p not in asked}
