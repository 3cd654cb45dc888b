"""Attendance from a meeting tool's list: upload, look at every match, confirm. The file is read and not kept."""

from typing import Any, ClassVar

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.decorators.cache import never_cache

from communities.forms.attendance import ImportAttendanceForm, UploadAttendanceForm
from communities.imports.attendance import read_attendance
from communities.imports.tables import FileNotReadable, FileTooLarge
from communities.permissions import Permission
from communities.services.sessions.attendance_lists import (
    Attendee,
    Match,
    Member,
    import_attendance,
    match_attendees,
    members_on_day,
)
from communities.services.sessions.recording import refuse_unrecordable
from communities.views.sessions.reading import OfSession
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.installation.uploads import was_too_large
from cop_portal.refusals import Refusal

TOO_LARGE = 413
SALT = "attendance-list"
LASTS = 24 * 60 * 60


class ListNotKnown(Refusal):
    """What is confirmed was read from a file here, for this session, not long ago."""


class _OnList(OfSession):
    """A page that shows the people on a list. They travel with the page, signed; the portal keeps nothing of them."""

    permission = Permission.IMPORT_ATTENDANCE

    def preview(self, attendees: list[Attendee], data: Any = None) -> ImportAttendanceForm:
        return ImportAttendanceForm(
            data, matches=self.matches(attendees), members=self.members, initial={"sealed": self.seal(attendees)}
        )

    def matches(self, attendees: list[Attendee]) -> list[Match]:
        return match_attendees(self.session, attendees)

    @cached_property
    def members(self) -> list[Member]:
        return members_on_day(self.session)

    def seal(self, attendees: list[Attendee]) -> str:
        rows = [[one.name, one.email, one.minutes] for one in attendees]
        return signing.dumps([self.session.pk, rows], salt=SALT, compress=True)

    def unseal(self, sealed: str) -> list[Attendee]:
        try:
            session, rows = signing.loads(sealed, salt=SALT, max_age=LASTS)
        except signing.BadSignature:
            session, rows = 0, []
        if session != self.session.pk:
            raise ListNotKnown("This list was read too long ago. Upload the file again.", code="list_not_known")
        return [Attendee(*row) for row in rows]


@method_decorator(never_cache, name="dispatch")
class ImportAttendance(_OnList, ServiceFormView):
    """The file; and then everyone on it, with who they seem to be."""

    template_name = "communities/import_attendance.html"
    form_class = UploadAttendanceForm
    heading = "Attendance from a meeting tool"
    submit_label = "Upload and look at it"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {FileNotReadable: "file", FileTooLarge: "file"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "was_too_large": was_too_large(self.request)}

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.show_again(form, status=TOO_LARGE) if form.was_too_large else super().form_invalid(form)

    def perform(self, form: UploadAttendanceForm) -> HttpResponse:
        refuse_unrecordable(self.session, clock.now())
        upload = form.cleaned_data["file"]
        attendees = read_attendance(upload.read(), file_name=upload.name)
        step = ConfirmAttendance()
        step.setup(self.request, slug=self.community.slug, pk=self.session.pk)
        return step.render_to_response(step.get_context_data(form=step.preview(attendees)))


@method_decorator(never_cache, name="dispatch")
class ConfirmAttendance(_OnList, ServiceFormView):
    """Who on the list is whom. Nothing is in the record before this."""

    template_name = "communities/confirm_attendance.html"
    heading = "Who on this list is whom?"
    submit_label = "Write this into the record"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("communities:import-attendance", self.community.slug, self.session.pk)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(request, *args, **kwargs)
        except ListNotKnown as refusal:
            messages.warning(request, " ".join(refusal.messages))
            return redirect("communities:import-attendance", self.community.slug, self.session.pk)

    def get_form(self, form_class: Any = None) -> ImportAttendanceForm:
        return self.preview(self.unseal(self.request.POST.get("sealed", "")), self.request.POST)

    def perform(self, form: ImportAttendanceForm) -> HttpResponse:
        import_attendance(session=self.session, online=form.online, guests=form.guests, by=self.user, now=clock.now())
        messages.success(self.request, "Who was online is in the record of this session.")
        return redirect(self.session)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs["form"]
        found = sum(match.member is not None for match in form.matches)
        return super().get_context_data(
            people=len(form.matches),
            found=found,
            unclear=len(form.matches) - found,
            start_again_url=reverse("communities:import-attendance", args=[self.community.slug, self.session.pk]),
            **kwargs,
        )
