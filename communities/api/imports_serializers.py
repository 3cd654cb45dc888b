"""The shapes of imports and exports."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from communities.exports.all_tables import TABLES
from communities.exports.formats import FORMAT_WORDS, Format
from communities.models import ImportBatch, ImportRow, Organisation, ProfessionalGroup
from communities.services.imports.progress import progress_of
from communities.services.imports.questions import Question


class UploadInput(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="CSV in any common encoding, or xlsx.")
    kind = serializers.ChoiceField(choices=ImportBatch.Kind.choices, default=ImportBatch.Kind.MEMBERS)
    community = serializers.CharField(
        default="", allow_blank=True, help_text="The community's slug; none where a column names the community."
    )


class ColumnsInput(serializers.Serializer[Any]):
    """Which column holds what: by field, its position from 0."""

    has_headings = serializers.BooleanField(default=True)
    mapping = serializers.DictField(child=serializers.IntegerField(min_value=0, max_value=99))
    default_group = serializers.SlugRelatedField(
        slug_field="code",
        queryset=ProfessionalGroup.objects.order_by("pk"),
        allow_null=True,
        default=None,
        help_text="The code of the professional group of rows that name none.",
    )
    default_starts_on = serializers.DateField(allow_null=True, default=None, help_text="Null: today.")


class DecisionsInput(serializers.Serializer[Any]):
    """By question, one of the answers on offer."""

    decisions = serializers.DictField(child=serializers.CharField(max_length=300))


class ImportQuestionOutput(serializers.Serializer[Any]):
    key = serializers.CharField()
    row = serializers.IntegerField(source="number")
    text = serializers.CharField()
    rows = serializers.IntegerField(help_text="How many rows wait for it.")
    answers = serializers.SerializerMethodField(help_text="By answer, what it means.")

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_answers(self, question: Question) -> dict[str, str]:
        return dict(question.answers)


class ImportOutput(serializers.ModelSerializer[ImportBatch]):
    community = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    by = serializers.CharField(source="by.name")
    columns = serializers.ListField(child=serializers.CharField(), source="headings")
    counts = serializers.SerializerMethodField(help_text="How many rows are in each class.")
    percent = serializers.SerializerMethodField(help_text="How far the worker has come, of 100.")

    class Meta:
        model = ImportBatch
        fields = (
            "id", "kind", "community", "by", "file_name", "read_as", "state", "message", "has_headings", "columns",
            "mapping", "counts", "percent", "uploaded_at", "imported_at", "undo_until", "undone_at", "version",
        )  # fmt: skip

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_counts(self, batch: ImportBatch) -> dict[str, int]:
        return {kind: getattr(batch, f"count_{kind}") for kind in ImportRow.Kind.values}

    @extend_schema_field(serializers.IntegerField())
    def get_percent(self, batch: ImportBatch) -> int:
        if batch.is_with_worker:
            return progress_of(batch.pk).percent
        return 100 if batch.imported_at else 0


class ImportRowOutput(serializers.ModelSerializer[ImportRow]):
    class Meta:
        model = ImportRow
        fields = ("number", "kind", "reason", "question", "cells")


class ExportInput(serializers.Serializer[Any]):
    """What to take away, and as what."""

    table = serializers.ChoiceField(choices=[(table.slug, table.title) for table in TABLES.values()])
    format = serializers.ChoiceField(
        choices=[(format_.value, words) for format_, (words, _) in FORMAT_WORDS.items()], default=Format.CODE_CSV.value
    )
    community = serializers.CharField(default="", allow_blank=True, help_text="A slug; none for the whole network.")


class EditOrganisationInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200)
    ods_code = serializers.CharField(max_length=10, allow_blank=True, default="")


class EditedOrganisationOutput(serializers.ModelSerializer[Organisation]):
    class Meta:
        model = Organisation
        fields = ("id", "name", "ods_code", "version")
