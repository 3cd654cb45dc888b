"""A table of a community, or of the network, as a file: the one way, for pages and API alike."""

from datetime import datetime

from django.utils import timezone

from communities.exports.all_tables import TABLES
from communities.exports.formats import File, Format, write
from communities.exports.tables import Scope
from communities.models import Community


def exported(*, table: str, format_: Format, community: Community | None, now: datetime) -> File:
    """The file is called by where it is from, what it holds and the day: `sepsis-members-2026-11-24.csv`."""
    whole = TABLES[table]
    where = community.slug if community else "network"
    name = f"{where}-{table}-{timezone.localdate(now).isoformat()}"
    return write(format_, name=name, columns=whole.columns, rows=whole.rows(Scope(community)), now=now)
