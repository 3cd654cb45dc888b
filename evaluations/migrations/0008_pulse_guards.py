"""What the database itself refuses of pulses: a survey that changes its session, a room of no pulse, a place of no room,
a place that changes hands."""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

FIXED_SENTENCE = "What an opened survey promised does not change."
ROOM_SENTENCE = "Only the pulse of a session has a room."
PLACE_SENTENCE = "A place is in the room of its pulse."
TAKEN_SENTENCE = "A place does not change hands."

SESSION_OF = "(SELECT session_id FROM evaluations_survey WHERE id = NEW.survey_id)"
ROOM_OF = "(SELECT id FROM evaluations_pulseroom WHERE survey_id = NEW.survey_id)"


def guards(*, differs: str) -> list[tuple[str, str, str, str, str]]:
    """(name, table, verb, condition, sentence). `differs` is how a database compares two values that may be null."""
    place_moved = f"OLD.survey_id {differs} NEW.survey_id OR OLD.token_hash {differs} NEW.token_hash"
    return [
        (
            "evaluations_session_fixed_at_opening",
            "evaluations_survey",
            "UPDATE",
            f"OLD.session_id {differs} NEW.session_id",
            FIXED_SENTENCE,
        ),
        ("evaluations_room_of_a_pulse", "evaluations_pulseroom", "INSERT", f"{SESSION_OF} IS NULL", ROOM_SENTENCE),
        ("evaluations_place_in_a_room", "evaluations_roomplace", "INSERT", f"{ROOM_OF} IS NULL", PLACE_SENTENCE),
        ("evaluations_place_kept", "evaluations_roomplace", "UPDATE", place_moved, TAKEN_SENTENCE),
    ]


def forbid(_: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Sets the guards."""
    if schema_editor.connection.vendor == "postgresql":
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


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0007_pulses")]

    operations = [migrations.RunPython(forbid, allow)]
