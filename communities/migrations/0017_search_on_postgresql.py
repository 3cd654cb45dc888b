"""What is searched has an index of its own on PostgreSQL; SQLite has no such search and needs none."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# As communities/search.py asks for them: an index is used only for the very same expression.
INDEXES = {
    "learningpoint": ("text",),
    "decision": ("text", "verdict_note"),
    "problem": ("title", "detail", "came_of_it"),
    "resource": ("title", "file_name"),
    "session": ("focus",),
}


def make(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor != "postgresql":
        return
    for model, columns in INDEXES.items():
        texts = " || ' ' || ".join(f"COALESCE({column}, '')" for column in columns)
        editor.execute(
            f"CREATE INDEX search_{model} ON communities_{model} USING gin (to_tsvector('english'::regconfig, {texts}))"
        )


def drop(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor != "postgresql":
        return
    for model in INDEXES:
        editor.execute(f"DROP INDEX search_{model}")


class Migration(migrations.Migration):
    dependencies = [("communities", "0016_check_in")]

    operations = [migrations.RunPython(make, drop)]
