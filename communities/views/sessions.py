"""A community's sessions: the list, one session, planning, entering a past one, cancelling."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import ListView, TemplateView

from communities.forms.fields import members_as_choices
from communities.forms.sessions import CancelSessionForm, PastSessionForm, PlanSessionForm
from communities.models import Action, Attendance, Membership, Session
from communities.permissions import Permission
from communities.services.sessions import (
    LeaderNotInCommunity,
    NoReasonGiven,
    SessionClash,
    SessionEndsBeforeItStarts,
    SessionInThePast,
    SessionNotYet,
    cancel_session,
    enter_past_session,
    plan_session,
)
from communities.views.in_community import InCommunity
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal


class SessionList(InCommunity, ListView[Session]):
    """What did we meet for, and who came? The newest first."""

    permission = Permission.SEE_COMMUNITY
    template_name = "communities/session_list.html"
    current: ClassVar[str] = "sessions"
    paginate_by = settings.PAGE_SIZE

    def get_queryset(self) -> QuerySet[Session]:
        return Session.objects.filter(community=self.community).newest_first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            now=clock.now(),
            can_plan=self.may(Permission.PLAN_SESSION),
            can_record=self.may(Permission.RECORD_SESSION),
            **kwargs,
        )


class OfSession(InCommunity):
    """A page of one session of a community: `self.session`, or 404."""

    session: Session
    current: ClassVar[str] = "sessions"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        sessions = Session.objects.filter(community=self.community).select_related("led_by__user")
        self.session = get_object_or_404(sessions, pk=kwargs["pk"])
        self.session.community = self.community

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(session=self.session, **kwargs)

    def get_cancel_url(self) -> str:
        return self.session.get_absolute_url()


class SessionPage(OfSession, TemplateView):
    """What did we say, and who came?"""

    permission = Permission.SEE_COMMUNITY
    template_name = "communities/session.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = clock.now()
        is_planned = self.session.state == Session.State.PLANNED
        return super().get_context_data(
            has_begun=self.session.starts_at <= now,
            came=self.session.came(exactly=self.may(Permission.SEE_NAMES)),
            attendance=self.attendance() if self.may(Permission.SEE_NAMES) else [],
            learning_points=self.session.learning_points.order_by("position"),
            actions=Action.objects.filter(session=self.session).soonest_first().select_related("owner__user"),
            can_record=self.may(Permission.RECORD_SESSION) and self.session.state != Session.State.CANCELLED,
            can_cancel=self.may(Permission.CANCEL_SESSION) and is_planned,
            **kwargs,
        )

    def attendance(self) -> list[tuple[str, list[str]]]:
        """Who came, by how; those not known come last."""
        marked = self.session.attendances.order_by("membership__person__user__name", "pk")
        names: dict[str, list[str]] = {}
        for status, name in marked.values_list("status", "membership__person__user__name"):
            names.setdefault(status, []).append(name)
        return [(status.label, names[status]) for status in Attendance.Status if status in names]


class EntersSession(InCommunity, ServiceFormView):
    """What planning a session and entering a past one have in common."""

    current: ClassVar[str] = "sessions"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {
        SessionInThePast: "day",
        SessionNotYet: "day",
        SessionClash: "starts",
        SessionEndsBeforeItStarts: "ends",
        LeaderNotInCommunity: "led_by",
    }

    def get_form_kwargs(self) -> dict[str, Any]:
        members = list(Membership.objects.current().filter(community=self.community).with_people())
        people = {str(member.pk): member.person for member in members}
        return super().get_form_kwargs() | {"leaders": members_as_choices(members), "people": people}

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

    def perform(self, form: PlanSessionForm) -> HttpResponse:
        session = plan_session(community=self.community, by=self.user, now=clock.now(), **form.facts)
        messages.success(self.request, "The session is planned.")
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


class CancelSession(OfSession, ServiceFormView):
    permission = Permission.CANCEL_SESSION
    template_name = "communities/cancel_session.html"
    form_class = CancelSessionForm
    heading = "Cancel this session"
    submit_label = "Cancel the session"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {NoReasonGiven: "because"}

    def perform(self, form: CancelSessionForm) -> HttpResponse:
        cancel_session(session=self.session, because=form.cleaned_data["because"], by=self.user, now=clock.now())
        messages.success(self.request, "The session is cancelled. It stays in the list, with the reason.")
        return redirect(self.session)
