"""Taking the records away as files: of one community, or of the network."""

from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import reverse

from communities.exports.formats import Format
from communities.exports.making import exported
from communities.forms.exports import ExportForm
from communities.models import Community
from communities.permissions import Permission
from communities.services.exports import note_export
from communities.views.community.downloads import download
from communities.views.in_community import InCommunity, reader
from cop_portal.accounts.access import PermissionRequired
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock


class _Export(ServiceFormView):
    """A file for each time it is asked. Asking twice gives two files, so the form carries no key."""

    template_name = "communities/export.html"
    form_class = ExportForm
    submit_label = "Download"

    @property
    def of(self) -> Community | None:
        """None for the whole network."""
        return getattr(self, "community", None)

    def perform(self, form: ExportForm) -> HttpResponse:
        table, format_ = form.cleaned_data["table"], Format(form.cleaned_data["format"])
        now = clock.now()
        file = exported(table=table, format_=format_, community=self.of, now=now)
        note_export(table=table, community=self.of, by=reader(self.request), now=now)
        return download(file)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "idempotency_key": ""}


class ExportCommunity(InCommunity, _Export):
    """Every table of one community; of a closed one too."""

    permission = Permission.EXPORT_RECORDS
    heading = "Download the records"

    def get_cancel_url(self) -> str:
        return reverse("communities:community", args=[self.community.slug])


class ExportNetwork(PermissionRequired, _Export):
    """Every table of all communities. For HIN staff."""

    permission: ClassVar[str] = Permission.EXPORT_NETWORK
    heading = "Download the network’s records"

    def get_cancel_url(self) -> str:
        return reverse("network")
