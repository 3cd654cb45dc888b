"""The view behind every form: it checks shape, asks one service, and shows a refusal where the person is."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.http import HttpResponse
from django.views.generic import FormView

from cop_portal.design.refusals import add_refusal
from cop_portal.refusals import Refusal

if TYPE_CHECKING:
    BaseView = FormView[forms.Form]
else:
    BaseView = FormView

MALFORMED = 422


class ServiceFormView(BaseView):
    """Subclasses give `form_class`, `heading`, and `perform`, which calls one service and returns where to go.

    A form that is not well formed comes back with status 422, a Refusal with its own status (409 for a Conflict), both
    with the sentences in the error summary and with everything that was typed.
    """

    template_name = "layouts/form.html"
    heading: str = ""
    submit_label: str = "Save"
    cancel_url: str = ""
    # Refusals that belong to one field of the form; the others stand at the top.
    refusal_fields: ClassVar[Mapping[type[Refusal], str]] = {}

    def perform(self, form: Any) -> HttpResponse:
        raise NotImplementedError(f"{type(self).__name__} must say what it performs.")

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            return self.perform(form)
        except Refusal as refusal:
            add_refusal(form, refusal, field=self.field_for(refusal))
            return self.show_again(form, status=refusal.status)

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        return self.show_again(form, status=MALFORMED)

    def show_again(self, form: forms.Form, *, status: int) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=status)

    def field_for(self, refusal: Refusal) -> str | None:
        return next((field for kind, field in self.refusal_fields.items() if isinstance(refusal, kind)), None)

    def get_heading(self) -> str:
        return self.heading

    def get_cancel_url(self) -> str:
        return self.cancel_url

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            heading=self.get_heading(), submit_label=self.submit_label, cancel_url=self.get_cancel_url(), **kwargs
        )
