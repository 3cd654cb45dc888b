"""Planning, entering, moving, editing and cancelling a session."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from communities.forms.fields import members_as_choices
from communities.forms.sessions import (
    CancelSessionForm,
    EditSessionForm,
    MoveSessionForm,
    PastSessionForm,
    PlanSessionForm,
)
from communities.models import Membership, Person, Session
from communities.permissions import Permission
from communities.services.sessions.moving import (
    NoReasonGiven,
    SeriesWouldSpanNight,
    SessionNotMoved,
    cancel_session,
    edit_session,
    move_session,
    moved_days,
    rest_of_series,
)
from communities.services.sessions.planning import (
    LeaderNotInCommunity,
    SessionClash,
    SessionEndsBeforeItStarts,
    SessionInThePast,
    SessionNotYet,
    SessionTooFarAhead,
    enter_past_session,
    plan_session,
)
from communities.views.in_community import InCommunity
from communities.views.sessions.reading import OfSession
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal

KEPT_LEADER = "as_it_is"


class ChoosesLeader(InCommunity, ServiceFormView):
    """A form that asks who leads: the members, by name."""

    current: ClassVar[str] = "sessions"

    @cached_property
    def members(self) -> list[Membership]:
        return list(Membership.objects.current().filter(community=self.community).with_people())

    def get_form_kwargs(self) -> dict[str, Any]:
        people: dict[str, Person] = {str(member.pk): member.person for member in self.members}
        return super().get_form_kwargs() | {"leaders": members_as_choices(self.members), "people": people}


class EntersSession(ChoosesLeader):
    """What planning a session and entering a past one have in common."""

    refusal_fields: ClassVar[dict[type[Refusal], str]] = {
        SessionInThePast: "day",
        SessionNotYet: "day",
        SessionTooFarAhead: "day",
        SessionClash: "starts",
        SessionEndsBeforeItStarts: "ends",
        LeaderNotInCommunity: "led_by",
    }

    def get_initial(self) -> dict[str, Any]:
        return {"kind": Session.Kind.CONVENING}

    def get_cancel_url(self) -> str:
        return reverse("communities:session-list", args=[self.community.slug])


class PlanSession(EntersSession):
    permission = Permission.PLAN_SESSION
    template_name = "communities/plan_session.html"
    form_class = PlanSessionForm
    heading = "Plan a session"
    submit_label = "Plan this session"
    keeps_draft = True
    keeps_draft_in_browser = True

    def get_initial(self) -> dict[str, Any]:
        """As the session `?like=`, without its day: for one that was cancelled, and is to be after all."""
        like = self.request.GET.get("like", "")
        session = Session.objects.filter(community=self.community, pk=like).first() if _is_id(like) else None
        return super().get_initial() | (self.as_planned(session) if session else {})

    def as_planned(self, session: Session) -> dict[str, Any]:
        leaders = {member.person_id: str(member.pk) for member in self.members}
        return {
            "kind": session.kind,
            "place": session.place,
            "joining_link": session.joining_link,
            "led_by": leaders.get(session.led_by_id or 0, ""),
            **_times(session),
        }

    def perform(self, form: PlanSessionForm) -> HttpResponse:
        session = plan_session(community=self.community, by=self.user, now=clock.now(), **form.facts)
        told = " The members are written to." if session.tells_members else ""
        messages.success(self.request, f"The session is planned.{told}")
        return redirect(session)


class EnterPastSession(EntersSession):
    """For a session that was held and never planned here: it is entered, and then recorded as any other."""

    permission = Permission.RECORD_SESSION
    template_name = "communities/enter_past_session.html"
    form_class = PastSessionForm
    heading = "Record a past session"
    submit_label = "Continue"

    def perform(self, form: PastSessionForm) -> HttpResponse:
        session = enter_past_session(community=self.community, by=self.user, now=clock.now(), **form.facts)
        return redirect("communities:record-session", self.community.slug, session.pk)


class ChangesPlan(OfSession, ServiceFormView):
    """A change to a planned session and, if wanted, to the rest of its series."""

    template_name = "communities/change_plan.html"

    @cached_property
    def rest(self) -> list[Session]:
        return rest_of_series(self.session)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"rest": len(self.rest)}

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.session.plan_version}


class MoveSession(ChangesPlan):
    """To another day or time. Where the rest of a series would go is shown before it goes there."""

    permission = Permission.MOVE_SESSION
    form_class = MoveSessionForm
    heading = "Move this session"
    submit_label = "Move"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {
        SessionInThePast: "day",
        SessionTooFarAhead: "day",
        SessionNotMoved: "day",
        SessionClash: "starts",
        SessionEndsBeforeItStarts: "ends",
        SeriesWouldSpanNight: "ends",
    }

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"day": self.session.day, **_times(self.session)}

    def perform(self, form: MoveSessionForm) -> HttpResponse:
        said = form.cleaned_data
        if form.is_to_be_looked_at:
            return self.look_first(form)
        move_session(
            session=self.session,
            version=said["version"],
            starts_at=said["starts_at"],
            ends_at=said["ends_at"],
            and_rest=form.and_rest,
            by=self.user,
            now=clock.now(),
        )
        messages.success(self.request, _done("moved", len(self.rest) if form.and_rest else 0))
        return redirect(self.session)

    def look_first(self, form: MoveSessionForm) -> HttpResponse:
        """The same form, with the days on which the sessions would then be."""
        typed = self.request.POST.copy()
        typed["looked_at"] = form.move
        again = MoveSessionForm(typed, rest=len(self.rest))
        day = form.cleaned_data["day"]
        moves = [(self.session, day), *moved_days(self.session, to=day)]
        return self.render_to_response(self.get_context_data(form=again, moves=moves))


class EditSession(ChangesPlan, ChoosesLeader):
    permission = Permission.EDIT_SESSION
    form_class = EditSessionForm
    heading = "Change where, how and who"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {LeaderNotInCommunity: "led_by"}

    def get_initial(self) -> dict[str, Any]:
        session, leaders = self.session, {member.person_id: str(member.pk) for member in self.members}
        return super().get_initial() | {
            "kind": session.kind,
            "place": session.place,
            "joining_link": session.joining_link,
            "led_by": leaders.get(session.led_by_id, KEPT_LEADER) if session.led_by_id else "",
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        led_by = self.session.led_by
        # Whoever leads and is no member (any more) stays to be chosen.
        if led_by is not None and led_by not in kwargs["people"].values():
            kwargs["leaders"] = [(KEPT_LEADER, led_by.name), *kwargs["leaders"]]
            kwargs["people"] |= {KEPT_LEADER: led_by}
        return kwargs

    def perform(self, form: EditSessionForm) -> HttpResponse:
        edit_session(
            session=self.session,
            version=form.cleaned_data["version"],
            and_rest=form.and_rest,
            by=self.user,
            now=clock.now(),
            **form.details,
        )
        messages.success(self.request, _done("changed", len(self.rest) if form.and_rest else 0))
        return redirect(self.session)


class CancelSession(ChangesPlan):
    permission = Permission.CANCEL_SESSION
    template_name = "communities/cancel_session.html"
    form_class = CancelSessionForm
    heading = "Cancel this session"
    submit_label = "Cancel the session"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {NoReasonGiven: "because"}

    def perform(self, form: CancelSessionForm) -> HttpResponse:
        number = len(self.rest) if form.and_rest else 0
        cancel_session(
            session=self.session,
            because=form.cleaned_data["because"],
            and_rest=form.and_rest,
            by=self.user,
            now=clock.now(),
        )
        stays = "They stay" if number else "It stays"
        messages.success(self.request, f"{_done('cancelled', number)} {stays} in the list, with the reason.")
        return redirect(self.session)


def _done(what: str, rest: int) -> str:
    """“The session is moved.”, or “3 sessions are moved.”"""
    return f"{rest + 1} sessions are {what}." if rest else f"The session is {what}."


def _times(session: Session) -> dict[str, Any]:
    return {
        "starts": timezone.localtime(session.starts_at).time(),
        "ends": timezone.localtime(session.ends_at).time(),
    }


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19
