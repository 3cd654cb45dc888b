"""Reading the body of a request, however it was made."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework import parsers
from rest_framework.exceptions import ParseError

SURROGATE = b"\\ud"


class JSONParser(parsers.BaseParser):
    """JSON in UTF-8, of a size and a depth that can be read. Anything else is a ParseError, or RequestDataTooBig."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        # Django's own limit is for bodies that Django reads.
        body: bytes = stream.read(most + 1)
        if len(body) > most:
            raise RequestDataTooBig
        try:
            data = json.loads(body.decode(), parse_constant=_refused)
            if SURROGATE in body.lower():
                # Half a character can be written in JSON, and can be neither stored nor shown.
                json.dumps(data, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as failure:
            raise ParseError from failure
        return data


def _refused(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
