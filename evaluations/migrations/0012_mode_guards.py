"""What the database itself refuses of privacy modes: an answer in the table of another mode, a sealed answer where
answers are named, another key than the one that was promised, and another end of it.

(survey, mode) of every table of answers is a key into the surveys: on PostgreSQL a foreign key of both columns; SQLite
cannot add one to a table, so there a guard of the same effect stands in its place.
"""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ANSWERS = (
    "evaluations_response",
    "evaluations_confidentialresponse",
    "evaluations_namedresponse",
    "evaluations_freetext",
)
MODE_SENTENCE = "This survey was not asked in this mode."
FIXED_SENTENCE = "What an opened survey promised does not change."
KEY_SENTENCE = "The end of a key was promised and does not change."
MODE_OF = "(SELECT mode FROM evaluations_survey WHERE id = NEW.survey_id)"
FIXED_OF_KEY = ("community_id", "instrument_id", "key_id", "proof", "made_at", "ends_on")


def guards(*, differs: str) -> list[tuple[str, str, str, str, str]]:
    """(name, table, verb, condition, sentence). `differs` is how a database compares two values that may be null."""
    key_changed = " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in FIXED_OF_KEY)
    found = [
        (f"{table}_mode_{verb.lower()}", table, verb, f"NEW.mode {differs} {MODE_OF}", MODE_SENTENCE)
        for table in ANSWERS
        for verb in ("INSERT", "UPDATE")
    ]
    return [
        *found,
        (
            "evaluations_nothing_sealed_if_named",
            "evaluations_inboxbox",
            "INSERT",
            f"{MODE_OF} = 'named'",
            MODE_SENTENCE,
        ),
        (
            "evaluations_key_fixed_at_opening",
            "evaluations_survey",
            "UPDATE",
            f"OLD.pseudonym_key_id {differs} NEW.pseudonym_key_id",
            FIXED_SENTENCE,
        ),
        ("evaluations_key_ends_as_promised", "evaluations_pseudonymkey", "UPDATE", key_changed, KEY_SENTENCE),
    ]


def forbid(_: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Sets the guards."""
    if schema_editor.connection.vendor == "postgresql":
        for table in ANSWERS:
            schema_editor.execute(
                f"ALTER TABLE {table} ADD CONSTRAINT {table}_of_its_mode FOREIGN KEY (survey_id, mode)"
                " REFERENCES evaluations_survey (id, mode)",
                params=None,
            )
        for name, table, verb, condition, sentence in guards(differs="IS DISTINCT FROM"):
            schema_editor.execute(
                f"""
                CREATE FUNCTION {name}_guard() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF {condition} THEN
                        RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN NEW;
                END;
                $$;
                CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}_guard();
                """,
                params=None,
            )
    else:
        for name, table, verb, condition, sentence in guards(differs="IS NOT"):
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {condition}"
                f" BEGIN SELECT RAISE(ABORT, '{sentence}'); END",
                params=None,
            )


def allow(_: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Takes them away."""
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for name, table, _verb, _condition, _sentence in guards(differs="="):
        schema_editor.execute(
            f"DROP TRIGGER {name} ON {table}" if is_postgresql else f"DROP TRIGGER {name}", params=None
        )
        if is_postgresql:
            schema_editor.execute(f"DROP FUNCTION {name}_guard()", params=None)
    if is_postgresql:
        for table in ANSWERS:
            schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_of_its_mode", params=None)


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0011_privacy_modes")]

    operations = [migrations.RunPython(forbid, allow)]
