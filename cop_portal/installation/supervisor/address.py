"""Where the portal listens, and whether it answers there yet."""

import socket
from http.client import HTTPConnection, HTTPException

from django.conf import settings

from cop_portal.installation.supervisor import CannotStart

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def insist(host: str, port: int) -> None:
    """Refuse, in one sentence, an address that cannot be listened on or that a demo may not listen on."""
    if settings.IS_DEMO and host not in LOOPBACK:
        raise CannotStart(f"A demo serves its own machine only, so it does not listen on {host}: use 127.0.0.1.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except (OSError, OverflowError) as problem:
            raise CannotStart(
                f"Port {port} on {host} is not free ({getattr(problem, 'strerror', problem)}): stop what uses it, or "
                f"choose another with PORT={port + 1}."
            ) from problem


def answers(host: str, port: int) -> bool:
    """Whether /readyz says 200."""
    connection = HTTPConnection("127.0.0.1" if host in ("0.0.0.0", "::") else host, port, timeout=2)  # noqa: S104
    try:
        connection.request("GET", "/readyz", headers={"Host": settings.ALLOWED_HOSTS[0].lstrip(".")})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
