"""What higher rooms add to /me/: a row each, by a function registered when the apps are loaded."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cop_portal.accounts.models import User


@dataclass(frozen=True)
class Detail:
    """One line of /me/: for example "Where you work" and an organisation."""

    label: str
    value: str


_sources: list[Callable[[User], Iterable[Detail]]] = []


def register(details_of: Callable[[User], Iterable[Detail]]) -> None:
    """Adds lines to everyone's /me/. Called in `AppConfig.ready()`."""
    if details_of not in _sources:
        _sources.append(details_of)


def own_details(user: User) -> list[Detail]:
    """The lines about `user`, in the order in which the apps registered."""
    return [detail for source in _sources for detail in source(user)]
