"""The nouns of a community's working life."""

from communities.models.agenda import AgendaItem
from communities.models.check_in import CheckIn, CheckInClaim, CheckInPass
from communities.models.community import Community, Organisation, ProfessionalGroup
from communities.models.community_life import CommunityChange, Pause, Programme
from communities.models.erasure import ErasureRequest, LegalHold
from communities.models.escalation import Brief, Escalation, EscalationAnswer, LeverHolder
from communities.models.feed import CalendarFeed
from communities.models.imports import ImportBatch, ImportRow
from communities.models.joining import JoinLink, JoinRequest, MemberInvitation
from communities.models.membership import Membership, RoleTerm
from communities.models.merge import PersonMerge
from communities.models.minutes import Minutes
from communities.models.outcome import Action, Commitment, Decision, LearningPoint
from communities.models.person import Affiliation, Person
from communities.models.problem import Problem, ProblemStep
from communities.models.record import Guest, Resource, SessionVersion
from communities.models.reply import Reply
from communities.models.series import Series
from communities.models.session import Attendance, Session
from communities.models.test_of_change import Adoption, Measure, TestOfChange

__all__ = [
    "Action", "Adoption", "Affiliation", "AgendaItem", "Attendance", "Brief", "CalendarFeed", "CheckIn",
    "CheckInClaim", "CheckInPass", "Commitment", "Community", "CommunityChange", "Decision", "ErasureRequest",
    "Escalation", "EscalationAnswer", "Guest", "ImportBatch", "ImportRow", "JoinLink", "JoinRequest",
    "LearningPoint", "LegalHold", "LeverHolder", "Measure", "MemberInvitation", "Membership", "Minutes",
    "Organisation", "Pause", "Person", "PersonMerge", "Problem", "ProblemStep", "ProfessionalGroup", "Programme",
    "Reply", "Resource", "RoleTerm", "Series", "Session", "SessionVersion", "TestOfChange",
]  # fmt: skip
