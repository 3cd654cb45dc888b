"""The shape shared by the commands that load a document: one optional file, a report, or the faults line by line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from communities.imports.documents import Document, DocumentRefused, LoadReport, read_file


class LoadDocumentCommand(BaseCommand):
    """Subclasses name the shipped file, its schema and the loader."""

    file: Path
    schema: dict[str, Any]
    load: Callable[[Document], LoadReport]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=self.file, help="another file than the shipped one")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = type(self).load(read_file(options["file"], schema=self.schema))
        except DocumentRefused as refused:
            faults = "\n".join(f"  {fault}" for fault in refused.faults)
            raise CommandError(f"{options['file']} was not loaded, and nothing has changed:\n{faults}") from refused
        if options["verbosity"]:
            self.stdout.write(f"{options['file'].name}: {report}")
