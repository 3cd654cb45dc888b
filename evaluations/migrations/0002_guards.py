"""What the database itself refuses: another mode for an opened survey, a changed release, a changed published version,
an answer in the table of another mode.

A published version is changed by nobody; its rows are written first and it is published last.
"""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SURVEY = "evaluations_survey"
FIXED = ["mode", "community_id", "version_id", "key_id", "public_key", "canary", "box_size", "opened_at"]
FIXED_SENTENCE = "What an opened survey promised does not change."
RELEASE_SENTENCE = "A release is never changed."
VERSION_SENTENCE = "A published version never changes."
MODE_SENTENCE = "This survey was not asked in this mode."
PUBLISHED_OF = {
    "evaluations_section": "SELECT published_at FROM evaluations_instrumentversion WHERE id = {row}.version_id",
    "evaluations_question": (
        "SELECT published_at FROM evaluations_instrumentversion JOIN evaluations_section"
        " ON evaluations_section.version_id = evaluations_instrumentversion.id"
        " WHERE evaluations_section.id = {row}.section_id"
    ),
}
MODE_OF = "(SELECT mode FROM evaluations_survey WHERE id = NEW.survey_id)"

# (name, table, verb, condition in words both databases know, sentence)
Guard = tuple[str, str, str, str, str]


def guards(*, differs: str) -> list[Guard]:
    """`differs` is how a database compares two values that may be null."""
    changed = " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in FIXED)
    found: list[Guard] = [
        ("evaluations_fixed_at_opening", SURVEY, "UPDATE", changed, FIXED_SENTENCE),
        ("evaluations_release_unchanged", "evaluations_release", "UPDATE", "true", RELEASE_SENTENCE),
        ("evaluations_release_kept", "evaluations_release", "DELETE", "true", RELEASE_SENTENCE),
        (
            "evaluations_response_in_its_mode",
            "evaluations_response",
            "INSERT",
            f"NEW.mode {differs} {MODE_OF}",
            MODE_SENTENCE,
        ),
    ]
    found += [
        (
            f"evaluations_version_{verb.lower()}",
            "evaluations_instrumentversion",
            verb,
            "OLD.published_at IS NOT NULL",
            VERSION_SENTENCE,
        )
        for verb in ("UPDATE", "DELETE")
    ]
    for table, published in PUBLISHED_OF.items():
        for verb, rows in {"INSERT": ["NEW"], "UPDATE": ["OLD", "NEW"], "DELETE": ["OLD"]}.items():
            is_published = " OR ".join(f"({published.format(row=row)}) IS NOT NULL" for row in rows)
            found.append((f"{table}_{verb.lower()}", table, verb, is_published, VERSION_SENTENCE))
    return found


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
                    RETURN {"OLD" if verb == "DELETE" else "NEW"};
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
    dependencies = [("evaluations", "0001_initial")]

    operations = [migrations.RunPython(forbid, allow)]
