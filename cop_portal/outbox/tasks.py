"""What wakes the sender. It may run twice, late or not at all: the next sweep finds what is due."""

from contextlib import closing

from celery import shared_task
from django.conf import settings

from cop_portal.installation import clock
from cop_portal.outbox.poke import poke
from cop_portal.outbox.sender import deliver
from cop_portal.outbox.transports import open_transport


@shared_task(name="cop_portal.outbox.tasks.deliver_due_mail", ignore_result=True)
def deliver_due_mail() -> None:
    """Send the mail that is due, for at most some fifty seconds, and ask to be called again if some is left."""
    with closing(open_transport(settings.EMAIL_URL)) as transport:
        is_done = deliver(now=clock.now(), transport=transport)
    if not is_done:
        poke()
