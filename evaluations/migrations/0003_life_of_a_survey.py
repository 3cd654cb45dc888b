from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from evaluations.migrations._guarding import around


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0018_import_being_undone"),
        ("evaluations", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = around(
        migrations.RemoveConstraint(model_name="plannedrequest", name="request_kind_is_known"),
        migrations.AddField(model_name="invitation", name="is_stopped", field=models.BooleanField(default=False)),
        migrations.AddField(
            model_name="survey", name="cancelled_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(model_name="survey", name="cancelled_because", field=models.TextField(blank=True)),
        migrations.AddField(
            model_name="survey",
            name="shared_with",
            field=models.CharField(
                choices=[
                    ("leaders", "Those who lead the community, and HIN staff"),
                    ("members", "The members too, once the facilitator shares them"),
                ],
                default="members",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="plannedrequest",
            name="kind",
            field=models.CharField(
                choices=[
                    ("invitation", "Invitation"),
                    ("reminder", "Reminder"),
                    ("extension", "Extension notice"),
                    ("more_time", "Notice of more time"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="plannedrequest",
            constraint=models.CheckConstraint(
                condition=Q(kind__in=["invitation", "reminder", "extension", "more_time"]),
                name="request_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=Q(shared_with__in=["leaders", "members"]), name="survey_sharing_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=Q(is_shared_with_members=False) | Q(shared_with="members"),
                name="survey_shared_as_it_was_said",
            ),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=~Q(state="cancelled") | (Q(cancelled_at__isnull=False) & ~Q(cancelled_because="")),
                name="cancelled_survey_says_when_and_why",
            ),
        ),
    )
