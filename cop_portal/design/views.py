"""The view behind every form: it checks shape, asks one service, and shows a refusal where the person is."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.views.generic import FormView

from cop_portal.design import sending
from cop_portal.design.refusals import add_refusal
from cop_portal.installation import clock
from cop_portal.keeping.services import submissions
from cop_portal.keeping.services.drafts import forget_draft_of
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

    The form carries a key (components/form_buttons.html), so that sending it twice does it once. With `keeps_draft`
    what is typed is kept as it is typed.
    """

    template_name = "layouts/form.html"
    heading: str = ""
    submit_label: str = "Save"
    cancel_url: str = ""
    # Refusals that belong to one field of the form; the others stand at the top.
    refusal_fields: ClassVar[Mapping[type[Refusal], str]] = {}
    # Where a service makes several transactions of its own (closing a survey), its own rules make repeats harmless.
    runs_own_transactions: ClassVar[bool] = False
    # For forms in which a person writes more than a line: kept on the server as it is typed.
    keeps_draft: ClassVar[bool] = False
    # And in the browser while the server does not answer. For those who run a community, never for answers.
    keeps_draft_in_browser: ClassVar[bool] = False

    def perform(self, form: Any) -> HttpResponse:
        raise NotImplementedError(f"{type(self).__name__} must say what it performs.")

    @cached_property
    def sent(self) -> submissions.Sent | None:
        return None if self.runs_own_transactions else sending.sent_by(self.request)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            # Asked before the form: what has been done may have left nothing to choose from.
            if self.sent is not None:
                submissions.find(self.sent)
            return super().post(request, *args, **kwargs)
        except submissions.AlreadyDone as done:
            messages.info(request, sending.AGAIN)
            return sending.repeated(done.answer, otherwise=request.get_full_path())
        except submissions.KeyUsedForAnotherWrite as refusal:
            return self.refused(self.get_form(), refusal)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            if self.runs_own_transactions:
                return self.perform(form)
            with transaction.atomic():
                return self.perform_once(form)
        except Refusal as refusal:
            return self.refused(form, refusal)

    def perform_once(self, form: forms.Form) -> HttpResponse:
        """The effect, the key it was sent under and the end of its draft: the caller's transaction, all or none."""
        submission = submissions.claim(self.sent, now=clock.now()) if self.sent else None
        response = self.perform(form)
        # A page that shows the form again is a step on the way (a preview), and no end of it.
        is_end = "form" not in (getattr(response, "context_data", None) or {})
        if self.sent and submission:
            submissions.settle(submission, self.sent, sending.answer_of(response) if is_end else None)
        if self.keeps_draft and is_end:
            forget_draft_of(self.request.path, by=sending.signed_in(self.request))
        return response

    def refused(self, form: forms.Form, refusal: Refusal) -> HttpResponse:
        form.is_valid()
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

    def get_draft_title(self) -> str:
        """What the form is called where a person's drafts are listed."""
        return self.get_heading()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if self.keeps_draft:
            in_browser = self.keeps_draft_in_browser
            kwargs["draft"] = sending.draft_on_page(self.request, self.get_draft_title(), is_kept_in_browser=in_browser)
        return super().get_context_data(
            heading=self.get_heading(),
            submit_label=self.submit_label,
            cancel_url=self.get_cancel_url(),
            # A new one each time: what is sent from here on is another write.
            idempotency_key=sending.new_key(),
            **kwargs,
        )
