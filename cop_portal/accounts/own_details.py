"""What higher rooms add to /me/: a row each, by a function registered when the apps are loaded."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.urls import reverse

from cop_portal.accounts.models import User


@dataclass(frozen=True)
class Detail:
    """One line of /me/: for example "Where you work" and an organisation; and where it is changed, if it can be."""

    label: str
    value: str
    change_url: str = ""


@dataclass(frozen=True)
class OwnLink:
    """A way on from a page about oneself to one of a higher room. `place` is the page: "me" or "own_data"."""

    place: str
    text: str
    url_name: str

    @property
    def url(self) -> str:
        return reverse(self.url_name)


_links: list[OwnLink] = []
_sources: list[Callable[[User], Iterable[Detail]]] = []


def register(details_of: Callable[[User], Iterable[Detail]]) -> None:
    """Adds lines to everyone's /me/. Called in `AppConfig.ready()`."""
    if details_of not in _sources:
        _sources.append(details_of)


def own_details(user: User) -> list[Detail]:
    """The lines about `user`, in the order in which the apps registered."""
    return [detail for source in _sources for detail in source(user)]


def register_link(link: OwnLink) -> None:
    """Adds a way on. Called in `AppConfig.ready()`."""
    if link not in _links:
        _links.append(link)


def own_links(place: str) -> list[OwnLink]:
    """The ways on from one page, in the order in which the apps registered."""
    return [link for link in _links if link.place == place]
