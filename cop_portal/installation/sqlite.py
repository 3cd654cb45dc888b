"""SQLite takes as many values in one query as it was built for (32,766 since 3.32), not the 999 that Django assumes.

A list of ten thousand people then goes in with a hundred queries instead of seven hundred.
"""

import sqlite3
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

# What Django works with, and the least that every SQLite can do.
LEAST = 999


def take_more_values(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Called when a connection has been made. Django 6.0 asks SQLite in the same way."""
    if connection.vendor == "sqlite":
        found = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
        connection.features.max_query_params = max(LEAST, min(found, 32_766))
