"""Problems put to the person who can act, for tests: sent as the pages send them."""

from datetime import datetime
from typing import Any

from communities import links
from communities.models import Community, Escalation, Organisation, Problem
from communities.services.problems.briefs import BriefText, write_brief
from communities.services.problems.escalations import WhoCanAct, send_brief
from communities.services.problems.register import declare_beyond_reach
from cop_portal.accounts.models import User
from tests.factories.communities import NOW, ProblemFactory

TEXT = BriefText(in_the_way="Two forms ask for the same", tried="We timed both", ask="One form, please")


def beyond_reach(community: Community, by: User, **problem: Any) -> Problem:
    """A problem that the community cannot change by itself."""
    return declare_beyond_reach(problem=ProblemFactory.create(community=community, **problem), by=by, now=NOW)


def put_to_lena(
    problem: Problem, by: User, *, at: datetime = NOW, text: BriefText = TEXT, **changes: Any
) -> Escalation:
    """Mailed to Lena Lever, medical director of Riverside Trust."""
    brief = write_brief(problem=problem, version=0, text=text, by=by, now=at)
    riverside, _ = Organisation.objects.get_or_create(name="Riverside Trust")
    who = {"name": "Lena Lever", "post": "Medical director", "email": "lena@example.org", "organisation": riverside}
    to = WhoCanAct(**{**who, **changes})
    return send_brief(problem=problem, version=brief.version, to=to, is_mailed=bool(to.email), by=by, now=at)


def token_of(escalation: Escalation) -> str:
    """What stands in their mail at the moment."""
    escalation.refresh_from_db()
    return links.token_for(links.ESCALATION, escalation.pk, escalation.generation)
