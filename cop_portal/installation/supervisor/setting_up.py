"""Everything between an empty folder and a portal that can serve. Each step finds out whether it is needed."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from cop_portal.installation import backups, facts, folders
from cop_portal.installation.forgetting import forget_demo
from cop_portal.installation.models import Installation

LISTS = ("communities/data", "evaluations/data")
# A demo has invented organisations in the place of the real ones in the reference lists.
# A package whose pages the portal does not show.
NOT_SHOWN = ["rest_framework"]
LOADERS = (*([] if settings.IS_DEMO else ["load_reference"]), "load_framework", "load_instruments")

Say = Callable[[str], None]


def set_up(say: Say) -> None:
    """Bring folders, database, lists, demo data and static files up to date; a second run finds nothing to do."""
    folders.prepare()
    folders.empty_broker()
    start_over_if_interrupted(say)
    facts.insist()
    facts.insist_on_version()
    migrate(say)
    installation = facts.settle()
    # The demo's two years bring the lists with them, loaded on the day they were first needed.
    fill(installation, say)
    load_lists(installation, say)
    collect_static_files(say)


def start_over_if_interrupted(say: Say) -> None:
    """A demo whose first filling was cut short is forgotten; data in earnest never is."""
    row = facts.recorded() if settings.IS_DEMO else None
    if row is not None and row.is_demo and row.filled_at is None:
        say("The demo was interrupted while it was being filled: starting over.")
        forget_demo()
        folders.prepare()


def migrate(say: Say) -> None:
    """Apply migrations that are new; in earnest a database with data in it is backed up first."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        if settings.IS_PRODUCTION and executor.loader.applied_migrations:
            say(f"Backing up before the database changes: {backups.make_backup(now=timezone.now()).folder}")
        say("Preparing the database …")
        call_command("migrate", verbosity=0, interactive=False)
    if not settings.REDIS_URL and "portal_cache" not in connection.introspection.table_names():
        call_command("createcachetable", verbosity=0)


def load_lists(installation: Installation, say: Say) -> None:
    """Framework, instruments and reference lists, whenever the files that ship with the portal have changed."""
    digest = hashlib.sha256()
    for path in sorted(file for folder in LISTS for file in (settings.BASE_DIR / folder).glob("*.json")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    if digest.hexdigest() == installation.lists_digest:
        return
    say("Loading the framework, the instruments and the reference lists …")
    for command in LOADERS:
        call_command(command, verbosity=0)
    Installation.objects.update(lists_digest=digest.hexdigest())


def fill(installation: Installation, say: Say) -> None:
    """Demo data, once, into a new demo database."""
    if installation.filled_at is not None:
        return
    if settings.IS_DEMO:
        say("Filling the demo with fictional people and two years of sessions …")
        call_command("load_demo", verbosity=0)
    Installation.objects.update(filled_at=timezone.now())


def collect_static_files(say: Say) -> None:
    """Copy and compress styles and scripts for whitenoise, after each build of them."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    state = f"{django.get_version()} {_newest_build()}"
    if stamp.is_file() and stamp.read_text() == state:
        return
    say("Collecting styles and scripts …")
    call_command("collectstatic", verbosity=0, interactive=False, clear=True, ignore_patterns=NOT_SHOWN)
    stamp.write_text(state)


def _newest_build() -> int:
    times = [path.stat().st_mtime_ns for folder in settings.STATICFILES_DIRS for path in Path(folder).rglob("*")]
    return max(times, default=0)
