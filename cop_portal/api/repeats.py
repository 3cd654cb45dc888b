"""Idempotency-Key: a write over the API is done once, however often it is sent.

Every write of every API view honours it, and none has to say so. The view runs inside one transaction with the key:
both are there afterwards or neither. Answers are no part of the API. A view that runs several transactions of its own
says `runs_own_transactions = True`; its service makes repeats harmless.
"""

import hashlib
import json
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from rest_framework.exceptions import APIException

from cop_portal.accounts.access import is_api_view, view_attribute
from cop_portal.api.problems import CONTENT_TYPE, problem
from cop_portal.design.sending import digest_of_form, who_sends
from cop_portal.installation import clock
from cop_portal.keeping.services import submissions
from cop_portal.keeping.services.submissions import Answer, Sent

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
READABLE_KEY = re.compile(r"[\x21-\x7e]{1,200}")
# What an answer says beside its body that a repeat must say, too.
KEPT_HEADERS = ("Content-Type", "ETag", "Location")
KEY_MALFORMED = "Idempotency-Key must be 1 to 200 visible characters without spaces, for example a UUID."


class RepeatedWrites:
    """Middleware. It stands last: the view is called from here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        key = request.headers.get("Idempotency-Key")
        if key is None or request.method in SAFE_METHODS or not is_api_view(view):
            return None
        if view_attribute(view, "runs_own_transactions", False):
            return None
        if not READABLE_KEY.fullmatch(key):
            return _problem(HTTPStatus.BAD_REQUEST, KEY_MALFORMED, "idempotency_key_malformed")
        sent = _sent(request, view, key)
        # Who is not known, or sends what cannot be read, is refused by the view itself.
        return None if sent is None else _once(sent, lambda: view(request, *args, **kwargs))


def _once(sent: Sent, write: Callable[[], Any]) -> HttpResponse:
    try:
        with transaction.atomic():
            submission = submissions.claim(sent, now=clock.now())
            response: HttpResponse = write()
            render = getattr(response, "render", None)
            if render is not None:
                render()
            if response.status_code >= HTTPStatus.BAD_REQUEST:
                # Refused: nothing was done, and the key is as good as new.
                transaction.set_rollback(True)
            else:
                submissions.settle(submission, sent, _answer(response))
            return response
    except submissions.AlreadyDone as done:
        return _again(done.answer)
    except submissions.KeyUsedForAnotherWrite:
        words = "This key was used for another write. Each write has a key of its own."
        return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, words, "idempotency_key_reused")


def _sent(request: HttpRequest, view: Any, key: str) -> Sent | None:
    before = request.user
    try:
        user = view.cls(**view.initkwargs).initialize_request(request).user
        content = _content(request)
    except (APIException, RequestDataTooBig):
        return None
    finally:
        # Asking writes the answer into the request; the view asks for itself.
        request.user = before
    return Sent(who=who_sends(user), key=f"api {key}", content=content) if user.is_authenticated else None


def _content(request: HttpRequest) -> bytes:
    if request.content_type == "multipart/form-data":
        # Its boundaries differ each time it is sent.
        return digest_of_form(request)
    where = json.dumps([request.method, request.get_full_path(), request.headers.get("If-Match", "")])
    return hashlib.sha256(where.encode() + request.body).digest()


def _answer(response: HttpResponse) -> Answer:
    headers = {name: response[name] for name in KEPT_HEADERS if response.has_header(name)}
    return Answer(status=response.status_code, headers=headers, body=response.content.decode("latin-1"))


def _again(answer: Answer | None) -> HttpResponse:
    if answer is None:
        return _problem(HTTPStatus.CONFLICT, "This has been done already. Read what stands now.", "already_done")
    return HttpResponse(
        answer.body.encode("latin-1"), status=answer.status, headers={**answer.headers, "Idempotency-Replayed": "true"}
    )


def _problem(status: HTTPStatus, detail: str, code: str) -> HttpResponse:
    return JsonResponse(problem(status, detail=detail, code=code), status=status, content_type=CONTENT_TYPE)
