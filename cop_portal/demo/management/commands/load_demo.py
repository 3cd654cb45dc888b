"""Fill the demo with two years of invented communities."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cop_portal.demo.loader import run
from cop_portal.refusals import Refusal


class Command(BaseCommand):
    help = "Fill this database with the demo: seven communities, about 150 invented people, two years up to today."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--seed", type=int, default=run.SEED, help="the same seed on the same day gives the same data"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        try:
            world = run.load(now=timezone.now(), seed=options["seed"])
        except Refusal as refused:
            raise CommandError(" ".join(refused.messages)) from refused
        if not options["verbosity"]:
            return
        if world is None:
            self.stdout.write("The demo has been loaded before. Nothing to do.")
        else:
            self.stdout.write(f"The demo is loaded: {len(world.people)} people, in {time.monotonic() - started:.1f} s.")
