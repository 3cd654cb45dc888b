"""What the planners of the demo share: the day it is loaded on, the dice, and who is where."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from communities.models import Community, Membership, Organisation, Person, Session
from communities.working_days import LONDON, at_wall_time, next_working_day
from cop_portal.accounts.models import User
from cop_portal.demo.content import CommunityText, Content
from cop_portal.demo.loader.timeline import Timeline

WEEKS_OF_SESSIONS = 104
# People are there before the first session, so that the first questions find members of long standing.
WEEKS_OF_MEMBERS = 108


@dataclass
class World:
    """Planners fill it while the timeline runs. `seed` and the day decide everything that is not a key."""

    content: Content
    now: datetime
    seed: int
    timeline: Timeline = field(default_factory=Timeline)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    communities: dict[str, Community] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    # By community and name; leavers are taken out when they leave.
    memberships: dict[str, dict[str, Membership]] = field(default_factory=dict)
    held: dict[str, list[Session]] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.now.astimezone(LONDON).date()

    def dice(self, *of: object) -> random.Random:
        """Dice of their own for each purpose, so that a change in one place leaves the others as they were."""
        return random.Random(":".join(map(str, (self.seed, *of))))  # noqa: S311 (a demo, not a secret)

    def weeks_ago(self, weeks: int, wall: time = time(10, 30)) -> datetime:
        """A working day about so many weeks ago; never later than now."""
        moment = at_wall_time(next_working_day(self.today - timedelta(weeks=weeks)), wall)
        return min(moment, self.now)

    def community_text(self, slug: str) -> CommunityText:
        return next(text for text in self.content.communities if text.slug == slug)

    def facilitator_of(self, slug: str) -> User:
        """The one who writes the records of a community."""
        return self.users[self.content.facilitators[slug][0]]

    @property
    def network_lead(self) -> User:
        return self.users[self.content.staff[0].name]
