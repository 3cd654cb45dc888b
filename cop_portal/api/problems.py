"""Every error of the API as RFC 9457 problem details, in the words the pages use.

The body holds `type` (an address in the reference that explains the kind), `title` (of the kind), `status`, `detail`
(a sentence about this occurrence), `code` (for programs) and, where fields are at fault, `errors`: a list of {field,
detail, code}.
"""

import logging
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation, ValidationError
from django.core.signals import got_request_exception
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from cop_portal.refusals import Refusal, Stale

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
KINDS = {
    400: ("malformed", "The request is not well formed"),
    401: ("not-signed-in", "Sign in first"),
    403: ("not-allowed", "You may not do this"),
    404: ("not-found", "There is nothing here that you can see"),
    405: ("method-not-allowed", "This address does not take that method"),
    406: ("not-acceptable", "The answer cannot be given in that form"),
    409: ("conflict", "Something changed meanwhile"),
    412: ("changed-meanwhile", "This is no longer the version you read"),
    415: ("unsupported-media-type", "The body is not in a form that is understood"),
    422: ("refused", "A rule does not allow this"),
    428: ("version-missing", "Say which version you read"),
    429: ("too-many-requests", "Too many requests"),
    500: ("error", "Something went wrong on our side"),
}


def problem(status_code: int, *, detail: str, code: str, errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """The body of a problem."""
    kind, title = KINDS.get(status_code, KINDS[status.HTTP_400_BAD_REQUEST])
    body: dict[str, Any] = {
        "type": f"/api/v1/docs/#problem-{kind}",
        "title": title,
        "status": status_code,
        "detail": detail,
        "code": code,
    }
    return body | {"errors": errors} if errors else body


def _flat(detail: Any, field: str = "") -> Iterator[dict[str, str]]:
    """DRF's nested error details as a flat list: a field inside a list is named `actions.0.due_on`."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from _flat(inner, ".".join(part for part in (field, own) if part))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            is_message = isinstance(inner, str)
            yield from _flat(inner, field if is_message else f"{field}.{index}".lstrip("."))
    else:
        yield {"field": field, "detail": str(detail), "code": getattr(detail, "code", "invalid")}


def _refused(refusal: ValidationError) -> dict[str, Any]:
    """A rule's refusal. The first message is the sentence; messages that belong to fields are listed too."""
    status_code = refusal.status if isinstance(refusal, Refusal) else status.HTTP_422_UNPROCESSABLE_ENTITY
    if isinstance(refusal, Stale):
        # The reader said in If-Match what they had read; a page asks with a hidden field and answers 409.
        status_code = status.HTTP_412_PRECONDITION_FAILED
    errors = []
    if hasattr(refusal, "error_dict"):
        errors = [
            {"field": "" if field == "__all__" else field, "detail": message, "code": error.code or "invalid"}
            for field, found in refusal.error_dict.items()
            for error in found
            for message in error.messages
        ]
    code = getattr(refusal, "code", None) or (errors[0]["code"] if errors else "refused")
    return problem(status_code, detail=" ".join(refusal.messages), code=code, errors=errors)


def _from_api(exc: exceptions.APIException) -> dict[str, Any]:
    if isinstance(exc, exceptions.ValidationError):
        errors = list(_flat(exc.detail))
        return problem(exc.status_code, detail="Some fields need to be put right.", code="malformed", errors=errors)
    if isinstance(exc, exceptions.ParseError):
        return problem(exc.status_code, detail="The body of this request is not JSON.", code="not_json")
    if isinstance(exc, exceptions.NotAuthenticated):
        detail = "Sign in, or send a token: “Authorization: Bearer …”."
        return problem(exc.status_code, detail=detail, code="not_signed_in")
    return problem(exc.status_code, detail=str(exc.detail), code=str(exc.get_codes()))


def _headers(exc: Exception) -> dict[str, str]:
    headers = {}
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    return headers


def problem_details(exc: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler: anything raised in a view becomes a problem. An unforeseen error is logged and says no
    more than that."""
    if isinstance(exc, Http404):
        exc = exceptions.NotFound("Nothing was found at this address, or you may not see it.")
    if isinstance(exc, PermissionDenied):
        body = problem(403, detail=str(exc) or "You do not have access to this.", code="permission_denied")
    elif isinstance(exc, ValidationError):
        body = _refused(exc)
    elif isinstance(exc, SuspiciousOperation):
        body = problem(400, detail="This request is too long, or not one that can be read.", code="not_readable")
    elif isinstance(exc, exceptions.APIException):
        body = _from_api(exc)
    else:
        request = context.get("request")
        # What Django does for a page: tell error reporting (and the test client), then answer.
        got_request_exception.send(sender=problem_details, request=getattr(request, "_request", request))
        logger.error("Unforeseen error in %s", type(context.get("view")).__name__, exc_info=exc)
        body = problem(500, detail="Something went wrong, and nothing was stored. It has been noted.", code="error")
    set_rollback()
    return Response(body, status=body["status"], headers=_headers(exc), content_type=CONTENT_TYPE)
