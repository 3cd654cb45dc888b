"""The code on the screen of a pulse, scanned or typed: a choice without a default, and then a place of one's own.

Nobody says who they are. A GET stores nothing; taking a place puts its link into this browser's cookie, and the pages
of every other answer follow.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from communities.services.joining.join_links import as_meant
from communities.services.sessions.check_ins import CodeNotKnown
from cop_portal.accounts.link_pages import LinkPage, link_notice
from cop_portal.accounts.tries import Tries
from cop_portal.design.refusals import add_refusal
from cop_portal.installation import clock
from cop_portal.refusals import Refusal
from evaluations.forms.pulses import TakePlaceForm, TypeRoomCodeForm
from evaluations.keys import KeyTrouble
from evaluations.models import PulseRoom
from evaluations.questionnaire import fielded
from evaluations.services.answers.answering import AnsweringStopped, stopped
from evaluations.services.pulses.rooms import (
    NoPlaceLeft,
    RoomPass,
    RoomPassOver,
    is_place_of,
    new_pass,
    room_behind,
    room_of_pass,
    take_place,
)
from evaluations.views.answers.answer_words import length_words
from evaluations.views.answers.link_pages import COOKIE_PATH, remember, remembered
from evaluations.views.surveys import words

# A whole room comes from one network address: sixty phones with ten slips each. Of a million million codes that is few.
WRONG_CODES = Tries("room-pulse", most=600, within=600)


class TooManyWrongCodes(Refusal):
    """Codes are read off a screen, not tried out."""


class RoomDoor(LinkPage):
    shown_path = COOKIE_PATH
    closed_doors: ClassVar[Mapping[type[Refusal], tuple[int, str]]] = {
        CodeNotKnown: (HTTPStatus.NOT_FOUND, "This code opens nothing now"),
        RoomPassOver: (HTTPStatus.GONE, "Scan the code again"),
        NoPlaceLeft: (HTTPStatus.CONFLICT, "All places are taken"),
        TooManyWrongCodes: (HTTPStatus.TOO_MANY_REQUESTS, "Too many wrong codes"),
        AnsweringStopped: (HTTPStatus.SERVICE_UNAVAILABLE, "Answers cannot be taken at the moment"),
    }

    def behind(self, code: str) -> PulseRoom:
        """The room of a code. Wrong ones are counted, wherever they were typed."""
        if WRONG_CODES.are_over(self.request):
            raise TooManyWrongCodes(
                "Too many wrong codes came from this network. Wait ten minutes, or tell the facilitator.",
                code="too_many_wrong_codes",
            )
        try:
            return room_behind(code, clock.now())
        except CodeNotKnown:
            WRONG_CODES.note(self.request)
            raise

    def offer(self, room: PulseRoom, form: TakePlaceForm | None = None, *, status: int = HTTPStatus.OK) -> HttpResponse:
        """The page that asks whether to take a place; or that leads on, where this browser has one."""
        held, survey = remembered(self.request), room.survey
        form = form or TakePlaceForm(initial={"room_pass": new_pass(room, clock.now()).written()})
        context = {
            "form": form,
            "survey": survey,
            "community": survey.community,
            "length_words": length_words(fielded(survey.version)),
            "closes_words": words.day_words(survey.closes_at),
            "has_place": is_place_of(held.get("token", ""), room),
            "has_answered": held.get("done") == survey.pk,
        }
        return render(self.request, "evaluations/take_place.html", context, status=status)


class TypeRoomCode(RoomDoor):
    """Where the code on the screen is typed by those who cannot scan it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(TypeRoomCodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TypeRoomCodeForm(request.POST)
        if not form.is_valid():
            return self.show(form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            return self.offer(self.behind(form.cleaned_data["code"]))
        except CodeNotKnown as refusal:
            add_refusal(form, refusal, field="code")
            return self.show(form, status=refusal.status)

    def show(self, form: Form, *, status: int = HTTPStatus.OK) -> HttpResponse:
        return render(self.request, "evaluations/type_room_code.html", {"form": form}, status=status)


class OpenRoom(RoomDoor):
    """The code, scanned. Nothing is stored here."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        return self.offer(self.behind(as_meant(code)))


class TakePlace(RoomDoor):
    """One place, taken once."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("evaluations:type-room-code")

    def post(self, request: HttpRequest) -> HttpResponse:
        form, now = TakePlaceForm(request.POST), clock.now()
        held = RoomPass.read(request.POST.get("room_pass", ""))
        if not form.is_valid():
            return self.offer(room_of_pass(held, now), form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        if form.cleaned_data["take"] == "no":
            kept = "You can scan the code again as long as it is on the screen."
            return link_notice(request, status=HTTPStatus.OK, heading="No place was taken", words=kept)
        return self.go_in(held)

    def go_in(self, held: RoomPass) -> HttpResponse:
        try:
            token = take_place(held=held, now=clock.now())
        except KeyTrouble:
            raise stopped() from None
        response = redirect("evaluations:answer-first")
        what: dict[str, Any] = {"token": token}
        remember(response, **what)
        return response
