"""The shapes of what the API takes and gives about people. They check shape; the services decide."""

from typing import Any

from allauth.account.models import EmailAddress
from rest_framework import serializers

from communities.api.serializers import IdField
from communities.models import (
    Affiliation,
    ErasureRequest,
    LegalHold,
    Membership,
    Organisation,
    Person,
    PersonMerge,
    ProfessionalGroup,
)
from cop_portal.accounts.models import User


class AddressOutput(serializers.ModelSerializer[EmailAddress]):
    class Meta:
        model = EmailAddress
        fields = ("email", "primary", "verified")


class MeOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    role = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField(help_text="The same as in ETag.")
    addresses = AddressOutput(many=True)
    communities = serializers.ListField(child=serializers.CharField(), help_text="Slugs.")


class NameInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=150)


class AffiliationOutput(serializers.ModelSerializer[Affiliation]):
    organisation = serializers.CharField(source="organisation.name", default=None, allow_null=True)
    professional_group = serializers.CharField(source="professional_group.code")

    class Meta:
        model = Affiliation
        fields = ("organisation", "professional_group", "starts_on", "ends_on")


class AffiliationInput(serializers.Serializer[Any]):
    why = serializers.ChoiceField(choices=[("moved", "A move"), ("wrong", "It was entered wrongly")])
    organisation = serializers.PrimaryKeyRelatedField(
        queryset=Organisation.objects.all(), allow_null=True, pk_field=IdField()
    )
    professional_group = serializers.SlugRelatedField(slug_field="code", queryset=ProfessionalGroup.objects.all())
    starts_on = serializers.DateField(allow_null=True, default=None, help_text="Needed for a move.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["why"] == "moved" and attrs["starts_on"] is None:
            raise serializers.ValidationError({"starts_on": ["Enter the first day there."]}, code="required")
        return attrs


class PeriodInput(serializers.Serializer[Any]):
    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)


class PartOutput(serializers.Serializer[Any]):
    session = serializers.IntegerField(source="session.pk")
    community = serializers.CharField(source="session.community.slug")
    starts_at = serializers.DateTimeField(source="session.starts_at")
    kind = serializers.CharField(source="session.kind")
    focus = serializers.CharField(source="session.focus", allow_blank=True)
    how = serializers.CharField()
    minutes = serializers.IntegerField()
    learning_points = serializers.ListField(child=serializers.CharField())


class ParticipationOutput(serializers.Serializer[Any]):
    since = serializers.DateField()
    until = serializers.DateField()
    minutes = serializers.IntegerField()
    sessions = PartOutput(source="parts", many=True)


class ErasureOutput(serializers.Serializer[Any]):
    asked_at = serializers.DateTimeField(allow_null=True)
    is_held = serializers.BooleanField(help_text="Whether a legal hold makes it wait.")
    goes = serializers.ListField(child=serializers.CharField())
    becomes = serializers.ListField(child=serializers.CharField())
    stays = serializers.ListField(child=serializers.CharField())


class PersonOutput(serializers.ModelSerializer[Person]):
    name = serializers.CharField()
    role = serializers.CharField(source="user.role", allow_blank=True)
    is_held = serializers.BooleanField(help_text="Whether a legal hold is in place.")

    class Meta:
        model = Person
        fields = ("id", "name", "role", "merged_into", "erased_on", "is_held")


class RoleInput(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=User.Role.choices, allow_blank=True, help_text="Empty takes it away.")


class HoldInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class HoldOutput(serializers.ModelSerializer[LegalHold]):
    class Meta:
        model = LegalHold
        fields = ("id", "person", "reason", "placed_at", "lifted_at")


class ErasureRequestOutput(serializers.ModelSerializer[ErasureRequest]):
    is_held = serializers.BooleanField()

    class Meta:
        model = ErasureRequest
        fields = ("id", "person", "state", "asked_at", "decided_at", "answer", "is_held")


class ErasureDecisionInput(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(choices=[("carry_out", "Carry it out"), ("decline", "Decline")])
    because = serializers.CharField(max_length=500, allow_blank=True, default="")


class MergeInput(serializers.Serializer[Any]):
    kept = IdField(help_text="The person whose record is kept.")
    merged = IdField(help_text="The person whose record goes.")


class MergePreviewOutput(serializers.Serializer[Any]):
    moves = serializers.ListField(child=serializers.CharField())
    joins = serializers.ListField(child=serializers.CharField())
    ends = serializers.ListField(
        child=serializers.CharField(), help_text="Requests to join that nobody has to decide any more."
    )
    stays = serializers.ListField(child=serializers.CharField())
    answers = serializers.ListField(
        child=serializers.CharField(), help_text="What becomes of answers to surveys: the same words of everybody."
    )


class MergeOutput(serializers.ModelSerializer[PersonMerge]):
    class Meta:
        model = PersonMerge
        fields = ("id", "kept", "merged", "merged_at", "undo_until", "undone_at")


class OrganisationOutput(serializers.ModelSerializer[Organisation]):
    people_count = serializers.IntegerField(help_text="Who work there today and are a member of a community today.")
    community_count = serializers.IntegerField()

    class Meta:
        model = Organisation
        fields = ("id", "name", "ods_code", "people_count", "community_count")


class FromHereOutput(serializers.ModelSerializer[Membership]):
    """Who works there, without the professional group: lived experience never leaves with a name."""

    community = serializers.CharField(source="community.slug")
    name = serializers.CharField(source="person.name")

    class Meta:
        model = Membership
        fields = ("id", "community", "name", "starts_on")
