"""A community's resources: the list, adding, editing, removing, and handing out files."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.views.generic import ListView, View

from communities.forms.resources import AddFileForm, AddLinkForm, EditFileForm, EditLinkForm, RemoveResourceForm
from communities.models import Resource, Session
from communities.permissions import Permission
from communities.services.resources.files import (
    NotWhatItIsCalled,
    ResourceFileEmpty,
    ResourceFileTooLarge,
    TypeNotListed,
    checked,
)
from communities.services.resources.keeping import (
    LinkMissing,
    ResourceUntitled,
    SessionElsewhere,
    add_file,
    add_link,
    edit_resource,
    remove_resource,
)
from communities.views.in_community import InCommunity
from cop_portal.design.downloads import stored_file
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.installation.uploads import was_too_large
from cop_portal.refusals import Refusal

TOO_LARGE = 413
SESSIONS_OFFERED = 30


class ResourceList(InCommunity, ListView[Resource]):
    """What have we shared? The newest first."""

    permission = Permission.SEE_COMMUNITY
    template_name = "communities/resource_list.html"
    current: ClassVar[str] = "sessions"
    paginate_by = settings.PAGE_SIZE

    def get_queryset(self) -> QuerySet[Resource]:
        found = Resource.objects.visible_to(self.user).filter(community=self.community)
        return found.select_related("session").newest_first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            can_add=self.may(Permission.ADD_RESOURCE) and not self.community.is_closed,
            can_edit=self.may(Permission.EDIT_RESOURCE) and not self.community.is_closed,
            **kwargs,
        )


class _AddResource(InCommunity, ServiceFormView):
    permission = Permission.ADD_RESOURCE
    template_name = "communities/resource_form.html"
    current: ClassVar[str] = "sessions"

    def added(self) -> HttpResponse:
        messages.success(self.request, "It is among the resources.")
        return redirect(self.get_cancel_url())

    def get_cancel_url(self) -> str:
        return reverse("communities:resource-list", args=[self.community.slug])


class AddLink(_AddResource):
    form_class = AddLinkForm
    heading = "Add a link"
    submit_label = "Add this link"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {ResourceUntitled: "title", LinkMissing: "url"}

    def perform(self, form: AddLinkForm) -> HttpResponse:
        add_link(community=self.community, by=self.user, now=clock.now(), **form.cleaned_data)
        return self.added()


class AddFile(_AddResource):
    """A file is looked into, kept under a name that says nothing, and only ever handed out as a download."""

    form_class = AddFileForm
    heading = "Add a file"
    submit_label = "Add this file"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {
        ResourceUntitled: "title",
        SessionElsewhere: "session",
        ResourceFileEmpty: "file",
        ResourceFileTooLarge: "file",
        TypeNotListed: "file",
        NotWhatItIsCalled: "file",
    }

    @cached_property
    def sessions(self) -> dict[str, Session]:
        newest = Session.objects.filter(community=self.community).exclude(state=Session.State.CANCELLED)
        return {str(session.pk): session for session in newest.newest_first()[:SESSIONS_OFFERED]}

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET.get("session", "")
        return {"session": asked} if asked in self.sessions else {}

    def get_form_kwargs(self) -> dict[str, Any]:
        named = [
            (pk, date_format(timezone.localtime(session.starts_at), "j F Y, H:i"))
            for pk, session in self.sessions.items()
        ]
        return {**super().get_form_kwargs(), "sessions": named, "was_too_large": was_too_large(self.request)}

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.show_again(form, status=TOO_LARGE) if form.was_too_large else super().form_invalid(form)

    def perform(self, form: AddFileForm) -> HttpResponse:
        said = form.cleaned_data
        upload = said["file"]
        add_file(
            community=self.community,
            title=said["title"],
            file=checked(upload.read(), file_name=upload.name),
            session=self.sessions.get(said["session"]),
            is_private=said["is_private"],
            by=self.user,
            now=clock.now(),
        )
        return self.added()


class OfResource(InCommunity):
    """A page of one resource of a community: `self.resource`, or 404."""

    current: ClassVar[str] = "sessions"
    resource: Resource

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        resources = Resource.objects.visible_to(self.user).filter(community=self.community)
        self.resource = get_object_or_404(resources.select_related("session"), pk=kwargs["pk"])
        self.resource.community = self.community

    def get_cancel_url(self) -> str:
        return reverse("communities:resource-list", args=[self.community.slug])


class EditResource(OfResource, ServiceFormView):
    permission = Permission.EDIT_RESOURCE
    template_name = "communities/resource_form.html"
    heading = "Edit this resource"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {ResourceUntitled: "title", LinkMissing: "url"}

    def get_form_class(self) -> Any:
        return EditFileForm if self.resource.file else EditLinkForm

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.resource, name) for name in ("title", "url", "is_private", "version")}

    def perform(self, form: EditLinkForm | EditFileForm) -> HttpResponse:
        edit_resource(resource=self.resource, by=self.user, now=clock.now(), **form.cleaned_data)
        messages.success(self.request, "It is changed.")
        return redirect(self.get_cancel_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(resource=self.resource, **kwargs)


class RemoveResource(OfResource, ServiceFormView):
    """Asked once more: a file goes for good."""

    permission = Permission.REMOVE_RESOURCE
    template_name = "communities/remove_resource.html"
    form_class = RemoveResourceForm
    heading = "Remove this resource"
    submit_label = "Remove it"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.resource.version}

    def perform(self, form: RemoveResourceForm) -> HttpResponse:
        remove_resource(resource=self.resource, by=self.user, now=clock.now(), **form.cleaned_data)
        messages.success(self.request, "It is removed.")
        return redirect(self.get_cancel_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(resource=self.resource, **kwargs)


class DownloadResource(OfResource, View):
    """The file itself: as a download, whatever it is."""

    permission = Permission.SEE_COMMUNITY

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        one = self.resource
        return stored_file(one.file, name=one.file_name, content_type=one.file_type)
