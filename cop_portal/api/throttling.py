"""How many requests one reader may make. Counted in Redis where there is one, otherwise in each web process for itself.

The database could count as well, but then every read of the API would be a write.
"""

from typing import cast

from django.core.cache import BaseCache, caches
from django.utils.connection import ConnectionProxy
from rest_framework import throttling

counts = cast("BaseCache", ConnectionProxy(caches, "throttles"))


class AnonThrottle(throttling.AnonRateThrottle):
    """Readers who have not signed in, by address."""

    cache = counts


class UserThrottle(throttling.UserRateThrottle):
    """People who have signed in, by account."""

    cache = counts
