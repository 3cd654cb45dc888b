"""Asking those who were at a session how it was: by mail, or by a code on the screen in the room."""

import base64
from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from communities.forms.communities import NothingToSayForm
from communities.services.sessions.check_ins import in_groups
from communities.views.sessions.reading import OfSession
from cop_portal.design.qr import qr_svg
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal
from evaluations.forms.pulses import StateHeadsForm
from evaluations.links import room_address
from evaluations.models import PrivacyMode, PulseRoom
from evaluations.permissions import Permission
from evaluations.services.pulses.by_mail import check_sending, closes_for, preview_pulse, pulse_of, room_of, send_pulse
from evaluations.services.pulses.rooms import FewerHeads, HeadsNotPossible, close_room, on_screen, start_room_pulse
from evaluations.services.surveys.opening import OpeningPreview
from evaluations.views.pulses import pulse_words
from evaluations.views.surveys import words

# A moment later than the code changes, so that the next one is there.
AFTER_CHANGE = 1


class SendPulse(OfSession, ServiceFormView):
    """Who would be asked by mail and when, who would not and why; then they are asked."""

    permission = Permission.SEND_PULSE
    template_name = "evaluations/send_pulse.html"
    form_class = NothingToSayForm
    heading = "Ask those who came"
    submit_label = "Ask them"

    def perform(self, form: Form) -> HttpResponse:
        pulse = send_pulse(session=self.session, by=self.user, now=clock.now())
        messages.success(self.request, pulse_words.sent(pulse))
        return redirect(self.session)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = clock.now()
        refusal = self.refusal()
        preview = OpeningPreview([], []) if refusal else preview_pulse(session=self.session, now=now)
        return super().get_context_data(
            refusal=refusal,
            preview=preview,
            summary=[] if refusal else pulse_words.summary(closes_for(self.session, now)),
            promise=words.PROMISES[PrivacyMode.ANONYMOUS],
            that_never_what=words.THAT_NEVER_WHAT,
            few=pulse_words.few_asked(preview),
            **kwargs,
        )

    def refusal(self) -> str:
        """Why nobody can be asked, in a sentence; empty when they can be."""
        try:
            check_sending(session=self.session, now=clock.now())
        except Refusal as refused:
            return " ".join(refused.messages)
        return ""


class _Room(OfSession):
    permission = Permission.START_ROOM_PULSE

    @cached_property
    def room(self) -> PulseRoom | None:
        """The session's room, open or not."""
        return room_of(pulse_of(self.session))

    def shown(self) -> dict[str, Any]:
        """What is on the screen this minute; no code where the room is not open."""
        room, now = self.room, clock.now()
        if room is None or not room.is_open(now):
            return {"room": room, "is_open": False}
        screen = on_screen(room, now)
        drawn = base64.b64encode(qr_svg(room_address(screen.code))).decode()
        return {
            "room": room,
            "is_open": True,
            "code": in_groups(screen.code),
            "short_address": room_address(""),
            "qr": f"data:image/svg+xml;base64,{drawn}",
            "again_in": screen.changes_in + AFTER_CHANGE,
        }


# The code on it gives out places for a minute: no browser or proxy keeps the page.
@method_decorator(never_cache, name="dispatch")
class RoomPulse(_Room, ServiceFormView):
    """Takes the number of heads, and then shows the code to the room: another one every minute. Nothing is counted."""

    template_name = "evaluations/room_pulse.html"
    form_class = StateHeadsForm
    heading = "Ask the room how it was"
    submit_label = "Show the code"
    refusal_fields: ClassVar[Mapping[type[Refusal], str]] = {FewerHeads: "heads", HeadsNotPossible: "heads"}

    def get_initial(self) -> dict[str, Any]:
        return {"heads": self.room.heads} if self.room else {}

    def perform(self, form: StateHeadsForm) -> HttpResponse:
        heads = form.cleaned_data["heads"]
        start_room_pulse(session=self.session, heads=heads, by=self.user, now=clock.now())
        return redirect("evaluations:room-pulse", self.community.slug, self.session.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**self.shown(), **kwargs)


@method_decorator(never_cache, name="dispatch")
class RoomPulseNow(_Room, TemplateView):
    """What is on the screen this minute: a piece of the page, asked for as each code ends."""

    template_name = "evaluations/room_pulse_now.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.shown()["is_open"]:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**self.shown(), **kwargs)


class CloseRoom(_Room, ServiceFormView):
    permission = Permission.CLOSE_ROOM
    template_name = "evaluations/close_room.html"
    form_class = NothingToSayForm
    heading = "Take the code off the screen"
    submit_label = "Close the room"

    def perform(self, form: Form) -> HttpResponse:
        if self.room is None:
            raise Http404
        close_room(room=self.room, by=self.user, now=clock.now())
        messages.success(self.request, "The code opens nothing more. Whoever has a place can go on answering.")
        return redirect(self.session)

    def get_cancel_url(self) -> str:
        return reverse("evaluations:room-pulse", args=[self.community.slug, self.session.pk])
