"""Recording a session, on a phone, in three minutes."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property

from communities.forms.records import STATUSES, RecordSessionForm, as_recorded
from communities.models import Action, Membership
from communities.permissions import Permission
from communities.services.sessions import record_session
from communities.views.sessions import OfSession
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock

CONFLICT = 409


@dataclass(frozen=True)
class Difference:
    """One thing that two people have recorded differently."""

    what: str
    theirs: str
    yours: str


class RecordSession(OfSession, ServiceFormView):
    """What we said last time, who came, one line, what we learned, what comes next."""

    permission = Permission.RECORD_SESSION
    template_name = "communities/record_session.html"
    form_class = RecordSessionForm
    submit_label = "Save"

    def get_form(self, form_class: Any = None) -> RecordSessionForm:
        data = self.request.POST if self.request.method == "POST" else None
        return RecordSessionForm(data, initial=as_recorded(self.session), **self.parts)

    @cached_property
    def parts(self) -> dict[str, Any]:
        """Those who were members then or are now, and the actions that were open before."""
        then_or_now = Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gt=self.session.day))
        earlier = Action.objects.open().filter(community=self.community, agreed_on__lte=self.session.day)
        return {
            "session": self.session,
            "members": list(then_or_now.filter(community=self.community).with_people()),
            "earlier": list(earlier.exclude(session=self.session).soonest_first().select_related("owner__user")),
        }

    def perform(self, form: RecordSessionForm) -> HttpResponse:
        record_session(
            session=self.session,
            version=form.cleaned_data["version"],
            focus=form.cleaned_data["focus"],
            attendance=form.attendance,
            learning_points=form.learning_points,
            actions=form.agreed,
            answers=form.answers,
            by=self.user,
            now=clock.now(),
        )
        messages.success(self.request, "The record of this session is saved.")
        return redirect(self.session)

    def show_again(self, form: Form, *, status: int) -> HttpResponse:
        assert isinstance(form, RecordSessionForm)  # noqa: S101 - made by get_form
        differences: list[Difference] = []
        if status == CONFLICT:
            self.session.refresh_from_db()
            differences = differences_between(as_recorded(self.session), form)
        context = self.get_context_data(form=form, differences=differences, is_conflict=status == CONFLICT)
        return self.render_to_response(context, status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        agreed_before = Action.objects.filter(session=self.session).soonest_first().select_related("owner__user")
        return context | {
            "formset": context["form"].new_actions,
            # After a conflict the next save is on what has just been shown.
            "version": self.session.version,
            "agreed_before": agreed_before,
        }


def differences_between(recorded: dict[str, Any], form: RecordSessionForm) -> list[Difference]:
    """What stands in the record now beside what was typed, wherever the two are not the same."""
    words = dict(STATUSES)
    found = [Difference("What it was about", recorded["focus"], form.cleaned_data["focus"])]
    found += [
        Difference(str(field.label), recorded.get(field.name, ""), form.cleaned_data[field.name])
        for field in form.learned_fields
    ]
    found += [
        Difference(str(field.label), words[recorded.get(field.name, "unknown")], words[form.cleaned_data[field.name]])
        for field in form.roster_fields
    ]
    return [difference for difference in found if difference.theirs != difference.yours]
