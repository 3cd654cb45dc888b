"""Demo or in earnest is a fact in the database. Whoever serves or sends from it asks here first."""

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from cop_portal.installation.fictional import is_fictional
from cop_portal.installation.models import Installation

OLDEST_POSTGRESQL = 15


def settle() -> Installation:
    """The row of this database; made now, in the mode of this start, if the database is new."""
    insist_on_version()
    row = Installation.objects.first()
    if row is None:
        if settings.IS_DEMO and apps.get_model("accounts", "User").objects.exists():
            raise ImproperlyConfigured(
                "This database holds people but was not made by the demo, so the demo does not touch it. "
                "Set DATA_DIR to another folder."
            )
        row = Installation.objects.create(is_demo=settings.IS_DEMO)
    insist()
    return row


def insist() -> None:
    """Refuse, with a paragraph, whatever the database contradicts: the mode of this start, or a demo's fiction."""
    insist_on_mode()
    if settings.IS_DEMO and _has_table("account_emailaddress"):
        _insist_on_fictional_people()


def insist_on_mode() -> None:
    """A demo database never serves in earnest, nor the other way round. A new one contradicts nothing."""
    row = recorded()
    if settings.IS_TEST or row is None or row.is_demo == settings.IS_DEMO:
        return
    if row.is_demo:
        raise ImproperlyConfigured(
            "This database was made by the demo: its people are fictional and their passwords are known. It does not "
            "serve in earnest. Set DATA_DIR (or DATABASE_URL) to a new database, or run the demo with `make run`."
        )
    raise ImproperlyConfigured(
        "This database is in earnest, and the demo does not touch it. Run it with `make serve`, or set DATA_DIR to "
        "another folder for the demo."
    )


def recorded() -> Installation | None:
    """The row of this database, or None before its first start."""
    return Installation.objects.first() if _has_table(Installation._meta.db_table) else None


def insist_on_version() -> None:
    """PostgreSQL older than the oldest one supported stops the start."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('server_version_num')::int")
        words, number = cursor.fetchone()
    if number < OLDEST_POSTGRESQL * 10_000:
        raise ImproperlyConfigured(
            f"DATABASE_URL leads to PostgreSQL {words}. The portal needs {OLDEST_POSTGRESQL} or newer: upgrade the "
            "server, or set DATABASE_URL to another. Nothing has been changed in this one."
        )


def _has_table(name: str) -> bool:
    return name in connection.introspection.table_names()


def _insist_on_fictional_people() -> None:
    addresses = apps.get_model("account", "EmailAddress").objects.values_list("email", flat=True)
    real = sum(not is_fictional(address) for address in addresses.iterator())
    if real:
        raise ImproperlyConfigured(
            f"This demo database holds {real} {'address' if real == 1 else 'addresses'} outside example.org and "
            ".test, which could be a real person's. Forget it with `make demo-reset`."
        )
