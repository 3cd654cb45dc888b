"""Who may do what in a community. This table is the whole of it: what it does not name, nobody may do.

Administrators and HIN staff hold their role everywhere; facilitators, sponsors and members hold theirs in their own
communities. *When* something may be done (a session not yet held, a problem already settled) is said by the services.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import Value

from cop_portal.accounts import grants
from cop_portal.accounts.grants import Role

if TYPE_CHECKING:
    from communities.models import Action, Commitment, TestOfChange
    from cop_portal.accounts.models import User


class Permission(StrEnum):
    """Each is named after the verb it allows."""

    SEE_COMMUNITY = "communities.see_community"
    SEE_NAMES = "communities.see_names"
    SEE_ADDRESSES = "communities.see_addresses"
    CREATE_COMMUNITY = "communities.create_community"
    EDIT_COMMUNITY = "communities.edit_community"
    PAUSE_COMMUNITY = "communities.pause_community"
    CLOSE_COMMUNITY = "communities.close_community"
    APPOINT = "communities.appoint"
    END_TERM = "communities.end_term"
    INVITE_MEMBERS = "communities.invite_members"
    DECIDE_REQUEST = "communities.decide_request"
    MAKE_JOIN_LINK = "communities.make_join_link"
    ADD_MEMBER = "communities.add_member"
    END_MEMBERSHIP = "communities.end_membership"
    MOVE_MEMBER = "communities.move_member"
    LEAVE_COMMUNITY = "communities.leave_community"
    SEE_PEOPLE = "communities.see_people"
    SEE_ORGANISATIONS = "communities.see_organisations"
    MERGE_PEOPLE = "communities.merge_people"
    DECIDE_ERASURE = "communities.decide_erasure"
    HOLD_RECORDS = "communities.hold_records"
    IMPORT_MEMBERS = "communities.import_members"
    IMPORT_ORGANISATIONS = "communities.import_organisations"
    EDIT_ORGANISATION = "communities.edit_organisation"
    EXPORT_RECORDS = "communities.export_records"
    EXPORT_NETWORK = "communities.export_network"
    PLAN_SESSION = "communities.plan_session"
    RECORD_SESSION = "communities.record_session"
    OPEN_CHECK_IN = "communities.open_check_in"
    CLOSE_CHECK_IN = "communities.close_check_in"
    DECIDE_CLAIMS = "communities.decide_claims"
    IMPORT_ATTENDANCE = "communities.import_attendance"
    ADD_RESOURCE = "communities.add_resource"
    EDIT_RESOURCE = "communities.edit_resource"
    REMOVE_RESOURCE = "communities.remove_resource"
    MOVE_SESSION = "communities.move_session"
    EDIT_SESSION = "communities.edit_session"
    CANCEL_SESSION = "communities.cancel_session"
    REPLY_TO_SESSION = "communities.reply_to_session"
    SEE_REPLIES = "communities.see_replies"
    PROPOSE_AGENDA_ITEM = "communities.propose_agenda_item"
    ARRANGE_AGENDA = "communities.arrange_agenda"
    EDIT_MINUTES = "communities.edit_minutes"
    SHARE_MINUTES = "communities.share_minutes"
    AGREE_ACTION = "communities.agree_action"
    TAKE_ACTION = "communities.take_action"
    EDIT_ACTION = "communities.edit_action"
    ANSWER_ACTION = "communities.answer_action"
    ANSWER_OWN_ACTION = "communities.answer_own_action"
    NOTE_DECISION = "communities.note_decision"
    EDIT_DECISION = "communities.edit_decision"
    JUDGE_DECISION = "communities.judge_decision"
    ANSWER_COMMITMENT = "communities.answer_commitment"
    ANSWER_OWN_COMMITMENT = "communities.answer_own_commitment"
    LOG_TEST_OF_CHANGE = "communities.log_test_of_change"
    EDIT_TEST_OF_CHANGE = "communities.edit_test_of_change"
    EDIT_OWN_TEST_OF_CHANGE = "communities.edit_own_test_of_change"
    RAISE_PROBLEM = "communities.raise_problem"
    EDIT_PROBLEM = "communities.edit_problem"
    LOCATE_PROBLEM = "communities.locate_problem"
    LINK_PROBLEM = "communities.link_problem"
    MOVE_PROBLEM = "communities.move_problem"
    SETTLE_PROBLEM = "communities.settle_problem"
    WRITE_BRIEF = "communities.write_brief"
    SEND_BRIEF = "communities.send_brief"
    SEND_LINK_AGAIN = "communities.send_link_again"
    WITHDRAW_ESCALATION = "communities.withdraw_escalation"
    RECORD_ANSWER = "communities.record_answer"
    SEE_LEVER_HOLDERS = "communities.see_lever_holders"
    SEE_NETWORK_PROBLEMS = "communities.see_network_problems"


PLATFORM = frozenset({Role.ADMINISTRATOR, Role.STAFF})
RUNNING_IT = frozenset({Role.ADMINISTRATOR, Role.STAFF, Role.FACILITATOR})
IN_IT = RUNNING_IT | {Role.MEMBER}
EVERYONE_IN_TOUCH = IN_IT | {Role.SPONSOR}

GRANTS: Mapping[str, frozenset[Role]] = {
    # The community's page, its sessions, its open actions and its problems. Sponsors see numbers of five or more.
    Permission.SEE_COMMUNITY: EVERYONE_IN_TOUCH,
    # Who is a member, who came, who owns an action. Never a sponsor: they may be a member's manager.
    Permission.SEE_NAMES: IN_IT,
    # Members' mail addresses.
    Permission.SEE_ADDRESSES: RUNNING_IT,
    # Setting up, pausing (and going on) and closing (and opening again) is for HIN staff; what is said of a community
    # is for those who run it.
    Permission.CREATE_COMMUNITY: PLATFORM,
    Permission.EDIT_COMMUNITY: RUNNING_IT,
    Permission.PAUSE_COMMUNITY: PLATFORM,
    Permission.CLOSE_COMMUNITY: PLATFORM,
    # Who facilitates and who sponsors.
    Permission.APPOINT: RUNNING_IT,
    Permission.END_TERM: RUNNING_IT,
    # Inviting by mail, deciding who may join of those who ask, and showing a join link at a session.
    Permission.INVITE_MEMBERS: RUNNING_IT,
    Permission.DECIDE_REQUEST: RUNNING_IT,
    Permission.MAKE_JOIN_LINK: RUNNING_IT,
    Permission.ADD_MEMBER: RUNNING_IT,
    Permission.END_MEMBERSHIP: RUNNING_IT,
    # Entering that a member works elsewhere now.
    Permission.MOVE_MEMBER: RUNNING_IT,
    # One's own membership and roles; staff hold theirs by their post.
    Permission.LEAVE_COMMUNITY: frozenset({Role.FACILITATOR, Role.SPONSOR, Role.MEMBER}),
    # Every person's record, two records of one person, and what the law lets a person ask for.
    Permission.SEE_PEOPLE: PLATFORM,
    Permission.SEE_ORGANISATIONS: PLATFORM,
    Permission.MERGE_PEOPLE: PLATFORM,
    Permission.DECIDE_ERASURE: PLATFORM,
    Permission.HOLD_RECORDS: PLATFORM,
    # Bringing people in from a file: into one community, or (asked without one) into several at once.
    Permission.IMPORT_MEMBERS: RUNNING_IT,
    Permission.IMPORT_ORGANISATIONS: PLATFORM,
    Permission.EDIT_ORGANISATION: PLATFORM,
    # Taking the records away as files: of one community, or of the whole network.
    Permission.EXPORT_RECORDS: RUNNING_IT,
    Permission.EXPORT_NETWORK: PLATFORM,
    Permission.PLAN_SESSION: RUNNING_IT,
    Permission.RECORD_SESSION: RUNNING_IT,
    # The code on the screen by which people say that they are there, and who of them is confirmed; who was online, by a
    # meeting tool's list.
    Permission.OPEN_CHECK_IN: RUNNING_IT,
    Permission.CLOSE_CHECK_IN: RUNNING_IT,
    Permission.DECIDE_CLAIMS: RUNNING_IT,
    Permission.IMPORT_ATTENDANCE: RUNNING_IT,
    # Links and files of the community. Everyone who sees it reads them, but for those marked private.
    Permission.ADD_RESOURCE: RUNNING_IT,
    Permission.EDIT_RESOURCE: RUNNING_IT,
    Permission.REMOVE_RESOURCE: RUNNING_IT,
    Permission.MOVE_SESSION: RUNNING_IT,
    Permission.EDIT_SESSION: RUNNING_IT,
    Permission.CANCEL_SESSION: RUNNING_IT,
    # Saying for oneself whether one comes; and seeing who means to.
    Permission.REPLY_TO_SESSION: frozenset({Role.MEMBER}),
    Permission.SEE_REPLIES: RUNNING_IT,
    # What members would like to talk about, with or without their name; and what becomes of it.
    Permission.PROPOSE_AGENDA_ITEM: IN_IT,
    Permission.ARRANGE_AGENDA: RUNNING_IT,
    # Writing on top of the minutes (and reading them in full), and letting members and sponsors read them.
    Permission.EDIT_MINUTES: RUNNING_IT,
    Permission.SHARE_MINUTES: RUNNING_IT,
    # Agreeing an action with any member, and taking one on oneself.
    Permission.AGREE_ACTION: RUNNING_IT,
    Permission.TAKE_ACTION: IN_IT,
    Permission.EDIT_ACTION: RUNNING_IT,
    # Saying how an action went: any action for those who run the community, their own for members.
    Permission.ANSWER_ACTION: RUNNING_IT,
    Permission.ANSWER_OWN_ACTION: IN_IT,
    Permission.NOTE_DECISION: RUNNING_IT,
    Permission.EDIT_DECISION: RUNNING_IT,
    Permission.JUDGE_DECISION: RUNNING_IT,
    Permission.ANSWER_COMMITMENT: RUNNING_IT,
    Permission.ANSWER_OWN_COMMITMENT: IN_IT,
    # A test of change, with its measures and where it was adopted: any for those who run the community, and for
    # members those that they logged themselves.
    Permission.LOG_TEST_OF_CHANGE: IN_IT,
    Permission.EDIT_TEST_OF_CHANGE: RUNNING_IT,
    Permission.EDIT_OWN_TEST_OF_CHANGE: IN_IT,
    Permission.RAISE_PROBLEM: RUNNING_IT,
    Permission.EDIT_PROBLEM: RUNNING_IT,
    Permission.LOCATE_PROBLEM: RUNNING_IT,
    Permission.LINK_PROBLEM: RUNNING_IT,
    Permission.MOVE_PROBLEM: RUNNING_IT,
    Permission.SETTLE_PROBLEM: RUNNING_IT,
    # Putting a problem to the person who can act, and writing down what they answered.
    Permission.WRITE_BRIEF: RUNNING_IT,
    Permission.SEND_BRIEF: RUNNING_IT,
    Permission.SEND_LINK_AGAIN: RUNNING_IT,
    Permission.WITHDRAW_ESCALATION: RUNNING_IT,
    Permission.RECORD_ANSWER: RUNNING_IT,
    # The name and address of the person who can act. Everyone else reads their post and organisation.
    Permission.SEE_LEVER_HOLDERS: RUNNING_IT,
    # All communities' problems beyond reach, side by side.
    Permission.SEE_NETWORK_PROBLEMS: frozenset({Role.ADMINISTRATOR, Role.STAFF}),
}

SENTENCES: Mapping[str, str] = {
    Permission.SEE_NAMES: (
        "Sponsors see how many people take part, not who. If you need to know more, ask one of the facilitators."
    ),
    Permission.ANSWER_OWN_ACTION: "You can say how your own actions went. This one belongs to someone else.",
    Permission.ANSWER_OWN_COMMITMENT: "You can say how your own commitments went. This one is someone else’s.",
    Permission.EDIT_OWN_TEST_OF_CHANGE: (
        "You can change the tests of change that you logged yourself. This one was logged by someone else."
    ),
}


def may_answer(user: "User", action: "Action") -> bool:
    """Facilitators and staff answer any action of the community; its owner answers their own."""
    if user.has_perm(Permission.ANSWER_ACTION, action):
        return True
    return action.owner.user_id == user.pk and user.has_perm(Permission.ANSWER_OWN_ACTION, action)


def may_answer_commitment(user: "User", commitment: "Commitment") -> bool:
    """Facilitators and staff answer any commitment of the community; whoever made it answers their own."""
    if user.has_perm(Permission.ANSWER_COMMITMENT, commitment):
        return True
    return commitment.person.user_id == user.pk and user.has_perm(Permission.ANSWER_OWN_COMMITMENT, commitment)


def may_edit_test(user: "User", test: "TestOfChange") -> bool:
    """Facilitators and staff change any test of change of the community; members those they logged."""
    if user.has_perm(Permission.EDIT_TEST_OF_CHANGE, test):
        return True
    return test.by_id == user.pk and user.has_perm(Permission.EDIT_OWN_TEST_OF_CHANGE, test)


def roles_of(user: "User") -> dict[int, set[Role]]:
    """The roles a user holds today, by community; one query."""
    from communities.models import Membership, RoleTerm

    in_it = Membership.objects.current().filter(person__user=user).values_list("community_id", Value("member"))
    run_it = RoleTerm.objects.current().filter(person__user=user).values_list("community_id", "role")
    held: dict[int, set[Role]] = {}
    for community_id, role in in_it.union(run_it):
        held.setdefault(community_id, set()).add(Role(role))
    return held


def register() -> None:
    from communities.models import Organisation, ProfessionalGroup

    grants.register(GRANTS, sentences=SENTENCES)
    grants.register_community_roles(roles_of)
    grants.register_reference_data(Organisation, ProfessionalGroup)
