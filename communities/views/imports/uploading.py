"""Bringing people or organisations in from a file: where it is uploaded, and what was uploaded before."""

from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from communities.forms.imports import UploadForm
from communities.imports.receiving import receive_file
from communities.imports.tables import FileNotReadable, FileTooLarge
from communities.models import Community, ImportBatch
from communities.permissions import Permission
from communities.services.imports.fields import fields_for
from communities.views.in_community import InCommunity, reader
from cop_portal.accounts.access import PermissionRequired
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.installation.uploads import was_too_large
from cop_portal.refusals import Refusal

TOO_LARGE = 413
SHOWN_BEFORE = 10


class _Upload(ServiceFormView):
    """A file is read and kept; where to go next is its own page."""

    form_class = UploadForm
    template_name = "communities/import_upload.html"
    submit_label = "Upload and look at it"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {FileNotReadable: "file", FileTooLarge: "file"}
    kind: ClassVar[str] = ImportBatch.Kind.MEMBERS

    @property
    def into(self) -> Community | None:
        """None where a column names the community of each row, and for organisations."""
        return getattr(self, "community", None)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "was_too_large": was_too_large(self.request)}

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.show_again(form, status=TOO_LARGE) if form.was_too_large else super().form_invalid(form)

    def perform(self, form: UploadForm) -> HttpResponse:
        upload = form.cleaned_data["file"]
        batch = receive_file(
            content=upload.read(),
            file_name=upload.name,
            kind=self.kind,
            community=self.into,
            by=reader(self.request),
            now=clock.now(),
        )
        return redirect("communities:import-columns", batch.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            before=self._before()[:SHOWN_BEFORE],
            fields=fields_for(self.kind, names_community=self.into is None),
            most_rows=settings.IMPORT_MAX_ROWS,
            is_members=self.kind == ImportBatch.Kind.MEMBERS,
            **kwargs,
        )

    def _before(self) -> QuerySet[ImportBatch]:
        mine = ImportBatch.objects.visible_to(reader(self.request)).filter(kind=self.kind, community=self.into)
        return mine.exclude(state=ImportBatch.State.DISCARDED).select_related("by").newest_first()


class ImportMembers(InCommunity, _Upload):
    """Members of one community."""

    permission = Permission.IMPORT_MEMBERS
    current: ClassVar[str] = "members"
    heading = "Import members from a file"

    def get_cancel_url(self) -> str:
        return reverse("communities:member-list", args=[self.community.slug])


class ImportNetwork(PermissionRequired, _Upload):
    """Members of several communities at once. For HIN staff."""

    permission: ClassVar[str] = Permission.IMPORT_MEMBERS
    heading = "Import members of several communities"

    def get_cancel_url(self) -> str:
        return reverse("communities:community-list")


class ImportOrganisations(PermissionRequired, _Upload):
    """Organisations, from the official ODS file or another. For HIN staff."""

    permission: ClassVar[str] = Permission.IMPORT_ORGANISATIONS
    kind = ImportBatch.Kind.ORGANISATIONS
    heading = "Import organisations from a file"

    def get_cancel_url(self) -> str:
        return reverse("communities:organisation-list")
