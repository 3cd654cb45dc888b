from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    dependencies = [("communities", "0002_fixes")]

    operations = [
        # Memberships entered before this was kept count from today: a few days late, and never too early.
        migrations.AddField(
            model_name="membership",
            name="added_on",
            field=models.DateField(default=timezone.localdate),
            preserve_default=False,
        ),
    ]
