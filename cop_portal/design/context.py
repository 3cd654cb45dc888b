"""What every page knows about the portal it is a page of."""

from datetime import datetime
from functools import cached_property

from django.conf import settings
from django.http import HttpRequest


class Portal:
    """Names and facts for the frame of a page. Only `demo_now` asks the database, and only in a demo."""

    def __init__(self) -> None:
        self.name: str = settings.PORTAL_NAME
        self.controller: str = settings.CONTROLLER_NAME
        self.contact_email: str = settings.CONTACT_EMAIL
        self.is_demo: bool = settings.IS_DEMO

    @cached_property
    def demo_now(self) -> datetime | None:
        """The moment it is in the demo, whose clock can be moved on."""
        if not self.is_demo:
            return None
        from cop_portal.installation import clock

        return clock.now()


def portal(_request: HttpRequest) -> dict[str, Portal]:
    return {"portal": Portal()}
