"""The repeated measure of a test of change, and where it was adopted."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.formats import date_format

from communities.forms.tests_of_change import AdoptionForm, MeasuresForm
from communities.models import Adoption, Community, Measure
from communities.permissions import Permission
from communities.services.promises.tests_of_change import (
    AdoptedOutOfOrder,
    AdoptionNeedsAPlace,
    NotElsewhere,
    note_adoption,
    note_measures,
    remove_adoption,
    remove_measure,
)
from communities.views.promises.tests_of_change import OfTest
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal


class ChangesTest(OfTest, ServiceFormView):
    """For those who may change the test."""

    permission = Permission.EDIT_OWN_TEST_OF_CHANGE
    changes = True
    template_name = "communities/doing_form.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(about=self.test.title, **kwargs)


class NoteMeasures(ChangesTest):
    """Up to five values at a time."""

    template_name = "communities/note_measures.html"
    form_class = MeasuresForm
    heading = "Add what was measured"
    submit_label = "Add"

    def get_form(self, form_class: Any = None) -> MeasuresForm:
        return MeasuresForm(self.request.POST if self.request.method == "POST" else None)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"formset": context["form"].rows}

    def perform(self, form: MeasuresForm) -> HttpResponse:
        noted = note_measures(test=self.test, measures=form.measures, by=self.user, now=clock.now())
        messages.success(self.request, "The value is added." if len(noted) == 1 else f"{len(noted)} values are added.")
        return redirect(self.test)


class RemoveMeasure(ChangesTest):
    """Asks first: a value is gone once it is removed."""

    form_class = forms.Form
    heading = "Remove this value?"
    submit_label = "Remove it"
    measure: Measure

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.measure = get_object_or_404(Measure.objects.filter(test=self.test), pk=kwargs["measure"])
        self.measure.test = self.test

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        value = f"{date_format(self.measure.on)}: {self.test.in_units(self.measure.value)}"
        return context | {"about": f"{self.test.title}, {value}"}

    def perform(self, form: forms.Form) -> HttpResponse:
        remove_measure(measure=self.measure, by=self.user, now=clock.now())
        messages.success(self.request, "The value is removed.")
        return redirect(self.test)


class NoteAdoption(ChangesTest):
    """“Adopted elsewhere”: where, since when, and whom they had it from."""

    form_class = AdoptionForm
    heading = "Where else is it used?"
    submit_label = "Note it"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {
        AdoptionNeedsAPlace: "place",
        AdoptedOutOfOrder: "adopted_on",
        NotElsewhere: "community",
    }

    def get_form_kwargs(self) -> dict[str, Any]:
        communities = Community.objects.visible_to(self.user)
        return super().get_form_kwargs() | {"test": self.test, "communities": communities}

    def perform(self, form: AdoptionForm) -> HttpResponse:
        note_adoption(test=self.test, by=self.user, now=clock.now(), **form.cleaned_data)
        messages.success(self.request, "It is noted where your change has gone.")
        return redirect(self.test)


class RemoveAdoption(ChangesTest):
    """Asks first."""

    form_class = forms.Form
    heading = "Remove this from the lineage?"
    submit_label = "Remove it"
    adoption: Adoption

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        adoptions = Adoption.objects.filter(test=self.test).select_related("organisation", "community")
        self.adoption = get_object_or_404(adoptions, pk=kwargs["adoption"])
        self.adoption.test = self.test

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"about": self.adoption.where}

    def perform(self, form: forms.Form) -> HttpResponse:
        remove_adoption(adoption=self.adoption, by=self.user, now=clock.now())
        messages.success(self.request, "It is no longer in the lineage.")
        return redirect(self.test)
