"""A sender in a process of its own, to be killed: `prepare`, `send` and `report` on the database in the environment.

People answer while mail is going out: an answered person is a row of a table that only this file knows.
"""

import json
import os
import sys
import time
from contextlib import closing
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cop_portal.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 (after setup)
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from cop_portal import outbox  # noqa: E402
from cop_portal.outbox.models import OutboxMessage  # noqa: E402
from cop_portal.outbox.sender import deliver  # noqa: E402
from cop_portal.outbox.transports import open_transport  # noqa: E402

INVITATION, REMINDER = "faults.invitation", "faults.reminder"
UNFINISHED = ["ready", "claimed", "transmitting"]


def _render(params: dict[str, Any], to: str) -> outbox.Rendered:
    return outbox.Rendered(subject="Hello", text=f"Dear {to}\n", headers={"List-Id": f"<{params['n']}.faults.test>"})


def _is_still_due(params: dict[str, Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM faults_answered WHERE n = %s", [params["n"]])
        return cursor.fetchone() is None


for name, in_doubt in ((INVITATION, "resend_once"), (REMINDER, "hold")):
    outbox.register(outbox.MailKind(name, _render, _is_still_due, in_doubt=in_doubt))  # type: ignore[arg-type]


def plan(number: int) -> None:
    """Every occasion there is, as each sender also plans it anew at each start."""
    now = timezone.now()
    mails = [
        outbox.Mail(f"faults:{n}", REMINDER if n % 2 else INVITATION, f"p{n}@example.org", {"n": n}, due_at=now)
        for n in range(number)
    ]
    with transaction.atomic():
        from cop_portal.outbox.posting import post

        post(mails)


def prepare(number: int) -> None:
    call_command("migrate", "outbox", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE faults_answered (n integer PRIMARY KEY)")
    plan(number)


def send(number: int) -> None:
    """Plan and send until nothing is left to do, or until killed."""
    plan(number)
    with closing(open_transport(os.environ["FAULTS_RELAY"])) as transport:
        while True:
            deliver(now=timezone.now(), transport=transport)
            unfinished = OutboxMessage.objects.filter(state__in=UNFINISHED)
            undecided = OutboxMessage.objects.filter(state="in_doubt", kind=INVITATION, resends=0)
            if not unfinished.exists() and not undecided.exists():
                return
            time.sleep(0.05)


def report() -> None:
    fields = ("state", "kind", "resends", "attempts", "last_error")
    rows = {row.pop("dedupe_key"): row for row in OutboxMessage.objects.values("dedupe_key", *fields)}
    sys.stdout.write(json.dumps(rows))


if __name__ == "__main__":
    verb, number = sys.argv[1], int(sys.argv[2])
    {"prepare": lambda: prepare(number), "send": lambda: send(number), "report": report}[verb]()
