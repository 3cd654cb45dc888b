"""Links and files of communities over the API. The rules and the words are those of the pages."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.filters import LARGEST_ID, ResourceFilter
from communities.api.problems import said_in
from communities.api.views import reader
from communities.models import Community, Resource, Session
from communities.permissions import Permission
from communities.services.resources.files import LISTED, checked, too_large
from communities.services.resources.keeping import add_file, add_link, edit_resource, remove_resource
from cop_portal.accounts.access import require
from cop_portal.api.preconditions import IF_MATCH, etag, expected_version
from cop_portal.design.downloads import stored_file
from cop_portal.installation import clock
from cop_portal.installation.uploads import was_too_large


class SharedResourceOutput(serializers.ModelSerializer[Resource]):
    community = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    is_file = serializers.BooleanField(source="file", help_text="A file is had from …/download/.")

    class Meta:
        model = Resource
        fields = (
            "id", "community", "session", "title", "url", "is_file", "file_name", "file_type", "file_size",
            "is_private", "added_at", "version",
        )  # fmt: skip


class AddLinkInput(serializers.Serializer[Any]):
    community = serializers.CharField(max_length=100, help_text="The community's slug.")
    title = serializers.CharField(max_length=200)
    url = serializers.URLField(max_length=500)
    is_private = serializers.BooleanField(default=False)


class AddFileInput(serializers.Serializer[Any]):
    community = serializers.CharField(max_length=100, help_text="The community's slug.")
    title = serializers.CharField(max_length=200)
    file = serializers.FileField(help_text=f"Of one of these types: {LISTED}.")
    session = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, allow_null=True, default=None)
    is_private = serializers.BooleanField(default=False)


class EditResourceInput(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=200, required=False)
    url = serializers.URLField(max_length=500, required=False, help_text="Of a link; a file stays the file it is.")
    is_private = serializers.BooleanField(required=False)


class _Resources(GenericAPIView[Resource]):
    signed_in = True
    serializer_class: Any = SharedResourceOutput

    def get_queryset(self) -> QuerySet[Resource]:
        if getattr(self, "swagger_fake_view", False):
            return Resource.objects.none()
        return Resource.objects.visible_to(reader(self.request)).select_related("community")

    def answer(self, resource: Resource, status_code: int = status.HTTP_200_OK) -> Response:
        """A resource as it stands now, with its version."""
        found = self.get_queryset().get(pk=resource.pk)
        return Response(SharedResourceOutput(found).data, status=status_code, headers={"ETag": etag(found.version)})

    def community_to_add_to(self, slug: str) -> Community:
        found = get_object_or_404(Community.objects.visible_to(reader(self.request)), slug=slug)
        require(reader(self.request), Permission.ADD_RESOURCE, found)
        return found


class ResourceList(_Resources, ListAPIView[Resource]):
    """Links and files of the communities you can see, the newest first; and adding a link."""

    filterset_class = ResourceFilter
    ordering = ("-added_at", "-pk")

    @extend_schema(request=AddLinkInput, responses={201: SharedResourceOutput})
    def post(self, request: Request) -> Response:
        """Adds a link that no session left behind; those of a session are in its record."""
        said = said_in(request, AddLinkInput)
        community = self.community_to_add_to(said.pop("community"))
        added = add_link(community=community, by=reader(request), now=clock.now(), **said)
        return self.answer(added, status.HTTP_201_CREATED)


class AddFile(_Resources):
    parser_classes = [MultiPartParser]

    @extend_schema(request={"multipart/form-data": AddFileInput}, responses={201: SharedResourceOutput})
    def post(self, request: Request) -> Response:
        """Adds a file, of the community or of one of its sessions. It is looked into first."""
        data = request.data
        if was_too_large(request._request):  # noqa: SLF001 - the upload handler marks Django's own request
            raise too_large()
        asked = AddFileInput(data=data)
        asked.is_valid(raise_exception=True)
        said = dict(asked.validated_data)
        community, file = self.community_to_add_to(said.pop("community")), said.pop("file")
        if said["session"] is not None:
            said["session"] = get_object_or_404(Session.objects.filter(community=community), pk=said["session"])
        looked_into = checked(file.read(), file_name=file.name)
        added = add_file(community=community, file=looked_into, by=reader(request), now=clock.now(), **said)
        return self.answer(added, status.HTTP_201_CREATED)


class ResourceDetail(_Resources, RetrieveAPIView[Resource]):
    """One link or file."""

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object())

    @extend_schema(request=EditResourceInput, responses={200: SharedResourceOutput}, parameters=[IF_MATCH])
    def patch(self, request: Request, pk: int) -> Response:
        """Changes what it is called, where a link leads, and who sees it. Send the version you read as If-Match."""
        resource = self.get_object()
        require(reader(request), Permission.EDIT_RESOURCE, resource)
        version, said = expected_version(request), said_in(request, EditResourceInput)
        as_it_is = {name: getattr(resource, name) for name in ("title", "url", "is_private")}
        facts = {**as_it_is, **said}
        return self.answer(
            edit_resource(resource=resource, version=version, by=reader(request), now=clock.now(), **facts)
        )

    @extend_schema(responses={204: None}, parameters=[IF_MATCH])
    def delete(self, request: Request, pk: int) -> Response:
        """Removes it; a file for good. Send the version you read as If-Match."""
        resource = self.get_object()
        require(reader(request), Permission.REMOVE_RESOURCE, resource)
        remove_resource(resource=resource, version=expected_version(request), by=reader(request), now=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class DownloadResource(_Resources):
    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The file, as a download. 404 for a link."""
        one = self.get_object()
        return stored_file(one.file, name=one.file_name, content_type=one.file_type)
