"""Numbers the wordings of what is published, makes scales of the answers that were loaded as such, and guards both."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from evaluations.migrations._guarding import lift, put_back

QUESTION = "evaluations_question"
SCALE_SENTENCE = "A scale that published questions use never changes."
NAME_SENTENCE = "What is published keeps its code."
SAID_SENTENCE = "A published question says how it compares with the version before."
PUBLISHED = (
    "EXISTS (SELECT 1 FROM evaluations_question JOIN evaluations_section"
    " ON evaluations_section.id = evaluations_question.section_id JOIN evaluations_instrumentversion"
    " ON evaluations_instrumentversion.id = evaluations_section.version_id"
    " WHERE evaluations_instrumentversion.published_at IS NOT NULL AND {which})"
)
UNSAID = (
    "NEW.published_at IS NOT NULL AND EXISTS (SELECT 1 FROM evaluations_question JOIN evaluations_section"
    " ON evaluations_section.id = evaluations_question.section_id"
    " WHERE evaluations_section.version_id = NEW.id AND evaluations_question.wording IS NULL)"
)
OF_SCALE = PUBLISHED.format(which="evaluations_question.scale = OLD.code")
OF_ITEM = PUBLISHED.format(which="evaluations_question.item_id = OLD.id")
OF_INSTRUMENT = PUBLISHED.format(which="evaluations_instrumentversion.instrument_id = OLD.id")
# Name, table, verb, condition, sentence: as in 0002.
GUARDS = (
    ("evaluations_scale_update", "evaluations_scale", "UPDATE", OF_SCALE, SCALE_SENTENCE),
    ("evaluations_scale_delete", "evaluations_scale", "DELETE", OF_SCALE, SCALE_SENTENCE),
    ("evaluations_item_update", "evaluations_item", "UPDATE", OF_ITEM, NAME_SENTENCE),
    ("evaluations_instrument_update", "evaluations_instrument", "UPDATE", OF_INSTRUMENT, NAME_SENTENCE),
    ("evaluations_version_said", "evaluations_instrumentversion", "UPDATE", UNSAID, SAID_SENTENCE),
)

PARTS = ("code", "label", "score", "excluded", "exclusive")
READ = ("kind", "text", "hint", "is_ordered", "is_two_sided", "minimum", "maximum")


def as_read(question: Any) -> tuple[Any, ...]:
    options = tuple(tuple(option.get(part) or None for part in PARTS) for option in question.options)
    rule = question.show_if
    return (*(getattr(question, part) for part in READ), options, rule and (rule["question"], frozenset(rule["in"])))


def number_wordings(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """In the order of publishing: an item's first wording is 1. Beside it, how each compares with the version before."""
    unguarded(schema_editor)
    questions = apps.get_model("evaluations", "Question")._default_manager
    versions = apps.get_model("evaluations", "InstrumentVersion")._default_manager.exclude(published_at=None)
    wordings: dict[int, list[tuple[Any, ...]]] = {}
    before: dict[int, dict[int, int]] = {}
    last: dict[int, int] = {}
    for version in versions.order_by("published_at", "pk"):
        here: dict[int, int] = {}
        for question in questions.filter(section__version=version):
            known = wordings.setdefault(question.item_id, [])
            earlier = before.get(version.instrument_id, {}).get(question.item_id) or last.get(question.item_id)
            if as_read(question) not in known:
                known.append(as_read(question))
            wording = here[question.item_id] = known.index(as_read(question)) + 1
            change = "new" if earlier is None else "same" if earlier == wording else "reworded"
            questions.filter(pk=question.pk).update(wording=wording, change=change)
        before[version.instrument_id] = here
        last |= here
    guarded_again(schema_editor)


def make_scales(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    scales = apps.get_model("evaluations", "Scale")._default_manager
    questions = apps.get_model("evaluations", "Question")._default_manager
    for question in questions.exclude(scale="").order_by("pk"):
        scales.get_or_create(code=question.scale, defaults={"title": question.scale, "options": question.options})


def unguarded(schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE {QUESTION} DISABLE TRIGGER USER", params=None)
    lift(None, schema_editor)


def guarded_again(schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE {QUESTION} ENABLE TRIGGER USER", params=None)
    put_back(None, schema_editor)


def forbid(_: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Sets the guards."""
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for name, table, verb, condition, sentence in GUARDS:
        if is_postgresql:
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
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {condition}"
                f" BEGIN SELECT RAISE(ABORT, '{sentence}'); END",
                params=None,
            )


def allow(_: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Takes them away."""
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for name, table, *_rest in GUARDS:
        schema_editor.execute(f"DROP TRIGGER {name}{f' ON {table}' if is_postgresql else ''}", params=None)
        if is_postgresql:
            schema_editor.execute(f"DROP FUNCTION {name}_guard()", params=None)


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0005_instrument_drafts_and_scales")]

    operations = [
        migrations.RunPython(number_wordings, migrations.RunPython.noop),
        migrations.RunPython(make_scales, migrations.RunPython.noop),
        migrations.RunPython(forbid, allow),
    ]
