"""The probes: is this process alive, and can it do its work?"""

import os
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache as default_cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cop_portal.installation import folders


class NotMigrated(Exception):
    """The database is older than the code."""


@require_safe
@never_cache
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers at all."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """200 if everything a request needs is there, otherwise 503; one line each, without a path or a version."""
    results = {name: _is_well(check) for name, check in CHECKS.items()}
    lines = "".join(f"{name}: {'ok' if is_well else 'not ready'}\n" for name, is_well in results.items())
    return HttpResponse(lines, content_type="text/plain", status=200 if all(results.values()) else 503)


def database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


@cache
def _wait_for_migrations() -> bool:
    """Raises until every migration of this code is applied; then remembered, for reading them all takes a while."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotMigrated
    return True


def migrations() -> bool:
    return _wait_for_migrations()


def keys() -> bool:
    return os.access(settings.KEY_DIR, os.R_OK | os.W_OK | os.X_OK)


def cache_answers() -> bool:
    # Only read: a probe is a GET, and a GET changes nothing.
    default_cache.get("readyz")
    return True


def broker() -> bool:
    folder = folders.broker()
    # Redis answers through the cache already: both live there.
    return folder is None or os.access(folder, os.W_OK)


CHECKS: dict[str, Callable[[], bool]] = {
    "database": database,
    "migrations": migrations,
    "cache": cache_answers,
    "keys": keys,
    "broker": broker,
}


def _is_well(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:  # noqa: BLE001 (whatever is wrong, the answer is "not ready")
        return False
