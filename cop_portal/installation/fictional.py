"""A demo knows fictional people only, and their addresses show it."""

from typing import Any

from django.conf import settings

from cop_portal.refusals import Refusal

FICTIONAL_DOMAINS = ("example.org", "test")


class NotAFictionalAddress(Refusal):
    """A demo holds no address that a real person could have."""


def is_fictional(address: str) -> bool:
    """Whether an address lies under example.org or .test, which are nobody's for ever (RFC 2606)."""
    domain = address.rpartition("@")[2].lower()
    return any(domain == reserved or domain.endswith(f".{reserved}") for reserved in FICTIONAL_DOMAINS)


def refuse_real_address(*, instance: Any, **_: Any) -> None:
    """Before an address is stored: in a demo, one that is not fictional is refused."""
    if settings.IS_DEMO and not is_fictional(instance.email):
        raise NotAFictionalAddress(
            "This is a demo: give an address that ends in example.org or .test, which no real person has.",
            code="not_a_fictional_address",
        )
