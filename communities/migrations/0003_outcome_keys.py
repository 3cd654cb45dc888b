"""Gives every outcome that stands already its own key. (A default would give one and the same key to all.)"""

from uuid import uuid4

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def give_keys(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for name in ("Action", "LearningPoint", "Problem"):
        rows = apps.get_model("communities", name)._default_manager.filter(key=None)
        keyed = list(rows.only("pk"))
        for row in keyed:
            row.key = uuid4()
        rows.bulk_update(keyed, ["key"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("communities", "0002_outcomes")]

    operations = [migrations.RunPython(give_keys, migrations.RunPython.noop, elidable=True)]
