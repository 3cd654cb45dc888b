"""Setting up a community, and changing what is said of it."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from communities.forms.communities import CommunityForm, EditCommunityForm, as_initial
from communities.models.community_facts import CommunityFacts, facts_of
from communities.permissions import Permission
from communities.services.communities import (
    CommunityChangedMeanwhile,
    CommunityNameMissing,
    CommunityNameTaken,
    LaunchOutOfRange,
    create_community,
    edit_community,
)
from communities.views.in_community import InCommunity, reader
from cop_portal.accounts.access import PermissionRequired
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal

FIELDS: dict[type[Refusal], str] = {
    CommunityNameTaken: "name",
    CommunityNameMissing: "name",
    LaunchOutOfRange: "launched_on",
}


class CreateCommunity(PermissionRequired, ServiceFormView):
    permission = Permission.CREATE_COMMUNITY
    template_name = "communities/community_form.html"
    form_class = CommunityForm
    heading = "Set up a community"
    submit_label = "Set it up"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = FIELDS

    def get_initial(self) -> dict[str, Any]:
        return as_initial(CommunityFacts(name="", host=settings.CONTROLLER_NAME))

    def perform(self, form: CommunityForm) -> HttpResponse:
        community = create_community(facts=form.facts, by=reader(self.request), now=clock.now())
        messages.success(self.request, f"{community.name} is set up. Next, appoint a facilitator and add its members.")
        return redirect("communities:role-list", community.slug)

    def get_cancel_url(self) -> str:
        return reverse("communities:community-list")


class EditCommunity(InCommunity, ServiceFormView):
    """Two people may edit at once: what does not clash is merged, what does is shown to whoever saves last."""

    permission = Permission.EDIT_COMMUNITY
    template_name = "communities/community_form.html"
    current: ClassVar[str] = "overview"
    form_class = EditCommunityForm
    refusal_fields: ClassVar[dict[type[Refusal], str]] = FIELDS
    clashed: CommunityChangedMeanwhile | None = None

    def get_initial(self) -> dict[str, Any]:
        return as_initial(facts_of(self.community)) | {"version": self.community.version}

    def get_heading(self) -> str:
        return f"About {self.community.name}"

    def perform(self, form: EditCommunityForm) -> HttpResponse:
        try:
            community = edit_community(
                community=self.community,
                facts=form.facts,
                version=form.cleaned_data["version"],
                merges=True,
                by=self.user,
                now=clock.now(),
            )
        except CommunityChangedMeanwhile as clashed:
            self.clashed = clashed
            raise
        messages.success(self.request, "Saved.")
        return redirect(community)

    def show_again(self, form: Any, *, status: int) -> HttpResponse:
        if self.clashed is not None:
            # They have now read what changed, so that saving once more decides.
            form.data = form.data.copy()
            form.data["version"] = self.community.version
        return super().show_again(form, status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(clashes=self.clashed.clashes if self.clashed else (), **kwargs)

    def get_cancel_url(self) -> str:
        return self.community.get_absolute_url()
