"""SQLite is asked how many values it takes, so that long lists need few queries."""

import sqlite3

import pytest
from django.db import connection

from cop_portal.installation.sqlite import LEAST, take_more_values


@pytest.mark.embedded
@pytest.mark.django_db
def test_a_connection_to_sqlite_takes_as_many_values_as_sqlite_does() -> None:
    if connection.vendor != "sqlite":
        assert connection.features.max_query_params is None
        return
    limit = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
    assert connection.features.max_query_params == min(limit, 32_766) > LEAST


@pytest.mark.embedded
@pytest.mark.django_db
def test_asking_again_changes_nothing() -> None:
    before = connection.features.max_query_params
    take_more_values(connection)
    assert connection.features.max_query_params == before
