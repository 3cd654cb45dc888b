"""Every version of a session's record: the list, one of them, and bringing it back."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import ListView, TemplateView

from communities.forms.versions import RestoreVersionForm
from communities.models import SessionVersion
from communities.permissions import Permission
from communities.services.records.content import from_json
from communities.services.records.words import Names, differences, places
from communities.services.sessions.recording import restore_version
from communities.views.sessions.reading import OfSession
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock


class VersionList(OfSession, ListView[SessionVersion]):
    """Who saved the record, and when? The newest first."""

    permission = Permission.RECORD_SESSION
    template_name = "communities/version_list.html"
    paginate_by = settings.PAGE_SIZE

    def get_queryset(self) -> QuerySet[SessionVersion]:
        saved = SessionVersion.objects.filter(session=self.session).newest_first()
        return saved.select_related("by").defer("content")


class OfVersion(OfSession):
    """A page of one version of a session's record: `self.version`, or 404."""

    version: SessionVersion

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        saved = SessionVersion.objects.filter(session=self.session).select_related("by")
        self.version = get_object_or_404(saved, number=kwargs["number"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_latest = self.version.number == self.session.version
        return super().get_context_data(version=self.version, is_latest=is_latest, **kwargs)


class VersionPage(OfVersion, TemplateView):
    """What did the record say then, and what had changed?"""

    permission = Permission.RECORD_SESSION
    template_name = "communities/version.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        earlier = SessionVersion.objects.filter(session=self.session, number__lt=self.version.number)
        before = earlier.newest_first().first()
        then, now = from_json(before.content if before else {}), from_json(self.version.content)
        names = Names.of(self.session, [then, now])
        return super().get_context_data(
            before=before, changes=differences(then, now, names), sections=places(now, names), **kwargs
        )


class RestoreVersion(OfVersion, ServiceFormView):
    permission = Permission.RECORD_SESSION
    template_name = "communities/restore_version.html"
    form_class = RestoreVersionForm
    heading = "Bring this version back"
    submit_label = "Bring it back"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.session.version}

    def perform(self, form: RestoreVersionForm) -> HttpResponse:
        number, read = self.version.number, form.cleaned_data["version"]
        restore_version(session=self.session, number=number, version=read, by=self.user, now=clock.now())
        messages.success(self.request, "The record is as it was then. The versions after it are still in the list.")
        return redirect(self.session)

    def get_cancel_url(self) -> str:
        return reverse("communities:session-version", args=[self.community.slug, self.session.pk, self.version.number])
