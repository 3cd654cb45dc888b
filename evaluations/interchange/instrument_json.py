"""Our own JSON: out and in with the same bytes."""

from __future__ import annotations

import json

from evaluations.interchange.content import Content, content_of
from evaluations.models import InstrumentVersion


def written(*versions: InstrumentVersion) -> bytes:
    """These versions as a document of their own, with the scales they use. The same versions give the same bytes."""
    return bytes_of(content_of(*versions))


def bytes_of(content: Content) -> bytes:
    """The one layout: an indent of one space, letters as they are, no line break at the end."""
    return json.dumps(content, indent=1, ensure_ascii=False).encode()
