"""The list of what can be taken away."""

from communities.exports import doing, people, problems, sessions
from communities.exports.tables import Table

TABLES: dict[str, Table] = {
    table.slug: table for module in (people, sessions, doing, problems) for table in module.TABLES
}
