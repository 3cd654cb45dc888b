"""What the environment must say before the portal starts, and how to mend it where it does not.

Pure functions of the variables, without Django: settings.py asks them first of all.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

PROJECT = Path(__file__).resolve().parent.parent.parent
# Enough that it cannot be guessed; the recipe in the paragraph below makes 86 characters.
SECRET_KEY_LENGTH = 50
SECRET_KEY_VARIETY = 10
MAIL_SCHEMES = ("smtp", "smtps")
DATABASE_SCHEMES = ("postgres", "postgresql")
REDIS_SCHEMES = ("redis", "rediss", "unix")

HOW_TO_MAKE_ONE = (
    'Make one with `python3 -c "import secrets; print(secrets.token_urlsafe(64))"`, set SECRET_KEY to it, and keep it '
    "out of the code and the database. Sessions and sign-in codes are signed with it."
)
NAME_THE_HOSTS = "Set it to the names people type to reach the portal, separated by commas: portal.example.org."
MAKE_A_KEY_FOLDER = (
    "It holds the keys of open surveys, so it must lie outside the database, the code and every backup of them, and "
    "only the portal's own user may read it. Make one with `mkdir -p -m 700 /srv/portal-keys` and set "
    "KEY_DIR=/srv/portal-keys."
)
NAME_THE_RELAY = "Set it to your mail relay: smtps://user:password@relay.example.org:465, or smtp://… for port 587."
NAME_THE_DATABASE = (
    "Set it to PostgreSQL 15 or newer, postgres://user:password@host:5432/portal, or leave it out: then the portal "
    "keeps its data in SQLite, which is enough for one small team."
)
DEMO_KEEPS_TO_ITSELF = (
    "The demo keeps its fictional data in a database of its own and never touches another. Unset {name} to run the "
    "demo, or run the portal in earnest with `make serve`."
)


def problems(mode: str, variables: Mapping[str, str]) -> list[str]:
    """One paragraph for each variable that stops the start in this mode; none if all is well."""
    if mode == "production":
        return list(_production(variables))
    if mode == "demo":
        return [
            f"{name} is set, and the demo refuses it. {DEMO_KEEPS_TO_ITSELF.format(name=name)}"
            for name in ("DATABASE_URL", "REDIS_URL")
            if variables.get(name)
        ]
    return []


def _production(variables: Mapping[str, str]) -> Iterator[str]:
    yield from _secret_key(variables.get("SECRET_KEY", ""))
    yield from _allowed_hosts(variables.get("ALLOWED_HOSTS", ""))
    yield from _key_dir(variables.get("KEY_DIR", ""), data=Path(variables.get("DATA_DIR") or PROJECT / "var"))
    yield from _url("EMAIL_URL", variables.get("EMAIL_URL", ""), MAIL_SCHEMES, NAME_THE_RELAY, is_required=True)
    yield from _url("DATABASE_URL", variables.get("DATABASE_URL", ""), DATABASE_SCHEMES, NAME_THE_DATABASE)
    yield from _url("REDIS_URL", variables.get("REDIS_URL", ""), REDIS_SCHEMES, "Set it to redis://host:6379/0.")
    if variables.get("DEBUG", "").lower() in ("1", "true", "yes", "on", "y", "t", "ok"):
        yield "DEBUG is on, and error pages would show settings and people's data. Unset DEBUG."


def _secret_key(value: str) -> Iterator[str]:
    if not value:
        yield f"SECRET_KEY is not set. {HOW_TO_MAKE_ONE}"
    elif len(value) < SECRET_KEY_LENGTH or len(set(value)) < SECRET_KEY_VARIETY or "insecure" in value:
        yield f"SECRET_KEY can be guessed: it is too short, too plain or an example. {HOW_TO_MAKE_ONE}"


def _allowed_hosts(value: str) -> Iterator[str]:
    hosts = [host.strip() for host in value.split(",") if host.strip()]
    if not hosts:
        yield f"ALLOWED_HOSTS is not set. {NAME_THE_HOSTS}"
    elif "*" in hosts:
        yield f"ALLOWED_HOSTS is *, which lets anyone put their own address into the portal's links. {NAME_THE_HOSTS}"


def _key_dir(value: str, *, data: Path) -> Iterator[str]:
    if not value:
        yield f"KEY_DIR is not set. {MAKE_A_KEY_FOLDER}"
        return
    folder = Path(value).resolve()
    if not folder.is_dir():
        yield f"KEY_DIR is {value}, and there is no such folder. {MAKE_A_KEY_FOLDER}"
    elif not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield f"KEY_DIR is {value}, which the portal's user cannot read and write. {MAKE_A_KEY_FOLDER}"
    elif stat.S_IMODE(folder.stat().st_mode) & 0o077:
        yield f"KEY_DIR is {value}, which other users can read. Run `chmod 700 {value}`. {MAKE_A_KEY_FOLDER}"
    elif any(folder.is_relative_to(other.resolve()) for other in (PROJECT, data)):
        yield f"KEY_DIR is {value}, inside the code or the data, so backups would take the keys. {MAKE_A_KEY_FOLDER}"


def _url(name: str, value: str, schemes: tuple[str, ...], how: str, *, is_required: bool = False) -> Iterator[str]:
    if not value:
        if is_required:
            yield f"{name} is not set. {how}"
    elif urlsplit(value).scheme not in schemes:
        # The value may hold a password, so only its scheme is repeated.
        found = urlsplit(value).scheme or "no scheme"
        yield f"{name} begins with {found}:, which is not one of {', '.join(schemes)}. {how}"
