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
        self.controller_address: str = settings.CONTROLLER_ADDRESS
        self.contact_email: str = settings.CONTACT_EMAIL
        self.data_protection_email: str = settings.DATA_PROTECTION_EMAIL
        self.complaints_email: str = settings.COMPLAINTS_EMAIL
        self.minimum_base: int = settings.MINIMUM_BASE
        self.key_destruction_days: int = settings.KEY_DESTRUCTION_DAYS
        self.established_member_days: int = settings.ESTABLISHED_MEMBER_DAYS
        self.extension_days: int = settings.SURVEY_EXTENSION_DAYS
        self.staff_idle_minutes: int = settings.STAFF_IDLE_MINUTES
        self.session_cookie: str = settings.SESSION_COOKIE_NAME
        self.csrf_cookie: str = settings.CSRF_COOKIE_NAME
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
