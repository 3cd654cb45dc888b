"""Everything a database holds, as an attacker with a copy of it would see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection

Row = tuple[Any, ...]
Snapshot = dict[str, dict[Any, Mapping[str, Any]]]


def tables() -> list[str]:
    return sorted(connection.introspection.table_names(include_views=True))


def columns_of(table: str) -> list[str]:
    with connection.cursor() as cursor:
        return [column.name for column in connection.introspection.get_table_description(cursor, table)]


def readable(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def snapshot() -> Snapshot:
    """Every row of every table, by table and key; and the counters behind the keys."""
    found: Snapshot = {}
    with connection.cursor() as cursor:
        for table in tables():
            columns = columns_of(table)
            key = connection.introspection.get_primary_key_column(cursor, table) or columns[0]
            cursor.execute(f"SELECT {', '.join(map(connection.ops.quote_name, columns))} FROM {table}")
            rows = [dict(zip(columns, map(readable, row), strict=True)) for row in cursor.fetchall()]
            found[table] = {row[key]: row for row in rows}
        found["(counters)"] = {name: {"value": value} for name, value in _counters(cursor)}
    return found


def _counters(cursor: Any) -> list[Row]:
    if connection.vendor == "postgresql":
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1")
    else:
        cursor.execute("SELECT name, seq FROM sqlite_sequence ORDER BY 1")
    return list(cursor.fetchall())


def differences(before: Snapshot, after: Snapshot) -> dict[str, list[str]]:
    """What changed, by table: "+" a row came, "-" a row went, or the names of the columns that changed."""
    found: dict[str, list[str]] = {}
    for table in sorted(before.keys() | after.keys()):
        old, new = before.get(table, {}), after.get(table, {})
        changes = ["+" for key in new if key not in old] + ["-" for key in old if key not in new]
        for key in old.keys() & new.keys():
            changed = [column for column in new[key] if old[key].get(column) != new[key][column]]
            changes += [", ".join(changed)] * bool(changed)
        if changes:
            found[table] = sorted(changes)
    return found


def dump() -> bytes:
    """Every value of every table, one after another: what a search for a plain word would find."""
    return repr(snapshot()).encode()
