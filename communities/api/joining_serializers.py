"""The shapes of what the API takes and gives about joining, and about roles."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from communities import links
from communities.api.serializers import IdField
from communities.models import JoinLink, JoinRequest, MemberInvitation, Organisation, ProfessionalGroup, RoleTerm
from communities.services.joining.join_links import code_of, in_groups

GROUP = "The code of a professional group."


class _OfCommunity(serializers.ModelSerializer[Any]):
    community = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)


class JoinRequestOutput(_OfCommunity):
    name = serializers.CharField(source="asked_by", help_text="Empty once a request by a join link is decided.")
    organisation = serializers.StringRelatedField[Any](allow_null=True)
    professional_group = serializers.StringRelatedField[Any](allow_null=True)

    class Meta:
        model = JoinRequest
        fields = (
            "id", "community", "name", "email", "organisation", "professional_group", "words", "came_by",
            "brought_by", "state", "asked_at", "decided_at", "because", "membership",
        )  # fmt: skip


class AskInput(serializers.Serializer[Any]):
    community = serializers.CharField(help_text="The slug of a community that you may ask.")
    words = serializers.CharField(max_length=300, allow_blank=True, default="")
    organisation = serializers.PrimaryKeyRelatedField(
        queryset=Organisation.objects.all(), allow_null=True, default=None, help_text="Needed of nobody."
    )
    professional_group = serializers.SlugRelatedField(
        slug_field="code",
        queryset=ProfessionalGroup.objects.all(),
        allow_null=True,
        default=None,
        help_text=f"{GROUP} Needed only of people whose work is not known here.",
    )


class DeclineInput(serializers.Serializer[Any]):
    because = serializers.CharField(max_length=300)


class InvitationOutput(_OfCommunity):
    class Meta:
        model = MemberInvitation
        fields = ("id", "community", "email", "state", "invited_at", "expires_on", "answered_at", "membership")


class InviteInput(serializers.Serializer[Any]):
    community = serializers.CharField(help_text="The community's slug.")
    emails = serializers.ListField(child=serializers.EmailField(), max_length=50)


class JoinLinkOutput(_OfCommunity):
    code = serializers.SerializerMethodField(help_text="As people type it; null once the link has been stopped.")
    address = serializers.SerializerMethodField(help_text="As people scan it; null once the link has been stopped.")
    closes_at = serializers.DateTimeField()

    class Meta:
        model = JoinLink
        fields = ("id", "community", "session", "code", "address", "made_at", "closes_at", "stopped_at")

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_code(self, link: JoinLink) -> str | None:
        return in_groups(code_of(link)) if link.stopped_at is None else None

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_address(self, link: JoinLink) -> str | None:
        return links.address(links.INVITE, code_of(link)) if link.stopped_at is None else None


class MakeJoinLinkInput(serializers.Serializer[Any]):
    session = IdField(help_text="A session that takes place, or ended less than a day ago.")


class RoleTermOutput(_OfCommunity):
    name = serializers.CharField(source="person.name")

    class Meta:
        model = RoleTerm
        fields = ("id", "community", "name", "role", "starts_on", "ends_on")


class AppointInput(serializers.Serializer[Any]):
    """A member, by `membership`; or anyone, by `email` (with name and group, where the address is not known)."""

    community = serializers.CharField(help_text="The community's slug.")
    role = serializers.ChoiceField(choices=RoleTerm.Role.choices)
    starts_on = serializers.DateField()
    membership = IdField(allow_null=True, default=None, help_text="A membership of this community.")
    email = serializers.EmailField(allow_blank=True, default="")
    name = serializers.CharField(max_length=150, allow_blank=True, default="")
    organisation = serializers.PrimaryKeyRelatedField(
        queryset=Organisation.objects.all(), allow_null=True, default=None
    )
    professional_group = serializers.SlugRelatedField(
        slug_field="code",
        queryset=ProfessionalGroup.objects.all(),
        allow_null=True,
        default=None,
        help_text=GROUP,
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["membership"] is None) == (attrs["email"] == ""):
            raise serializers.ValidationError("Give a membership or an email, one of the two.", code="who")
        return attrs


class EndTermInput(serializers.Serializer[Any]):
    ends_on = serializers.DateField(help_text="The first day on which the role is no longer held.")
