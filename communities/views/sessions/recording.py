"""Recording a session, on a phone, in three minutes; and what it comes to when two people do."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import Q
from django.forms import Form
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.functional import cached_property

from communities.forms.records import Earlier, RecordSessionForm, Stands
from communities.models import Action, Commitment, Decision, Membership
from communities.permissions import Permission
from communities.services.records.content import as_it_stands
from communities.services.records.words import Names, label, text
from communities.services.records.writing import settled
from communities.services.sessions.recording import SessionChangedMeanwhile, record_session
from communities.views.sessions.reading import OfSession
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal


class RecordSession(OfSession, ServiceFormView):
    """What we said last time, who came, one line, what we learned, what comes next."""

    permission = Permission.RECORD_SESSION
    template_name = "communities/record_session.html"
    form_class = RecordSessionForm
    submit_label = "Save"
    keeps_draft: ClassVar[bool] = True
    keeps_draft_in_browser: ClassVar[bool] = True

    def get_draft_title(self) -> str:
        return f"Record of {self.community.name}, {self.session.day:%-d %B %Y}"

    def get_form(self, form_class: Any = None) -> RecordSessionForm:
        return self.form_of(self.stands, self.request.POST if self.request.method == "POST" else None)

    def form_of(self, stands: Stands, data: QueryDict | None = None, **more: Any) -> RecordSessionForm:
        return RecordSessionForm(
            data, session=self.session, members=self.members, earlier=self.earlier, stands=stands, **more
        )

    @cached_property
    def stands(self) -> Stands:
        version, content = as_it_stands(self.session)
        return Stands(version, content, settled(self.session, content))

    @cached_property
    def members(self) -> list[Membership]:
        """Those who were members then or are now."""
        then_or_now = Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gt=self.session.day))
        return list(then_or_now.filter(community=self.community).with_people())

    @cached_property
    def earlier(self) -> Earlier:
        """What was open before; and what this page has just asked about, though someone may have answered it since."""
        day = self.session.day
        actions = Action.objects.filter(Q(state=Action.State.OPEN) | Q(pk__in=self._asked("action")))
        commitments = Commitment.objects.filter(Q(state=Commitment.State.OPEN) | Q(pk__in=self._asked("commitment")))
        due = Q(verdict="", review_on__lte=day) | Q(pk__in=self._asked("decision"))
        return Earlier(
            actions=list(
                self._before(actions).filter(agreed_on__lte=day).soonest_first().select_related("owner__user")
            ),
            commitments=list(self._before(commitments).filter(made_on__lte=day).select_related("person__user")),
            decisions=list(self._before(Decision.objects.filter(due)).review_first()),
        )

    def _before(self, rows: Any) -> Any:
        return rows.filter(community=self.community).exclude(session=self.session).order_by("pk")

    def _asked(self, kind: str) -> list[int]:
        keys = (name.removeprefix(f"{kind}_") for name in self.request.POST if name.startswith(f"{kind}_"))
        return [int(key) for key in keys if key.isdecimal() and len(key) < 18]

    def perform(self, form: RecordSessionForm) -> HttpResponse:
        read = form.cleaned_data["version"]
        session = record_session(
            session=self.session,
            version=read,
            answers=form.answered("action"),
            tried=form.answered("commitment"),
            verdicts=form.answered("decision"),
            give_way=form.give_way,
            by=self.user,
            now=clock.now(),
            **form.said,
        )
        if session.version > read + 1:
            messages.info(self.request, "Someone else saved this record while you were writing. It holds both.")
        messages.success(self.request, "The record of this session is saved.")
        return redirect(session)

    def refused(self, form: Form, refusal: Refusal) -> HttpResponse:
        if isinstance(refusal, SessionChangedMeanwhile) and refusal.clashes:
            assert isinstance(form, RecordSessionForm)  # noqa: S101 - made by get_form
            return self.ask(form, refusal)
        return super().refused(form, refusal)

    def ask(self, form: RecordSessionForm, refusal: SessionChangedMeanwhile) -> HttpResponse:
        """Everything both wrote, merged; and, where they want different things, both texts and a question."""
        wanted = [{clash.path: value} for clash in refusal.clashes for value in (clash.theirs, clash.mine)]
        names = Names.of(self.session, [refusal.merged, *wanted])
        content = dict(refusal.merged)
        clashes = []
        for clash in refusal.clashes:
            content[clash.path] = clash.mine
            both = {who: text(clash.path, getattr(clash, who), names) for who in ("theirs", "mine")}
            clashes.append({"path": ":".join(clash.path), "what": label(clash.path, names), **both})
        kept = {path: value for path, value in content.items() if value is not None}
        stands = Stands(refusal.version, kept, settled(self.session, kept))
        asking = self.form_of(stands, clashes=clashes)
        asking.initial.update({box.name: form.cleaned_data.get(box.name, "") for _, box in form.earlier_fields})
        shown = [
            {"text": clash["what"], "href": f"#{row['keep'].auto_id}"}
            for clash, row in zip(clashes, asking.rows["clashes"].forms, strict=True)
        ]
        conflict = {"sentence": refusal.messages[0], "places": shown}
        context = self.get_context_data(form=asking, conflict=conflict)
        return self.render_to_response(context, status=refusal.status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"standing": self.standing()}

    def standing(self) -> dict[str, list[str]]:
        """What stands in the record and is not changed here, in words, by its section."""
        fixed = {path: value for path, value in self.stands.content.items() if path in self.stands.settled}
        names = Names.of(self.session, [fixed]) if fixed else Names({}, {})
        found: dict[str, list[str]] = {}
        for path, value in fixed.items():
            found.setdefault(path[0], []).append(text(path, value, names))
        return found
