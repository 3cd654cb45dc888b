"""Put a verified backup back: `make restore FROM=<folder>` calls this."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cop_portal.installation import backups, folders
from cop_portal.installation.supervisor.lock import alone


class Command(BaseCommand):
    help = "Check a backup against its manifest and put it in the database's place. Refuses while the portal runs."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="the backup's folder, the one with its manifest.json")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        folders.prepare()
        with alone():
            try:
                found = backups.restore_backup(folder)
            except backups.RestoreRefused as problem:
                raise CommandError(str(problem)) from problem
        self.stdout.write(f"Restored {sum(found.rows.values()):,} rows as they were at {found.made_at:%d %B %Y %H:%M}.")
        self.stdout.write("Start the portal again: mail that may have gone out since then is held for you to look at.")
