"""What the database itself refuses: another breakdown for an opened survey. Who answered was told of the first one."""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

NAME, TABLE = "evaluations_breakdown_fixed", "evaluations_survey"
SENTENCE = "What an opened survey promised does not change."


def forbid(_: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Sets the guard."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"""
            CREATE FUNCTION {NAME}_guard() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF OLD.breakdown IS DISTINCT FROM NEW.breakdown THEN
                    RAISE EXCEPTION '{SENTENCE}' USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                RETURN NEW;
            END;
            $$;
            CREATE TRIGGER {NAME} BEFORE UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {NAME}_guard();
            """,
            params=None,
        )
        return
    schema_editor.execute(
        f"CREATE TRIGGER {NAME} BEFORE UPDATE ON {TABLE} WHEN OLD.breakdown IS NOT NEW.breakdown"
        f" BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END",
        params=None,
    )


def allow(_: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Takes it away."""
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    schema_editor.execute(f"DROP TRIGGER {NAME} ON {TABLE}" if is_postgresql else f"DROP TRIGGER {NAME}", params=None)
    if is_postgresql:
        schema_editor.execute(f"DROP FUNCTION {NAME}_guard()", params=None)


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0016_headings_of_drafts")]

    operations = [migrations.RunPython(forbid, allow)]
