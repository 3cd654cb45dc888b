"""Reading what a page sends of a form that is being typed into."""

import json
from typing import Any, Literal

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from cop_portal.keeping.services.drafts import Pairs

PAIR = 2


class NotADraft(ValueError):
    """What came is not what our own page sends."""


def draft_from(request: HttpRequest) -> dict[Literal["mark", "key", "fields", "texts"], Any]:
    """The arguments of `save_draft`. Raises NotADraft for a body that no page of ours sends."""
    try:
        data = json.loads(request.body)
    except (ValueError, RecursionError, RequestDataTooBig) as failure:
        raise NotADraft("What was sent cannot be read as a draft.") from failure
    if not isinstance(data, dict):
        raise NotADraft("What was sent is not a draft.")
    return {
        "mark": _text(data.get("mark")),
        "key": _text(data.get("key", "")),
        "fields": _pairs(data.get("fields")),
        "texts": _pairs(data.get("texts", [])),
    }


def _pairs(value: Any) -> Pairs:
    if not isinstance(value, list) or not all(isinstance(pair, list) and len(pair) == PAIR for pair in value):
        raise NotADraft("The boxes of a form come as a list of names and values.")
    return [(_text(name), _text(said)) for name, said in value]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise NotADraft("The boxes of a form hold text.")
    # Neither can be stored: a NUL in PostgreSQL, half a character in UTF-8.
    return value.replace("\x00", "").encode("utf-8", "replace").decode()
