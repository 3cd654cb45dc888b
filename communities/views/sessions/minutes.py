"""The minutes of a session: reading them, taking them away, writing on top of them, sharing them."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import TemplateView, View

from communities.forms.minutes import MinutesForm, ShareMinutesForm
from communities.models import Minutes, Session
from communities.permissions import Permission
from communities.reports.minutes import Document, Edition, document
from communities.reports.minutes_docx import CONTENT_TYPE, as_docx
from communities.services.sessions.minutes import edit_minutes, minutes_of, share_minutes, take_back_minutes
from communities.views.sessions.reading import OfSession
from cop_portal.accounts.forms import ConfirmForm
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock

CONFLICT = 409


class OfMinutes(OfSession):
    """A page of the minutes of one held session: `self.minutes`, or 404 for whoever may not read them yet."""

    minutes: Minutes

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.minutes = minutes_of(self.session)
        is_readable = self.minutes.is_shared or self.may(Permission.EDIT_MINUTES)
        if self.session.state != Session.State.HELD or not is_readable:
            raise Http404

    def document(self, edition: Edition) -> Document:
        return document(self.minutes, edition=edition, sees_names=self.may(Permission.SEE_NAMES))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(minutes=self.minutes, **kwargs)

    def get_cancel_url(self) -> str:
        return self.minutes.get_absolute_url()


class MinutesPage(OfMinutes, TemplateView):
    """What did we say? As members get it."""

    permission = Permission.SEE_COMMUNITY
    template_name = "communities/minutes.html"
    edition: ClassVar[Edition] = Edition.MEMBERS

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            document=self.document(self.edition),
            is_full=self.edition == Edition.FULL,
            can_edit=self.may(Permission.EDIT_MINUTES),
            can_share=self.may(Permission.SHARE_MINUTES),
            **kwargs,
        )


class FullMinutes(MinutesPage):
    """The same with what is marked private, for those who may record the session."""

    permission = Permission.EDIT_MINUTES
    edition: ClassVar[Edition] = Edition.FULL


class MinutesDocx(OfMinutes, View):
    """The minutes as a Word file, as members get them."""

    permission = Permission.SEE_COMMUNITY
    edition: ClassVar[Edition] = Edition.MEMBERS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return docx_response(self.document(self.edition), self.session)


class FullMinutesDocx(MinutesDocx):
    """The same with what is marked private."""

    permission = Permission.EDIT_MINUTES
    edition: ClassVar[Edition] = Edition.FULL


def docx_response(minutes: Document, session: Session) -> HttpResponse:
    """A download that is not kept on the way, under a name that any machine can write."""
    response = HttpResponse(as_docx(minutes, made_at=session.recorded_at or session.ends_at), content_type=CONTENT_TYPE)
    kind = "minutes-in-full" if minutes.edition == Edition.FULL else "minutes"
    name = f"{session.community.slug}-{session.day.isoformat()}-{kind}.docx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


class EditMinutes(OfMinutes, ServiceFormView):
    """Writing what stands above the record. What is in the record is put right there."""

    permission = Permission.EDIT_MINUTES
    template_name = "communities/edit_minutes.html"
    form_class = MinutesForm
    heading = "Write on top of the minutes"
    keeps_draft: ClassVar[bool] = True
    keeps_draft_in_browser: ClassVar[bool] = True

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.minutes.version, "summary": self.minutes.summary}

    def get_draft_title(self) -> str:
        return f"{self.community.name}: minutes of {self.session.day:%-d %B %Y}"

    def perform(self, form: MinutesForm) -> HttpResponse:
        edit_minutes(session=self.session, by=self.user, now=clock.now(), **form.cleaned_data)
        messages.success(self.request, "The minutes are saved.")
        return redirect(self.minutes)

    def show_again(self, form: Any, *, status: int) -> HttpResponse:
        if status != CONFLICT:
            return super().show_again(form, status=status)
        self.minutes = minutes_of(self.session)
        # Saving again is a decision made in sight of what they wrote.
        form.data = form.data.copy()
        form.data["version"] = str(self.minutes.version)
        context = self.get_context_data(form=form, theirs=self.minutes.summary)
        return self.render_to_response(context, status=status)


class ShareMinutes(OfMinutes, ServiceFormView):
    """Lets members read the minutes, after a page that says what they will and will not see."""

    permission = Permission.SHARE_MINUTES
    template_name = "communities/share_minutes.html"
    form_class = ShareMinutesForm
    heading = "Share these minutes with members"
    submit_label = "Share the minutes"

    def perform(self, form: ShareMinutesForm) -> HttpResponse:
        share_minutes(session=self.session, by=self.user, now=clock.now(), **form.cleaned_data)
        messages.success(self.request, "Members can read these minutes now.")
        return redirect(self.minutes)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(full_url=full_url(self.session), **kwargs)


class TakeBackMinutes(OfMinutes, ServiceFormView):
    """Hides shared minutes again."""

    permission = Permission.SHARE_MINUTES
    template_name = "communities/take_back_minutes.html"
    form_class = ConfirmForm
    heading = "Take these minutes back"
    submit_label = "Take them back"

    def perform(self, form: Any) -> HttpResponse:
        take_back_minutes(session=self.session, by=self.user, now=clock.now())
        messages.success(self.request, "Members cannot read these minutes any more.")
        return redirect(self.minutes)


def full_url(session: Session) -> str:
    return reverse("communities:full-minutes", args=[session.community.slug, session.pk])
