"""The mail that evaluations send: a module for each reader."""

from evaluations.emails import asking, cancelling, heard, leaders, pseudonym_keys
from evaluations.emails.asking import (
    EXTENSION,
    MORE_TIME,
    REMINDER,
    REQUEST,
    is_request_due,
    minutes_words,
    occasion,
    render_extension,
    render_more_time,
    render_reminder,
    render_request,
    request,
)
from evaluations.emails.cancelling import CANCELLED, cancelled, render_cancelled
from evaluations.emails.leaders import (
    CLOSED,
    ELSEWHERE,
    HALTED,
    closed,
    halted,
    reached_someone_else,
    render_closed,
    render_halted,
)
from evaluations.emails.pseudonym_keys import KeyMail, key_delayed, key_ended

__all__ = [
    "CANCELLED",
    "CLOSED",
    "ELSEWHERE",
    "EXTENSION",
    "HALTED",
    "MORE_TIME",
    "REMINDER",
    "REQUEST",
    "KeyMail",
    "cancelled",
    "closed",
    "halted",
    "is_request_due",
    "key_delayed",
    "key_ended",
    "minutes_words",
    "occasion",
    "reached_someone_else",
    "register",
    "render_cancelled",
    "render_closed",
    "render_extension",
    "render_halted",
    "render_more_time",
    "render_reminder",
    "render_request",
    "request",
]


def register() -> None:
    """Tells the outbox of our kinds. Called in `AppConfig.ready()`."""
    for module in (asking, cancelling, heard, leaders, pseudonym_keys):
        module.register()
