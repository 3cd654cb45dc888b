"""What members would like to talk about: the list that waits, the agenda of a session, what becomes of each."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import ListView, TemplateView, View

from communities.forms.agenda import (
    COVER,
    DECLINE,
    PUT_ON,
    UP,
    ArrangeAgendaItemForm,
    MoveAgendaItemForm,
    ProposeAgendaItemForm,
)
from communities.models import AgendaItem, Session
from communities.permissions import Permission
from communities.services.sessions.agenda import (
    NoReasonForDeclining,
    NotASessionAhead,
    NothingProposed,
    cover_agenda_item,
    decline_agenda_item,
    defer_agenda_item,
    move_agenda_item,
    propose_agenda_item,
    put_on_agenda,
    withdraw_agenda_item,
)
from communities.views.in_community import InCommunity
from communities.views.sessions.reading import OfSession
from cop_portal.accounts.forms import ConfirmForm
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal

DONE = {
    PUT_ON: "It is on the agenda.",
    COVER: "It is noted as talked about.",
    DECLINE: "It is not taken up; the list says why.",
}


class AgendaBacklog(InCommunity, ListView[AgendaItem]):
    """What would members like to talk about? Or, with `?show=settled`, what became of what they proposed."""

    permission = Permission.PROPOSE_AGENDA_ITEM
    template_name = "communities/agenda_backlog.html"
    current: ClassVar[str] = "sessions"
    paginate_by = settings.PAGE_SIZE

    @property
    def is_settled(self) -> bool:
        return self.request.GET.get("show") == "settled"

    def get_queryset(self) -> QuerySet[AgendaItem]:
        items = AgendaItem.objects.filter(community=self.community).select_related("proposed_by__user", "session")
        return items.settled() if self.is_settled else items.backlog(clock.now()).oldest_first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        can_arrange = self.may(Permission.ARRANGE_AGENDA)
        return super().get_context_data(is_settled=self.is_settled, can_arrange=can_arrange, reader=self.user, **kwargs)


class SessionAgenda(OfSession, TemplateView):
    """What will we talk about? In order; for those who run the community, with what waits."""

    permission = Permission.SEE_COMMUNITY
    template_name = "communities/session_agenda.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now, can_arrange = clock.now(), self.may(Permission.ARRANGE_AGENDA)
        waiting = AgendaItem.objects.filter(community=self.community).backlog(now).oldest_first()
        return super().get_context_data(
            items=AgendaItem.objects.on_agenda_of(self.session).select_related("proposed_by__user", "session"),
            waiting=waiting.select_related("proposed_by__user", "session") if can_arrange else [],
            can_arrange=can_arrange,
            can_propose=self.may(Permission.PROPOSE_AGENDA_ITEM),
            is_over=self.session.ends_at <= now,
            can_move=can_arrange and self.session.state == Session.State.PLANNED and self.session.ends_at > now,
            **kwargs,
        )


class ProposeAgendaItem(InCommunity, ServiceFormView):
    """From a phone, with or without one's name."""

    permission = Permission.PROPOSE_AGENDA_ITEM
    current: ClassVar[str] = "sessions"
    template_name = "communities/propose_agenda_item.html"
    form_class = ProposeAgendaItemForm
    heading = "Propose something to talk about"
    submit_label = "Propose it"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {NothingProposed: "text"}

    def perform(self, form: ProposeAgendaItemForm) -> HttpResponse:
        propose_agenda_item(community=self.community, by=self.user, now=clock.now(), **form.proposal)
        messages.success(self.request, "Thank you. The facilitators see it when they make the next agenda.")
        return redirect("communities:agenda-backlog", self.community.slug)

    def get_cancel_url(self) -> str:
        return reverse("communities:agenda-backlog", args=[self.community.slug])


class OfAgendaItem(InCommunity):
    """A page about one item: `self.item`, or 404."""

    current: ClassVar[str] = "sessions"
    item: AgendaItem

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        items = AgendaItem.objects.visible_to(self.user) if request.user.is_authenticated else AgendaItem.objects.none()
        own = items.filter(community=self.community).select_related("proposed_by__user", "session")
        self.item = get_object_or_404(own, pk=kwargs["pk"])
        self.item.community = self.community

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(item=self.item, **kwargs)

    def get_cancel_url(self) -> str:
        return reverse("communities:agenda-backlog", args=[self.community.slug])


class ArrangeAgendaItem(OfAgendaItem, ServiceFormView):
    """On an agenda, for later, not at all, or talked about: a choice without a default."""

    permission = Permission.ARRANGE_AGENDA
    template_name = "communities/arrange_agenda_item.html"
    form_class = ArrangeAgendaItemForm
    heading = "What becomes of it?"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {NoReasonForDeclining: "because", NotASessionAhead: "session"}

    @cached_property
    def sessions(self) -> list[Session]:
        ahead = Session.objects.planned().filter(community=self.community, ends_at__gt=clock.now())
        return list(ahead.order_by("starts_at"))

    def get_form_kwargs(self) -> dict[str, Any]:
        session = self.item.session
        was_on = session is not None and session.state != Session.State.CANCELLED and session.starts_at <= clock.now()
        return super().get_form_kwargs() | {"sessions": self.sessions, "was_on_agenda": was_on}

    def get_initial(self) -> dict[str, Any]:
        wanted = self.request.GET.get("session", "")
        return {"version": self.item.version, "session": wanted, **({"what": PUT_ON} if wanted else {})}

    def perform(self, form: ArrangeAgendaItemForm) -> HttpResponse:
        said = form.cleaned_data
        what = said["what"]
        asked: dict[str, Any] = {
            "item": self.item,
            "version": said["version"],
            "by": self.user,
            "now": clock.now(),
        }
        if what == PUT_ON:
            put_on_agenda(session=form.chosen_session, **asked)
        elif what == DECLINE:
            decline_agenda_item(because=said["because"], **asked)
        elif what == COVER:
            cover_agenda_item(**asked)
        else:
            defer_agenda_item(**asked)
        messages.success(self.request, DONE.get(what, "It waits for a later session."))
        if what == PUT_ON:
            return redirect("communities:session-agenda", self.community.slug, form.chosen_session.pk)
        return redirect("communities:agenda-backlog", self.community.slug)


class MoveAgendaItem(OfAgendaItem, View):
    """One place up or down, by the buttons beside it. Back on the agenda the reader is where the item is now."""

    permission = Permission.ARRANGE_AGENDA
    http_method_names = ("post",)

    def post(self, request: HttpRequest, **_: Any) -> HttpResponse:
        session, form = self.item.session, MoveAgendaItemForm(request.POST)
        try:
            if form.is_valid():
                said = form.cleaned_data
                is_up = said["direction"] == UP
                move_agenda_item(item=self.item, version=said["version"], up=is_up, by=self.user, now=clock.now())
                messages.success(request, f"Moved {said['direction']}: {self.item.text}")
        except Refusal as refusal:
            messages.warning(request, " ".join(refusal.messages))
        if session is None:
            return redirect(self.get_cancel_url())
        agenda = reverse("communities:session-agenda", args=[self.community.slug, session.pk])
        return redirect(f"{agenda}#item-{self.item.pk}")


class WithdrawAgendaItem(OfAgendaItem, ServiceFormView):
    """Takes back what one proposed oneself."""

    permission = Permission.PROPOSE_AGENDA_ITEM
    template_name = "communities/withdraw_agenda_item.html"
    form_class = ConfirmForm
    heading = "Take back your proposal"
    submit_label = "Take it back"

    def perform(self, form: ConfirmForm) -> HttpResponse:
        withdraw_agenda_item(item=self.item, version=self.item.version, by=self.user, now=clock.now())
        messages.success(self.request, "Your proposal is taken back.")
        return redirect("communities:agenda-backlog", self.community.slug)
