"""`manage.py review_sign_ins`: which sign-ins are past the year they are kept for."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from cop_portal.accounts.services.sign_ins import past_keeping
from cop_portal.installation import clock


class Command(BaseCommand):
    """Counts old sign-ins, and deletes them only when told to."""

    help = "Says how many sign-ins are older than a year; with --delete, deletes them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--delete", action="store_true", help="delete them")

    def handle(self, *args: Any, **options: Any) -> None:
        old = past_keeping(now=clock.now())
        if options["delete"]:
            deleted, _ = old.delete()
            self.stdout.write(f"{deleted} sign-ins older than a year were deleted.")
        else:
            self.stdout.write(f"{old.count()} sign-ins are older than a year. Nothing was deleted; --delete does it.")
