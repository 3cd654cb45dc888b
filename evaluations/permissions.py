"""Who may ask, and who may see what came back. `GRANTS` is the table an information-governance officer reads.

A role held in a community counts there only; staff and administrators act everywhere.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied

from cop_portal.accounts.grants import Role

if TYPE_CHECKING:
    from communities.models import Community
    from cop_portal.accounts.models import User
    from evaluations.models import Survey


class Permission(StrEnum):
    SEE_SURVEYS = "evaluations.see_surveys"
    OPEN_SURVEY = "evaluations.open_survey"
    CLOSE_SURVEY = "evaluations.close_survey"
    SEE_RESPONSE_COUNTS = "evaluations.see_response_counts"
    SEE_RESULTS = "evaluations.see_results"
    SEE_SHARED_RESULTS = "evaluations.see_shared_results"
    SHARE_RESULTS = "evaluations.share_results"
    SEE_WHO_ANSWERED = "evaluations.see_who_answered"
    SEE_ANSWERS = "evaluations.see_answers"
    REVIEW_TEXTS = "evaluations.review_texts"
    EXPORT_RESULTS = "evaluations.export_results"
    EXPORT_CONFIDENTIAL_ROWS = "evaluations.export_confidential_rows"
    EXPORT_NAMED_ROWS = "evaluations.export_named_rows"
    SEND_PULSE = "evaluations.send_pulse"
    START_ROOM_PULSE = "evaluations.start_room_pulse"
    CLOSE_ROOM = "evaluations.close_room"
    HOLD_PSEUDONYM_KEYS = "evaluations.hold_pseudonym_keys"
    MANAGE_RETENTION = "evaluations.manage_retention"
    SEE_NETWORK = "evaluations.see_network"
    LAUNCH_WAVE = "evaluations.launch_wave"
    SEE_INSTRUMENTS = "evaluations.see_instruments"
    DRAFT_INSTRUMENTS = "evaluations.draft_instruments"
    PUBLISH_INSTRUMENTS = "evaluations.publish_instruments"
    SEE_FRAMEWORK = "evaluations.see_framework"


STAFF = frozenset({Role.ADMINISTRATOR, Role.STAFF})
RUNS_IT = STAFF | {Role.FACILITATOR}
LEADS_IT = RUNS_IT | {Role.SPONSOR}
EVERYONE_IN_IT = LEADS_IT | {Role.MEMBER}

GRANTS: Mapping[str, frozenset[Role]] = {
    Permission.SEE_SURVEYS: EVERYONE_IN_IT,
    Permission.OPEN_SURVEY: RUNS_IT,
    Permission.CLOSE_SURVEY: RUNS_IT,
    Permission.SEE_RESPONSE_COUNTS: RUNS_IT,
    Permission.SEE_RESULTS: LEADS_IT,
    # Once a survey's results are shared with the members who were asked; see Survey.is_shared_with_members.
    Permission.SEE_SHARED_RESULTS: EVERYONE_IN_IT,
    # Sharing results with members, and telling them what came of what they said.
    Permission.SHARE_RESULTS: RUNS_IT,
    # In named surveys only: who has not answered; and, without those who only keep the portal running, who said what.
    Permission.SEE_WHO_ANSWERED: RUNS_IT,
    Permission.SEE_ANSWERS: frozenset({Role.STAFF, Role.FACILITATOR}),
    # Reading what people wrote before it is shown: staff, and only of communities they are not in.
    Permission.REVIEW_TEXTS: STAFF,
    # What the results page shows, as files.
    Permission.EXPORT_RESULTS: RUNS_IT,
    # Answers of single people. Administrators keep the portal running and read nobody's.
    Permission.EXPORT_CONFIDENTIAL_ROWS: frozenset({Role.STAFF}),
    Permission.EXPORT_NAMED_ROWS: frozenset({Role.STAFF, Role.FACILITATOR}),
    # Asking those who were at a session, by mail or in the room.
    Permission.SEND_PULSE: RUNS_IT,
    Permission.START_ROOM_PULSE: RUNS_IT,
    Permission.CLOSE_ROOM: RUNS_IT,
    # A legal hold on the end of a key, as on the record of a person.
    Permission.HOLD_PSEUDONYM_KEYS: STAFF,
    # Going through what is due to be destroyed, and destroying it.
    Permission.MANAGE_RETENTION: frozenset({Role.ADMINISTRATOR}),
    Permission.SEE_NETWORK: STAFF,
    # Asking several communities at once.
    Permission.LAUNCH_WAVE: STAFF,
    # Whoever runs a community may read what can be asked, and draft from a copy of it; staff publish.
    Permission.SEE_INSTRUMENTS: RUNS_IT,
    Permission.DRAFT_INSTRUMENTS: RUNS_IT,
    Permission.PUBLISH_INSTRUMENTS: STAFF,
    Permission.SEE_FRAMEWORK: STAFF,
}

NOT_SHARED = "The results of this survey have not been shared with members yet. The facilitator shares them."


def may_see_results(user: "User", survey: "Survey") -> bool:
    """Those who lead the community always; its members once the results are shared. Results exist after the close."""
    if user.has_perm(Permission.SEE_RESULTS, survey):
        return True
    return survey.is_shared_with_members and user.has_perm(Permission.SEE_SHARED_RESULTS, survey)


def require_results(user: "User", survey: "Survey") -> None:
    """Refuses (403, with a sentence) someone who may not see this survey's results, or not yet."""
    if not may_see_results(user, survey):
        raise PermissionDenied(NOT_SHARED)


def export_permission(*, mode: str, is_rows: bool) -> Permission:
    """What someone must be allowed to do to take away the results, or the rows, of a survey in this mode."""
    if not is_rows:
        return Permission.EXPORT_RESULTS
    return Permission.EXPORT_NAMED_ROWS if mode == "named" else Permission.EXPORT_CONFIDENTIAL_ROWS


def offered_exports(user: "User", survey: "Survey") -> list[str]:
    """What someone may take away of a survey: its results, and rows where its mode has any for them and they are
    still kept."""
    has_rows = survey.mode != "anonymous" and survey.answers_destroyed_at is None
    kinds = [("figures", False), *([("rows", True)] if has_rows else [])]
    return [
        kind for kind, is_rows in kinds if user.has_perm(export_permission(mode=survey.mode, is_rows=is_rows), survey)
    ]


def community_run_by(user: "User") -> "Community | None":
    """A community that someone facilitates: whoever runs one may read and draft questionnaires. Staff need none."""
    from communities.models import RoleTerm

    if user.is_hin_staff:
        return None
    terms = RoleTerm.objects.current().facilitators().filter(person__user=user).select_related("community")
    term = terms.order_by("pk").first()
    return term.community if term else None
