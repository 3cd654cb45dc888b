"""The nouns of a community's working life."""

from communities.models.community import Community, Organisation, ProfessionalGroup
from communities.models.membership import Membership, RoleTerm
from communities.models.outcome import Action, Commitment, Decision, LearningPoint
from communities.models.person import Affiliation, Person
from communities.models.problem import Escalation, LeverHolder, Problem, ProblemStep
from communities.models.record import Guest, Resource, SessionVersion
from communities.models.session import Attendance, Session
from communities.models.test_of_change import Adoption, Measure, TestOfChange

__all__ = [
    "Action", "Adoption", "Affiliation", "Attendance", "Commitment", "Community", "Decision", "Escalation", "Guest",
    "LearningPoint", "LeverHolder", "Measure", "Membership", "Organisation", "Person", "Problem", "ProblemStep",
    "ProfessionalGroup", "Resource", "RoleTerm", "Session", "SessionVersion",
    "TestOfChange",
]  # fmt: skip
