"""Every text that is searched on PostgreSQL has an index, and it is used. (SQLite has no such search.)"""

import pytest
from django.db import connection

from communities.search import SOURCES, Source, as_typed

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("source", [source for source in SOURCES if source.kind != "minutes"], ids=lambda s: s.kind)
def test_what_is_searched_has_an_index(source: Source) -> None:
    """Minutes are searched across two tables, which no index can span."""
    rows = source.model._default_manager.annotate(vector=source.vector).filter(vector=as_typed("lactate")).values("pk")
    with connection.cursor() as cursor:
        # With so few rows reading them all is cheaper, unless that is ruled out.
        cursor.execute("SET LOCAL enable_seqscan = off")
        sql, parameters = rows.query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", parameters)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert f"search_{source.model._meta.model_name}" in plan
