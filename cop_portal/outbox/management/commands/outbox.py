"""`manage.py outbox`: see how mail is doing, stop and start it, and decide what no machine can."""

from contextlib import closing
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count

from cop_portal.installation import clock
from cop_portal.outbox import pausing
from cop_portal.outbox.models import OutboxMessage, OutboxState
from cop_portal.outbox.resolve import Decision, decide
from cop_portal.outbox.sender import deliver
from cop_portal.outbox.transports import open_transport
from cop_portal.refusals import Refusal


class Command(BaseCommand):
    help = "See how mail is doing, pause and resume it, send what is due, and decide about mail in doubt."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("status", help="how many mails are in which state, and whether the outbox is open")
        verbs.add_parser("pause", help="stop all mail but sign-in codes").add_argument("--why", required=True)
        verbs.add_parser("resume", help="open the outbox again")
        verbs.add_parser("deliver", help="send what is due, now and in this process")
        decision = verbs.add_parser("resolve", help="list mail that waits for a decision, or decide about one")
        decision.add_argument("id", nargs="?", help="the id that the list shows")
        decision.add_argument(
            "decision",
            nargs="?",
            choices=[decision.value for decision in Decision],
            help="sent: it has arrived; again: send it once more; drop: leave it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        match options["verb"]:
            case "pause":
                self._say("Paused." if pausing.pause(why=options["why"], now=clock.now()) else "It was paused already.")
            case "resume":
                self._say("Open." if pausing.resume() else "It was open already.")
            case "deliver":
                self._deliver()
            case "resolve" if options["id"]:
                self._decide(options["id"], options["decision"])
            case "resolve":
                self._list_undecided()
        if options["verb"] in ("status", "deliver"):
            self._status()

    def _deliver(self) -> None:
        with closing(open_transport(settings.EMAIL_URL)) as transport:
            while not deliver(now=clock.now(), transport=transport):
                self._say("Still sending …")

    def _status(self) -> None:
        self._say(f"The outbox: {OutboxState.load()}")
        rows = OutboxMessage.objects.values("kind", "state").annotate(number=Count("pk")).order_by("kind", "state")
        for row in rows:
            self._say(f"{row['kind']}: {row['number']} × {OutboxMessage.State(row['state']).label.lower()}")

    def _list_undecided(self) -> None:
        undecided = OutboxMessage.objects.filter(state__in=[OutboxMessage.State.IN_DOUBT, OutboxMessage.State.FAILED])
        for message in undecided.order_by("kind", "due_at"):
            self._say(f"{message.pk}  {message}  due {message.due_at:%Y-%m-%d %H:%M} UTC  {message.last_error}")
        if not undecided:
            self._say("No mail waits for a decision.")

    def _decide(self, message_id: str, decision: str | None) -> None:
        if decision is None:
            raise CommandError("Say what to do with it: sent, again or drop.")
        try:
            message = OutboxMessage.objects.get(pk=message_id)
            decide(message=message, decision=Decision(decision), now=clock.now())
        except Refusal as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        except (OutboxMessage.DoesNotExist, ValidationError):
            raise CommandError(f"No mail has the id {message_id}.") from None
        self._say("Done.")

    def _say(self, words: str) -> None:
        self.stdout.write(words)
