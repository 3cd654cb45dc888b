"""Loading the file that a page under /imports/<id>/ is about, through what its reader may see."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from communities.models import Community, ImportBatch
from communities.permissions import Permission
from communities.views.in_community import reader
from cop_portal.accounts.access import PermissionRequired
from cop_portal.accounts.models import User


class InImport(PermissionRequired):
    """A page of one import: `self.batch`, or 404. One without a community is for those who may import anywhere."""

    permission = Permission.IMPORT_MEMBERS
    request: HttpRequest
    batch: ImportBatch

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)  # type: ignore[misc]
        self.request = request
        # Without the rows of the file: only the pages that need them load them.
        batches = ImportBatch.objects.visible_to(reader(request)).defer("table").select_related("community", "by")
        self.batch = get_object_or_404(batches, pk=kwargs["pk"])

    def permission_object(self) -> Community | None:
        return self.batch.community

    @property
    def user(self) -> User:
        return reader(self.request)

    @property
    def is_members(self) -> bool:
        return self.batch.kind == ImportBatch.Kind.MEMBERS

    def start_again_url(self) -> str:
        """Where another file is uploaded into the same place."""
        if not self.is_members:
            return reverse("communities:import-organisations")
        if self.batch.community is None:
            return reverse("communities:import-network")
        return reverse("communities:import-members", args=[self.batch.community.slug])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        shared = {
            "batch": self.batch,
            "community": self.batch.community,
            "current": "members",
            "sees_names": True,
            "is_members": self.is_members,
            "start_again_url": self.start_again_url(),
        }
        return shared | context
