"""A cookie that holds something for pages behind a link: encrypted, only for this host, and only under one path."""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox


@dataclass(frozen=True)
class SealedCookie:
    """`purpose` (at most 16 bytes) makes the key its own. Without `lasts` (seconds) it goes with the browser."""

    name: str
    path: str
    purpose: bytes
    lasts: int | None = None

    @property
    def _box(self) -> SecretBox:
        key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=self.purpose).digest()
        return SecretBox(key)

    def put(self, response: HttpResponse, what: dict[str, Any]) -> None:
        sealed = bytes(self._box.encrypt(json.dumps(what).encode()))
        response.set_cookie(
            self.name,
            base64.urlsafe_b64encode(sealed).decode(),
            max_age=self.lasts,
            path=self.path,
            secure=settings.USES_HTTPS,
            httponly=True,
            samesite="Strict",
        )

    def read(self, request: HttpRequest) -> dict[str, Any]:
        """What it holds; {} where there is none, or none of ours."""
        try:
            sealed = base64.urlsafe_b64decode(request.COOKIES.get(self.name, "").encode())
            opened: dict[str, Any] = json.loads(self._box.decrypt(sealed))
        except (ValueError, CryptoError):
            return {}
        return opened
