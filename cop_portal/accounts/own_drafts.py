"""What someone has typed and not saved, as a part of what is held about them."""

from collections.abc import Iterator

from cop_portal.accounts.models import User
from cop_portal.accounts.own_data import Holding
from cop_portal.keeping.models import Draft

COVERS = ("keeping.draft",)


def drafts_of(user: User) -> Iterator[Holding]:
    """Their drafts, in their own words. One query."""
    drafts = Draft.objects.visible_to(user).newest_first().values_list("title", "texts", "saved_at")
    yield Holding(
        key="drafts",
        heading="What you have typed and not saved",
        why="So that it is not lost. Deleted when you save the page, or 60 days after you last typed in it.",
        columns=[("title", "Page"), ("typed", "What you typed"), ("saved_at", "Kept")],
        rows=[(title, "\n".join(f"{label}: {text}" for label, text in texts), at) for title, texts, at in drafts],
    )
