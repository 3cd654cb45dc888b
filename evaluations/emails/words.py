"""What every mail says of the portal."""

from django.conf import settings


def portal_words() -> dict[str, str]:
    return {
        "portal_name": settings.PORTAL_NAME,
        "controller": settings.CONTROLLER_NAME,
        "contact": settings.CONTACT_EMAIL,
        "base_url": settings.BASE_URL.rstrip("/"),
    }


def one_line(text: str) -> str:
    """A subject: a name with a line break in it would keep the mail from leaving."""
    return " ".join(text.split())
