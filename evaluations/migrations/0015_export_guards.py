"""What the database itself refuses of exports: one that says another privacy mode than its survey was asked in.

What may be exported depends on the mode. (survey, mode) is a key into the surveys: on PostgreSQL a foreign key of both
columns; on SQLite a guard of the same effect.
"""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLE = "evaluations_surveyexport"
SENTENCE = "This survey was not asked in this mode."


def forbid(_: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Sets the guard."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"ALTER TABLE {TABLE} ADD CONSTRAINT {TABLE}_of_its_mode FOREIGN KEY (survey_id, mode)"
            " REFERENCES evaluations_survey (id, mode)",
            params=None,
        )
        return
    for verb in ("INSERT", "UPDATE"):
        schema_editor.execute(
            f"CREATE TRIGGER {TABLE}_mode_{verb.lower()} BEFORE {verb} ON {TABLE}"  # noqa: S608 - constants only
            " WHEN NEW.mode IS NOT (SELECT mode FROM evaluations_survey WHERE id = NEW.survey_id)"
            f" BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END",
            params=None,
        )


def allow(_: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Takes it away."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE {TABLE} DROP CONSTRAINT {TABLE}_of_its_mode", params=None)
        return
    for verb in ("insert", "update"):
        schema_editor.execute(f"DROP TRIGGER {TABLE}_mode_{verb}", params=None)


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0014_survey_exports")]

    operations = [migrations.RunPython(forbid, allow)]
