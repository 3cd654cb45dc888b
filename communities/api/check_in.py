"""Check-in, the claims it makes, and attendance lists over the API. The rules and the words are those of the pages."""

from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from communities import links
from communities.api.filters import LARGEST_ID
from communities.api.problems import said_in
from communities.api.record_serializers import SessionDetailOutput
from communities.api.records import OfOneSession
from communities.api.views import reader
from communities.imports.attendance import read_attendance
from communities.imports.tables import too_large
from communities.models import CheckIn, CheckInClaim
from communities.permissions import Permission
from communities.services.records.said import NewGuest
from communities.services.sessions.attendance_lists import Match, import_attendance, match_attendees
from communities.services.sessions.check_in_claims import decide_claims
from communities.services.sessions.check_ins import close_check_in, on_screen, open_check_in, open_one
from communities.services.sessions.recording import refuse_unrecordable
from cop_portal.installation import clock
from cop_portal.installation.uploads import was_too_large

CODE = "c"
MOST = 500


class CheckInOutput(serializers.Serializer[Any]):
    """What is on the screen this minute."""

    code = serializers.CharField()
    address = serializers.CharField(help_text="What the QR code leads to.")
    changes_in = serializers.IntegerField(help_text="Seconds until the next code.")
    ends_at = serializers.DateTimeField()
    waiting = serializers.IntegerField(help_text="How many wait to be confirmed.")


class ClaimOutput(serializers.ModelSerializer[CheckInClaim]):
    name = serializers.CharField(source="who", help_text="Of a member, or of a guest with where they work.")

    class Meta:
        model = CheckInClaim
        fields = ("id", "membership", "name", "how", "times", "state")


class DecideClaimsInput(serializers.Serializer[Any]):
    """Claims by their id."""

    confirmed = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID), max_length=MOST, default=list
    )
    refused = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID), max_length=MOST, default=list
    )


class UploadAttendanceInput(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="As Teams, Zoom or another tool makes it: CSV in any encoding, or xlsx.")


class MatchOutput(serializers.Serializer[Any]):
    name = serializers.CharField(source="attendee.name")
    email = serializers.CharField(source="attendee.email")
    minutes = serializers.IntegerField(source="attendee.minutes", allow_null=True)
    found_by = serializers.CharField(source="by", help_text="“address”, “name”, or nothing.")
    memberships = serializers.SerializerMethodField(help_text="Who it may be. Nobody guesses between several.")
    stands = serializers.CharField(help_text="How the record says that they were there already.")

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_memberships(self, match: Match) -> list[int]:
        return [member.pk for member in match.members]


class GuestOnListInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=150)
    organisation = serializers.CharField(max_length=200, allow_blank=True, default="")


class ImportAttendanceInput(serializers.Serializer[Any]):
    """Who was online: members by their membership, and guests."""

    online = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID), max_length=MOST, default=list
    )
    guests = GuestOnListInput(many=True, default=list)


class _CheckIn(OfOneSession):
    permission: ClassVar[str] = Permission.OPEN_CHECK_IN
    serializer_class = CheckInOutput

    def found(self) -> CheckIn:
        found = open_one(self.session, clock.now())
        if found is None:
            raise Http404
        return found

    def shown(self, check_in: CheckIn, status_code: int = status.HTTP_200_OK) -> Response:
        now = on_screen(check_in, clock.now())
        body = {
            "code": now.code,
            "address": links.address(CODE, now.code),
            "changes_in": now.changes_in,
            "ends_at": check_in.ends_at,
            "waiting": CheckInClaim.objects.waiting().filter(session=self.session).count(),
        }
        return Response(CheckInOutput(body).data, status=status_code, headers={"Cache-Control": "no-store"})


class CheckInDetail(_CheckIn):
    """The check-in of a session, while it is open."""

    @extend_schema(responses=CheckInOutput)
    def get(self, request: Request, pk: int) -> Response:
        """The code of this minute. 404 while check-in is not open."""
        return self.shown(self.found())

    @extend_schema(request=None, responses={201: CheckInOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Opens check-in. What is open stays open."""
        opened = open_check_in(session=self.session, by=reader(request), now=clock.now())
        return self.shown(opened, status.HTTP_201_CREATED)


class CloseCheckIn(_CheckIn):
    """Ends check-in before its time."""

    permission: ClassVar[str] = Permission.CLOSE_CHECK_IN

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, pk: int) -> Response:
        """Closes it. 404 where it is not open."""
        close_check_in(check_in=self.found(), by=reader(request), now=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class CheckInClaims(OfOneSession):
    """Who says that they are there. None of it is in the record before it is confirmed."""

    permission: ClassVar[str] = Permission.DECIDE_CLAIMS
    serializer_class: Any = ClaimOutput

    @extend_schema(responses=ClaimOutput(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """Those that wait, in the order in which they came, at most 500."""
        claims = CheckInClaim.objects.visible_to(reader(request)).waiting().filter(session=self.session)
        return Response(ClaimOutput(claims.with_people()[:MOST], many=True).data)

    @extend_schema(request=DecideClaimsInput, responses=ClaimOutput(many=True))
    def post(self, request: Request, pk: int) -> Response:
        """Confirms some, which marks them in the record, and refuses others: all or none. 409 where one is decided."""
        said = said_in(request, DecideClaimsInput)
        decided = decide_claims(session=self.session, by=reader(request), now=clock.now(), **said)
        return Response(ClaimOutput(decided, many=True).data)


class PreviewAttendance(OfOneSession):
    """A meeting tool's list, with who is who. Nothing is stored."""

    permission: ClassVar[str] = Permission.IMPORT_ATTENDANCE
    parser_classes = [MultiPartParser]
    serializer_class: Any = MatchOutput

    @extend_schema(request={"multipart/form-data": UploadAttendanceInput}, responses=MatchOutput(many=True))
    def post(self, request: Request, pk: int) -> Response:
        """Reads a file. When people came and went is dropped as soon as their minutes are added up."""
        data = request.data
        if was_too_large(request._request):  # noqa: SLF001 - the upload handler marks Django's own request
            raise too_large()
        asked = UploadAttendanceInput(data=data)
        asked.is_valid(raise_exception=True)
        refuse_unrecordable(self.session, clock.now())
        file = asked.validated_data["file"]
        matches = match_attendees(self.session, read_attendance(file.read(), file_name=file.name))
        return Response(MatchOutput(matches, many=True).data)


class ImportAttendance(OfOneSession):
    """Who was online, as it was confirmed."""

    permission: ClassVar[str] = Permission.IMPORT_ATTENDANCE
    serializer_class = ImportAttendanceInput

    @extend_schema(request=ImportAttendanceInput, responses={200: SessionDetailOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Adds to the record, and takes nothing away: whoever is present already stays as they are."""
        said = said_in(request, ImportAttendanceInput)
        guests = [NewGuest(**guest) for guest in said["guests"]]
        by = reader(request)
        return self.written(
            import_attendance(session=self.session, online=said["online"], guests=guests, by=by, now=clock.now())
        )
