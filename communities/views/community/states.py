"""Pausing a community and going on; closing it, and opening it again."""

from typing import Any, ClassVar

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect

from communities.forms.communities import (
    CloseCommunityForm,
    NothingToSayForm,
    PauseCommunityForm,
    ReopenCommunityForm,
)
from communities.models import Pause, Session
from communities.permissions import Permission
from communities.services.community_states import (
    LookAgainNotAhead,
    NoClosingNote,
    NoReasonToPause,
    NoReasonToReopen,
    close_community,
    look_again_later,
    pause_community,
    reopen_community,
    resume_community,
)
from communities.views.in_community import InCommunity
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal


class _State(InCommunity, ServiceFormView):
    """One question about the community as a whole, and back to its overview."""

    template_name = "communities/community_state.html"
    current: ClassVar[str] = "overview"
    verb: ClassVar[str] = ""
    words: ClassVar[str] = ""
    done: ClassVar[str] = ""

    def get_heading(self) -> str:
        return f"{self.verb} {self.community.name}"

    def act(self, form: Any) -> None:
        raise NotImplementedError

    def perform(self, form: Form) -> HttpResponse:
        self.act(form)
        messages.success(self.request, f"{self.community.name} {self.done}.")
        return redirect(self.community)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(words=self.words, **kwargs)

    def get_cancel_url(self) -> str:
        return self.community.get_absolute_url()


class PauseCommunity(_State):
    permission = Permission.PAUSE_COMMUNITY
    form_class = PauseCommunityForm
    verb, submit_label, done = "Pause", "Pause it", "has been paused"
    words = (
        "While it pauses nobody can ask to join, no survey can be opened, and it does not count as drifting. "
        "Its records stay open. You can go on at any time."
    )
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {
        NoReasonToPause: "because",
        LookAgainNotAhead: "look_again_on",
    }

    def act(self, form: PauseCommunityForm) -> None:
        pause_community(community=self.community, by=self.user, now=clock.now(), **form.cleaned_data)


class LookAgainLater(PauseCommunity):
    verb, submit_label, done = "Look again later at", "Move the day", "stays paused until you look again"
    words = "It stays paused. Say why, and when to look again."

    def get_initial(self) -> dict[str, Any]:
        pause = Pause.objects.running().filter(community=self.community).first()
        return {"because": pause.because} if pause else {}

    def act(self, form: PauseCommunityForm) -> None:
        look_again_later(community=self.community, by=self.user, now=clock.now(), **form.cleaned_data)


class ResumeCommunity(_State):
    permission = Permission.PAUSE_COMMUNITY
    form_class = NothingToSayForm
    verb, submit_label, done = "Go on with", "Go on", "is active again"
    words = "It becomes active again today. The pause and its reason stay in its history."

    def act(self, form: NothingToSayForm) -> None:
        resume_community(community=self.community, by=self.user, now=clock.now())


class CloseCommunity(_State):
    """Says first what closing means, and what still stands in its way."""

    permission = Permission.CLOSE_COMMUNITY
    template_name = "communities/close_community.html"
    form_class = CloseCommunityForm
    verb, submit_label, done = "Close", "Close this community", "is closed"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {NoClosingNote: "closing_note"}

    def act(self, form: CloseCommunityForm) -> None:
        close_community(community=self.community, by=self.user, now=clock.now(), **form.cleaned_data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        planned = Session.objects.planned().filter(community=self.community).count()
        return super().get_context_data(planned=planned, **kwargs)


class ReopenCommunity(_State):
    permission = Permission.CLOSE_COMMUNITY
    form_class = ReopenCommunityForm
    verb, submit_label, done = "Open again:", "Open it again", "is active again"
    words = "For a community that was closed by mistake, or that comes together again. It becomes active today."
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {NoReasonToReopen: "because"}

    def act(self, form: ReopenCommunityForm) -> None:
        reopen_community(community=self.community, by=self.user, now=clock.now(), **form.cleaned_data)
