"""Taking the database's own guards away while a table is changed, and setting them again as they were.

SQLite changes a table by building it anew and dropping the old one: the old one's triggers would go with it, and a
trigger elsewhere that names the table would stop the change. PostgreSQL needs none of this.
"""

from typing import Any

from django.db import migrations
from django.db.migrations.operations.base import Operation
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

GUARDS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'evaluations\\_%' ESCAPE '\\'"

_lifted: dict[str, list[str]] = {}


def lift(_: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Takes our triggers away, and remembers them until `put_back` in the same migration."""
    connection = schema_editor.connection
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(GUARDS)
        guards = cursor.fetchall()
    _lifted[connection.alias] = [sql for _name, sql in guards]
    for name, _sql in guards:
        schema_editor.execute(f"DROP TRIGGER {name}", params=None)


def put_back(_: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Sets the triggers again that `lift` took away."""
    for sql in _lifted.pop(schema_editor.connection.alias, []):
        schema_editor.execute(sql, params=None)


def around(*operations: Operation) -> list[Operation]:
    """These operations, with the guards away while they run, forwards and backwards."""
    return [migrations.RunPython(lift, put_back), *operations, migrations.RunPython(put_back, lift)]
