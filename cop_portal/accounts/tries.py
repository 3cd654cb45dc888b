"""Counting wrong tries from one place, for pages that know nobody: in memory, for minutes, and without the address."""

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest
from rest_framework.throttling import BaseThrottle


@dataclass(frozen=True)
class Tries:
    """At most so many wrong tries within so many seconds from one network address."""

    purpose: str
    most: int
    within: int

    def _key(self, request: HttpRequest) -> str:
        # REST framework knows which of a proxy's addresses to believe.
        place = BaseThrottle().get_ident(request)  # type: ignore[arg-type]
        key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"wrong-tries").digest()
        hashed = hashlib.blake2b(f"{self.purpose}|{place}".encode(), key=key, digest_size=16)
        return f"tries:{hashed.hexdigest()}"

    def are_over(self, request: HttpRequest) -> bool:
        return int(caches["throttles"].get(self._key(request), 0)) >= self.most

    def note(self, request: HttpRequest) -> None:
        """One more wrong one. The time runs from the first."""
        counts, key = caches["throttles"], self._key(request)
        counts.add(key, 0, self.within)
        try:
            counts.incr(key)
        except ValueError:
            # It ran out between the two.
            counts.set(key, 1, self.within)
