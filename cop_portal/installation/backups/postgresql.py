"""Logical dumps of a PostgreSQL database with its own tools."""

import os
import shutil
import subprocess
from pathlib import Path

from django.conf import settings
from django.db import connection, connections

FILE = "portal.dump"


class ToolMissing(Exception):
    """pg_dump or pg_restore is not installed, or refused."""


def dump(target: Path) -> None:
    """Write a dump in PostgreSQL's custom format: rows as they are, without transaction numbers or history."""
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def verify(path: Path) -> None:
    """Read the dump to its end, as a restore would, without a database to restore to."""
    _run("pg_restore", "--file=/dev/null", path, names_database=False)


def count_rows(path: Path) -> dict[str, int]:
    with connection.cursor() as cursor:
        counts = {}
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
            counts[table] = cursor.fetchone()[0]
    return counts


def load(path: Path) -> None:
    """Replace the live database's contents: whole, or not at all."""
    connections.close_all()
    _run("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error", path)


def _run(tool: str, *arguments: str | Path, names_database: bool = True) -> None:
    program = shutil.which(tool)
    if program is None:
        raise ToolMissing(
            f"{tool} is not installed: install PostgreSQL's client programs (apt-get install postgresql-client)."
        )
    there = settings.DATABASES["default"]
    name = [f"--dbname={there['NAME']}"] if names_database else []
    # The password goes through the environment: everybody on the machine can read a command line.
    wanted = {
        "PGHOST": there.get("HOST") or there.get("OPTIONS", {}).get("host"),
        "PGPORT": there.get("PORT"),
        "PGUSER": there.get("USER"),
        "PGPASSWORD": there.get("PASSWORD"),
        "PGSSLMODE": there.get("OPTIONS", {}).get("sslmode"),
    }
    environment = {**os.environ, **{key: str(value) for key, value in wanted.items() if value}}
    done = subprocess.run([program, *name, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolMissing(f"{tool} failed: {done.stderr.strip()}")
