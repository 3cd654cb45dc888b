"""Make a verified backup now: `make backup` calls this."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cop_portal.installation import backups, clock


class Command(BaseCommand):
    help = "Copy the database, check the copy and write its manifest. Keys are never in it: back KEY_DIR up apart."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", type=Path, help="the folder for backups (BACKUP_DIR if left out)")

    def handle(self, *args: Any, to: Path | None, **options: Any) -> None:
        try:
            made = backups.make_backup(now=clock.now(), to=to)
        except backups.BackupFailed as problem:
            raise CommandError(str(problem)) from problem
        rows = sum(made.manifest.rows.values())
        self.stdout.write(f"Verified backup of {rows:,} rows, {made.manifest.size:,} bytes: {made.folder}")
        self.stdout.write("The keys of open surveys are not in it. Back KEY_DIR up apart, for 14 days at most.")
