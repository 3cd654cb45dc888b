"""Putting an organisation's name and code right. For HIN staff."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property

from communities.forms.organisations import OrganisationForm
from communities.models import Organisation
from communities.permissions import Permission
from communities.services.people.organisations import NotACode, OrganisationTaken, edit_organisation
from communities.views.in_community import reader
from cop_portal.accounts.access import PermissionRequired
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal


class EditOrganisation(PermissionRequired, ServiceFormView):
    permission: ClassVar[str] = Permission.EDIT_ORGANISATION
    template_name = "communities/edit_organisation.html"
    form_class = OrganisationForm
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {NotACode: "ods_code", OrganisationTaken: "name"}

    @cached_property
    def organisation(self) -> Organisation:
        return get_object_or_404(Organisation, pk=self.kwargs["pk"])

    def get_initial(self) -> dict[str, Any]:
        organisation = self.organisation
        return {"version": organisation.version, "name": organisation.name, "ods_code": organisation.ods_code or ""}

    def get_heading(self) -> str:
        return f"Correct {self.organisation.name}"

    def perform(self, form: OrganisationForm) -> HttpResponse:
        edit_organisation(organisation=self.organisation, by=reader(self.request), now=clock.now(), **form.cleaned_data)
        messages.success(self.request, f"{self.organisation.name} has been changed.")
        return redirect("communities:organisation", self.organisation.pk)

    def get_cancel_url(self) -> str:
        return reverse("communities:organisation", args=[self.organisation.pk])
