"""What communities hold about someone, in words: for /me/data/ and its download."""

from collections.abc import Iterator
from typing import Any

from communities.models import (
    Action,
    Affiliation,
    Attendance,
    ErasureRequest,
    LegalHold,
    Membership,
    Person,
    Reply,
    RoleTerm,
)
from cop_portal.accounts import own_data
from cop_portal.accounts.models import User
from cop_portal.accounts.own_data import Holding

COVERS = (
    "communities.affiliation", "communities.membership", "communities.roleterm", "communities.action",
    "communities.legalhold", "communities.erasurerequest", "communities.person",
)  # fmt: skip
DATES = [("starts_on", "From"), ("ends_on", "Until")]


def life_in_communities(user: User) -> Iterator[Holding]:
    """Where someone works, the communities they are and were in, what they came to and said they would do."""
    yield _affiliations(user)
    yield Holding(
        key="memberships",
        heading="Communities you are, or were, a member of",
        why="To invite you, and to work out every rate from the members of each day. Kept for 6 years.",
        columns=[("community", "Community"), *DATES, ("came_by", "How you joined"), ("added_on", "Entered")],
        rows=[
            (one.community.name, one.starts_on, one.ends_on, one.get_came_by_display(), one.added_on)
            for one in _of(Membership, user).select_related("community").order_by("starts_on", "pk")
        ],
    )
    yield Holding(
        key="roles",
        heading="Your roles in communities",
        why="To let those who run or sponsor a community do so.",
        columns=[("role", "Role"), ("community", "Community"), *DATES],
        rows=[
            (one.get_role_display(), one.community.name, one.starts_on, one.ends_on)
            for one in _of(RoleTerm, user).select_related("community").order_by("starts_on", "pk")
        ],
    )
    yield _attendance(user)
    yield _replies(user)
    yield _actions(user)
    yield from _about_these_data(user)


def what_else_points_here(user: User) -> Iterator[Holding]:
    """Whatever else points to the person or to the account, of any room. Registered last, when all have said what they
    word."""
    person = Person.objects.filter(user=user).first()
    if person is not None:
        yield from own_data.rest_of(person)
    yield from own_data.rest_of(user)


def _of(model: Any, user: User) -> Any:
    return model.objects.filter(person__user=user)


def _affiliations(user: User) -> Holding:
    return Holding(
        key="affiliations",
        heading="Where you work and worked, and as what",
        why="To tell how many organisations and professions meet. Lived experience is never exported by name.",
        columns=[("organisation", "Organisation"), ("professional_group", "Professional group"), *DATES],
        rows=[
            (str(one.organisation or ""), one.professional_group.name, one.starts_on, one.ends_on)
            for one in _of(Affiliation, user)
            .select_related("organisation", "professional_group")
            .order_by("starts_on", "pk")
        ],
    )


def _attendance(user: User) -> Holding:
    marks = Attendance.objects.filter(membership__person__user=user).select_related("session__community")
    return Holding(
        key="attendance",
        heading="Sessions",
        why="To know who took part. Your own list of sessions and hours is “My participation”. Kept for 6 years.",
        columns=[("session", "Session"), ("community", "Community"), ("status", "You were")],
        rows=[
            (mark.session.starts_at, mark.session.community.name, mark.get_status_display())
            for mark in marks.order_by("-session__starts_at", "pk")
        ],
    )


def _replies(user: User) -> Holding:
    replies = Reply.objects.filter(membership__person__user=user).select_related("session__community")
    return Holding(
        key="replies",
        heading="Whether you meant to come to sessions",
        why="So that whoever prepares a session knows how many to expect. The facilitators see it.",
        columns=[("session", "Session"), ("community", "Community"), ("answer", "You said"), ("answered_at", "When")],
        rows=[
            (
                reply.session.starts_at,
                reply.session.community.name,
                reply.get_answer_display() if reply.answer else "Nothing yet",
                reply.answered_at,
            )
            for reply in replies.order_by("-session__starts_at", "pk")
        ],
    )


def _actions(user: User) -> Holding:
    actions = Action.objects.filter(owner__user=user, is_private=False).select_related("community")
    return Holding(
        key="actions",
        heading="What you said you would do",
        why="To remind you, and to see what came of it.",
        columns=[
            ("text", "What"), ("community", "Community"), ("agreed_on", "Agreed"), ("due_on", "Due"),
            ("state", "State"),
        ],
        rows=[
            (one.text, one.community.name, one.agreed_on, one.due_on, one.get_state_display())
            for one in actions.order_by("-agreed_on", "pk")
        ],
    )  # fmt: skip


def _about_these_data(user: User) -> Iterator[Holding]:
    yield Holding(
        key="erasure_requests",
        heading="Requests to erase your data",
        why="To show that each was answered.",
        columns=[("asked_at", "Asked"), ("state", "State"), ("decided_at", "Decided"), ("answer", "What we said")],
        rows=[
            (one.asked_at, one.get_state_display(), one.decided_at, one.answer)
            for one in _of(ErasureRequest, user).order_by("asked_at", "pk")
        ],
    )
    yield Holding(
        key="legal_holds",
        heading="Legal holds",
        why="While one lasts, nothing about you is deleted.",
        columns=[("reason", "Why"), ("placed_at", "Placed"), ("lifted_at", "Lifted")],
        rows=list(_of(LegalHold, user).order_by("placed_at", "pk").values_list("reason", "placed_at", "lifted_at")),
    )
