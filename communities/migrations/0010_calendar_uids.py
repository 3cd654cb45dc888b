"""Sessions entered before there were calendars get a name of their own in them."""

import uuid

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def name_sessions(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Session = apps.get_model("communities", "Session")
    for session in Session.objects.order_by("pk").iterator():
        as_of = session.recorded_at or session.starts_at
        Session.objects.filter(pk=session.pk).update(calendar_uid=uuid.uuid4(), sequence_at=as_of)


class Migration(migrations.Migration):
    dependencies = [("communities", "0009_sessions_are_planned")]

    operations = [migrations.RunPython(name_sessions, migrations.RunPython.noop)]
