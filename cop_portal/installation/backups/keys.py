"""Which keys a database needs. The room that makes keys says so; this room only looks whether they are there."""

from collections.abc import Callable

from django.conf import settings

KeysInUse = Callable[[], list[str]]

_registered: list[KeysInUse] = []


def register_keys(keys_in_use: KeysInUse) -> None:
    """Add a callable that gives the key files in use, as paths relative to KEY_DIR. Called in `AppConfig.ready()`."""
    _registered.append(keys_in_use)


def in_use() -> list[str]:
    return sorted(name for keys_in_use in _registered for name in keys_in_use())


def missing(names: list[str]) -> list[str]:
    """Those of the named key files that are no longer there: destroyed on their date, or lost."""
    return [name for name in names if not (settings.KEY_DIR / name).is_file()]
