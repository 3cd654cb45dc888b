import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("communities", "0010_calendar_uids")]

    operations = [
        migrations.AlterField(
            model_name="session",
            name="calendar_uid",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
        migrations.AlterField(
            model_name="session",
            name="sequence_at",
            field=models.DateTimeField(),
        ),
    ]
