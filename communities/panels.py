"""What higher rooms show on a community's overview, and on a session's page.

This room knows nothing of surveys or evidence. A room above registers, in `AppConfig.ready()`, a callable that is
asked for its panel whenever such a page is shown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from communities.models import Community, Session
from cop_portal.accounts.models import User


@dataclass(frozen=True)
class Panel:
    """A row of the overview, or a part of a session's page.

    Its heading, and the template that words it, which gets `context` as its variables.
    """

    heading: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


PanelMaker: TypeAlias = Callable[[Community, User, datetime], Panel | None]

SessionPanelMaker: TypeAlias = Callable[[Session, User, datetime], Panel | None]

_makers: list[PanelMaker] = []
_session_makers: list[SessionPanelMaker] = []


def register(maker: PanelMaker) -> None:
    """`maker(community, user, now)` gives a panel, or None where there is nothing to show or nothing to be seen."""
    if maker not in _makers:
        _makers.append(maker)


def panels_for(community: Community, user: User, now: datetime) -> list[Panel]:
    """The panels for this reader, in the order in which the rooms registered."""
    found = (maker(community, user, now) for maker in _makers)
    return [panel for panel in found if panel is not None]


def register_for_sessions(maker: SessionPanelMaker) -> None:
    """`maker(session, user, now)` gives a panel, or None where there is nothing to show or nothing to be seen."""
    if maker not in _session_makers:
        _session_makers.append(maker)


def session_panels_for(session: Session, user: User, now: datetime) -> list[Panel]:
    """The panels of a session's page for this reader. The session has its community loaded."""
    found = (maker(session, user, now) for maker in _session_makers)
    return [panel for panel in found if panel is not None]
