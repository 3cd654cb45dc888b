"""What a community's overview says about asking: what is open, what the last survey said, and opening the next."""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from communities.models import Community
from communities.panels import Panel
from cop_portal.accounts.models import User
from evaluations import results
from evaluations.dashboards import wave_plan
from evaluations.models import Survey
from evaluations.permissions import Permission, may_see_results

# More questionnaires than can be open at once, and the last that closed.
LATEST = 10
# Said on the overview: whether people would speak about what went wrong.
HEADLINE_QUESTION = "C1"


def asked_panel(community: Community, user: User, now: datetime) -> Panel | None:
    """The "Asked" panel; none for someone who may not see this community's surveys. One query."""
    if not user.has_perm(Permission.SEE_SURVEYS, community):
        return None
    # What was said after a session stands on that session's page.
    found = community.surveys.filter(Q(state=Survey.State.OPEN) | Q(state=Survey.State.CLOSED, session=None))
    surveys = list(found.select_related("version__instrument", "session", "release").newest_first()[:LATEST])
    for survey in surveys:
        survey.community = community
    closed = next((survey for survey in surveys if survey.state == Survey.State.CLOSED), None)
    sees_counts = user.has_perm(Permission.SEE_RESPONSE_COUNTS, community)
    is_active = community.state == Community.State.ACTIVE
    context = {
        "open_surveys": [
            (survey, survey.count_words.rstrip(".") if sees_counts else "")
            for survey in surveys
            if survey.state == Survey.State.OPEN
        ],
        "closed": closed,
        "said": said(closed) if closed and may_see_results(user, closed) else (),
        "can_open": user.has_perm(Permission.OPEN_SURVEY, community),
        "plan": wave_plan.wave_plan(surveys, timezone.localdate(now)) if is_active else None,
    }
    return Panel(heading="Asked", template="evaluations/panels/asked.html", context=context)


def said(survey: Survey) -> tuple[str, ...]:
    """How many answered, and the figure of one question, in the words of the results page."""
    found = results.of(survey)
    lines = [f"Answered: {results.response_rate_words(survey)}"]
    lines += [
        f"{question.text} Agreeing: {with_base(question)}"
        for question in found.questions
        if question.code == HEADLINE_QUESTION and question.headline and not found.hidden
    ]
    return tuple(lines)


def with_base(question: results.QuestionResult) -> str:
    """The headline with its base, which a share already names: "70% (7 of 10; …)", "about half (base 5 to 9)"."""
    words = question.headline.words if question.headline else ""
    return words if isinstance(question.headline, results.Share) else f"{words} (base {question.base.words})"
