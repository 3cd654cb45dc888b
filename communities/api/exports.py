"""Taking records away over the API; and putting an organisation's name and code right."""

from typing import ClassVar

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from communities.api.imports_serializers import EditedOrganisationOutput, EditOrganisationInput, ExportInput
from communities.api.problems import said_in
from communities.api.views import reader
from communities.exports.formats import Format
from communities.exports.making import exported
from communities.models import Community, Organisation
from communities.permissions import Permission
from communities.services.exports import note_export
from communities.services.people.organisations import edit_organisation
from cop_portal.accounts.access import require
from cop_portal.api.preconditions import IF_MATCH, etag, expected_version
from cop_portal.installation import clock


class Exports(APIView):
    """Every table of a community, or of the network, as CSV or xlsx."""

    signed_in = True

    @extend_schema(request=ExportInput, responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def post(self, request: Request) -> HttpResponse:
        """Makes the file, and notes that you took it. Private items are left out."""
        said, user, now = said_in(request, ExportInput), reader(request), clock.now()
        slug = said["community"]
        community = get_object_or_404(Community.objects.visible_to(user), slug=slug) if slug else None
        require(user, Permission.EXPORT_RECORDS if community else Permission.EXPORT_NETWORK, community)
        file = exported(table=said["table"], format_=Format(said["format"]), community=community, now=now)
        note_export(table=said["table"], community=community, by=user, now=now)
        headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "Cache-Control": "private, no-store"}
        return HttpResponse(file.content, content_type=file.content_type, headers=headers)


class EditOrganisation(APIView):
    """An organisation's name and code."""

    permission: ClassVar[str] = Permission.EDIT_ORGANISATION

    @extend_schema(responses=EditedOrganisationOutput)
    def get(self, request: Request, pk: int) -> Response:
        """As they are now, with the version."""
        return self.answer(get_object_or_404(Organisation, pk=pk))

    @extend_schema(request=EditOrganisationInput, responses=EditedOrganisationOutput, parameters=[IF_MATCH])
    def put(self, request: Request, pk: int) -> Response:
        """Corrects the name; gives, changes or takes away the code."""
        organisation = get_object_or_404(Organisation, pk=pk)
        said = said_in(request, EditOrganisationInput)
        version = expected_version(request)
        return self.answer(
            edit_organisation(organisation=organisation, version=version, by=reader(request), now=clock.now(), **said)
        )

    def answer(self, organisation: Organisation) -> Response:
        headers = {"ETag": etag(organisation.version)}
        return Response(EditedOrganisationOutput(organisation).data, headers=headers)
