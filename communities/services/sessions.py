"""The verbs of a session, gathered while their callers move to planning, moving and recording."""

from communities.services.moving import NoReasonGiven, SessionAlreadyHeld, cancel_session
from communities.services.planning import (
    LeaderNotInCommunity,
    SessionClash,
    SessionEndsBeforeItStarts,
    SessionInThePast,
    SessionNotYet,
    enter_past_session,
    plan_session,
)
from communities.services.recording import (
    MOST_LEARNING_POINTS,
    NotAMemberOnThatDay,
    SessionCancelled,
    SessionChangedMeanwhile,
    TooManyLearningPoints,
    record_session,
)
from communities.services.records.answering import NotAnActionHere

__all__ = [
    "MOST_LEARNING_POINTS", "LeaderNotInCommunity", "NoReasonGiven", "NotAMemberOnThatDay", "NotAnActionHere",
    "SessionAlreadyHeld", "SessionCancelled", "SessionChangedMeanwhile", "SessionClash", "SessionEndsBeforeItStarts",
    "SessionInThePast", "SessionNotYet", "TooManyLearningPoints", "cancel_session", "enter_past_session",
    "plan_session", "record_session",
]  # fmt: skip
