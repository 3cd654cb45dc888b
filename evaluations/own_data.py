"""What surveys hold about someone, for /me/data/ and for erasure: that they were asked, and no more."""

from collections.abc import Iterator

from communities.models import Person
from communities.services.people.remains import Fate, Line
from cop_portal.accounts.models import User
from cop_portal.accounts.own_data import Holding
from evaluations.models import Invitation, PrivacyMode

COVERS = ("evaluations.invitation",)


def asked(user: User) -> Iterator[Holding]:
    """Which questions were put to someone, and whether they answered: the whole of what is kept by name."""
    invitations = (
        Invitation.objects.filter(person__user=user)
        .select_related("survey__version", "survey__community")
        # By the survey's opening, which was the same for all: invitations themselves have no order.
        .order_by("survey__opened_at", "survey__pk")
    )
    yield Holding(
        key="invitations",
        heading="Questions put to you",
        why="So that you are asked once and reminders stop. That you answered is kept; what you answered is kept with "
        "your name only where “Privacy” says Named.",
        columns=[
            ("title", "What"), ("community", "Community"), ("mode", "Privacy"), ("opened_at", "Opened"),
            ("is_answered", "You answered"),
        ],
        rows=[
            (
                one.survey.version.title,
                one.survey.community.name,
                one.survey.get_mode_display(),
                one.survey.opened_at,
                one.is_answered,
            )
            for one in invitations
        ],
    )  # fmt: skip


def what_erasing_leaves(person: Person) -> Iterator[Line]:
    """Answers cannot be found, and that someone was asked counts in how many were."""
    if number := Invitation.objects.filter(person=person).count():
        times = "once" if number == 1 else f"{number} times"
        yield Line(
            Fate.BECOMES,
            f"Having been asked {times}, and whether an answer came: so that the share who answered stays right.",
        )
    answered = Invitation.objects.filter(person=person, is_answered=True)
    if answered.filter(survey__mode=PrivacyMode.NAMED).exists():
        yield Line(Fate.GOES, "Answers given under their name, those already sent and not closed yet included.")
    confidential = answered.filter(survey__mode=PrivacyMode.CONFIDENTIAL)
    if confidential.filter(survey__pseudonym_key__destroyed_at=None).exists():
        yield Line(
            Fate.GOES,
            "Answers to confidential surveys, as long as the key to them has not been destroyed. Those that are still "
            "sealed are left out when the survey closes.",
        )
    if confidential.exclude(survey__pseudonym_key__destroyed_at=None).exists():
        yield Line(
            Fate.STAYS,
            "Answers to confidential surveys whose key has been destroyed on its day, because nobody can tell whose "
            "they are, we included.",
        )
    yield Line(
        Fate.STAYS,
        "Answers to anonymous surveys, because nobody can tell whose they are, we included "
        "(Article 11 of the UK GDPR).",
    )
