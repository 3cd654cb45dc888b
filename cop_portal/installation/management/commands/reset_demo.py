"""Forget the demo: `make demo-reset` calls this."""

from typing import Any

from django.core.management.base import BaseCommand

from cop_portal.installation import folders
from cop_portal.installation.forgetting import forget_demo
from cop_portal.installation.supervisor.lock import alone


class Command(BaseCommand):
    help = "Remove the demo's database, keys and mail. Refuses while the portal is running, and outside demo mode."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        folders.prepare()
        with alone():
            forget_demo()
        self.stdout.write("The demo is forgotten. `make run` makes a new one.")
