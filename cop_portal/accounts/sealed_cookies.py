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

    def sealed(self, what: dict[str, Any]) -> str:
        """What the cookie holds, as text that only this portal opens; a form may carry it too."""
        return base64.urlsafe_b64encode(bytes(self._box.encrypt(json.dumps(what).encode()))).decode()

    def opened(self, sealed: str) -> dict[str, Any]:
        """What was sealed; {} where it was not sealed here."""
        try:
            content: dict[str, Any] = json.loads(self._box.decrypt(base64.urlsafe_b64decode(sealed.encode())))
        except (ValueError, CryptoError):
            return {}
        return content

    def put(self, response: HttpResponse, what: dict[str, Any]) -> None:
        response.set_cookie(
            self.name,
            self.sealed(what),
            max_age=self.lasts,
            path=self.path,
            secure=settings.USES_HTTPS,
            httponly=True,
            samesite="Strict",
        )

    def read(self, request: HttpRequest) -> dict[str, Any]:
        """What it holds; {} where there is none, or none of ours."""
        return self.opened(request.COOKIES.get(self.name, ""))
