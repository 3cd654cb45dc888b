"""How a service says no: a ValidationError named after the rule it protects, written for the person refused.

Pages and API give the same words and the same status: see design/refusals.py and api.py.
"""

from django.core.exceptions import ValidationError


class Refusal(ValidationError):
    """What was asked is understood, but a rule does not allow it. Nothing has been stored."""

    status = 422


class Conflict(Refusal):
    """Someone, or time, got there first: the state asked about is no longer so."""

    status = 409


class Stale(Conflict):
    """The writer had read an older version than the one that now stands. The API answers 412 (If-Match)."""
