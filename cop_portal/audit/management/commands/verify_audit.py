"""`manage.py verify_audit`: does the chain hold?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cop_portal.audit.chain import verify
from cop_portal.audit.models import AuditEntry


class Command(BaseCommand):
    """Recomputes every hash of the audit trail from the first entry on."""

    help = "Checks that no entry of the audit trail was changed or removed."

    def handle(self, *args: Any, **options: Any) -> None:
        sound, broken = verify()
        if broken is not None:
            raise CommandError(
                f"The audit trail does not hold at entry {broken.entry_id}: {broken.why}. {sound} before it hold."
            )
        last = AuditEntry.objects.order_by("-pk").values_list("entry_hash", flat=True).first()
        end = f" The last hash is {last}; keep it elsewhere to notice entries cut off the end." if last else ""
        self.stdout.write(f"The audit trail holds: {sound} entries.{end}")
