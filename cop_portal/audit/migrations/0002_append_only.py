"""The audit trail is append-only: the database itself refuses to change, delete or empty it."""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLE = "audit_auditentry"
SENTENCE = "The audit trail is append-only."

POSTGRESQL = f"""
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{SENTENCE}';
END;
$$;
CREATE TRIGGER audit_append_only_rows BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_append_only_table BEFORE TRUNCATE ON {TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
"""
POSTGRESQL_UNDO = f"""
DROP TRIGGER audit_append_only_rows ON {TABLE};
DROP TRIGGER audit_append_only_table ON {TABLE};
DROP FUNCTION audit_refuse();
"""
SQLITE = [
    f"CREATE TRIGGER audit_append_only_{verb} BEFORE {verb} ON {TABLE} BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
    for verb in ("UPDATE", "DELETE")
]
SQLITE_UNDO = [f"DROP TRIGGER audit_append_only_{verb}" for verb in ("UPDATE", "DELETE")]


def forbid(_: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Sets the triggers."""
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in [POSTGRESQL] if is_postgresql else SQLITE:
        schema_editor.execute(statement, params=None)


def allow(_: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Takes them away."""
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in [POSTGRESQL_UNDO] if is_postgresql else SQLITE_UNDO:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunPython(forbid, allow)]
