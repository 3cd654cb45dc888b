"""Copies of a SQLite database, taken while it is in use.

The copy holds rows, not their history: nothing deleted is in it, and tables whose key is random lie in the order of
that key, so that two neighbouring backups do not show which sealed answer came when.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connections

FILE = "portal.sqlite3"


class CopyIsDamaged(Exception):
    """SQLite's own checks found fault with a copy."""


def dump(target: Path) -> None:
    """Write a compact copy of the live database to `target`, on the disk before this returns."""
    with _plain(_live()) as source:
        source.execute("VACUUM INTO ?", [str(target)])
    with _plain(target) as copy:
        _lay_out_by_key(copy)
        copy.execute("VACUUM")
    with target.open("rb") as file:
        os.fsync(file.fileno())


def verify(path: Path) -> None:
    """Raise `CopyIsDamaged` unless every page and every reference in the copy is sound."""
    with _plain(path) as copy:
        faults = [row[0] for row in copy.execute("PRAGMA integrity_check") if row[0] != "ok"]
        faults += [f"{table}: a row points to nothing" for table, *_ in copy.execute("PRAGMA foreign_key_check")]
    if faults:
        raise CopyIsDamaged("; ".join(faults[:5]))


def count_rows(path: Path) -> dict[str, int]:
    with _plain(path) as copy:
        return {
            name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 (names from the schema)
            for name in _tables(copy)
        }


def load(path: Path) -> None:
    """Put a copy in the live database's place: whole, or not at all."""
    connections.close_all()
    live = _live()
    incoming = live.with_name(f"{live.name}.incoming")
    with _plain(path) as source, closing(sqlite3.connect(incoming)) as target:
        source.backup(target)
    # The log of the old database must not be replayed into the new one.
    for suffix in ("-wal", "-shm"):
        live.with_name(live.name + suffix).unlink(missing_ok=True)
    incoming.replace(live)


def _lay_out_by_key(copy: sqlite3.Connection) -> None:
    triggers = copy.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        copy.execute(f'DROP TRIGGER "{name}"')
    for table in _tables(copy):
        columns = copy.execute(f'PRAGMA table_info("{table}")').fetchall()
        key = [(name, kind) for _, name, kind, _, _, position in columns if position]
        if len(key) == 1 and key[0][1].lower() != "integer":
            # The names come from the schema, which has no quotation marks in them.
            copy.execute(f'CREATE TEMP TABLE laid_out AS SELECT * FROM "{table}" ORDER BY "{key[0][0]}"')  # noqa: S608
            copy.execute(f'DELETE FROM "{table}"')  # noqa: S608
            copy.execute(f'INSERT INTO "{table}" SELECT * FROM laid_out ORDER BY rowid')  # noqa: S608
            copy.execute("DROP TABLE laid_out")
    for _, sql in triggers:
        copy.execute(sql)


def _tables(copy: sqlite3.Connection) -> list[str]:
    found = copy.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    )
    return [name for (name,) in found.fetchall()]


def _live() -> Path:
    return Path(settings.DATABASES["default"]["NAME"])


@contextmanager
def _plain(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection of its own: no transaction is opened behind our back, and vacuum cannot run inside one."""
    with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as connection:
        yield connection
