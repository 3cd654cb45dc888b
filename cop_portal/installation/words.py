"""What a start prints for the person at the terminal. Higher rooms add their lines in `AppConfig.ready()`."""

from collections.abc import Callable

Lines = Callable[[str], list[str]]

_more: list[Lines] = []


def register(lines: Lines) -> None:
    """Add lines under the portal's address; `lines` is given that address, without a slash at its end."""
    _more.append(lines)


def greeting(url: str) -> list[str]:
    """Where the portal is, and what the rooms add."""
    return [f"The portal is at {url}/", *(line for lines in _more for line in lines(url)), "Ctrl-C stops it."]
