"""What files of members hold about someone, in words: for /me/data/ and its download."""

from collections.abc import Iterator

from allauth.account.models import EmailAddress

from communities.models import Person
from communities.services.imports.about import lines_about, rows_about
from cop_portal.accounts.models import User
from cop_portal.accounts.own_data import Holding

COVERS = ("communities.importrow",)


def what_files_say(user: User) -> Iterator[Holding]:
    """Every row and line about them, with what became of it."""
    people = list(Person.objects.filter(user=user))
    addresses = list(EmailAddress.objects.filter(user=user).values_list("email", flat=True))
    sorted_ = [(row.batch, row.cells, row.get_kind_display(), row.reason) for row in rows_about(people, addresses)]
    unsorted = [(file, cells, "Not looked at yet", "") for file, cells in lines_about(addresses)]
    yield Holding(
        key="imports",
        heading="What files of members say about you",
        why="Facilitators and staff can bring members in from a file. What stands in it is kept for up to 30 days, so "
        "that the import can be undone.",
        columns=[
            ("uploaded_at", "Uploaded"), ("community", "Community"), ("says", "What the file says"),
            ("became", "Sorted as"), ("reason", "What it means"),
        ],
        rows=[
            (
                file.uploaded_at,
                file.community.name if file.community else "",
                ", ".join(filter(None, cells)),
                became,
                reason,
            )
            for file, cells, became, reason in [*sorted_, *unsorted]
        ],
    )  # fmt: skip
