"""/network/retention/: single answers whose time is over. A list, a dry run, and a choice; nothing goes by itself."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import ListView

from cop_portal.accounts.access import PermissionRequired
from cop_portal.accounts.views.own import signed_in_user
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from evaluations.forms.retention import MOST, DestroyAllAnswersForm, DestroyAnswersForm
from evaluations.models import Survey
from evaluations.permissions import Permission
from evaluations.services.retention.dates import destroyed_words
from evaluations.services.retention.destroying import Destroyed, destroy_answers, destroy_answers_of_all
from evaluations.services.retention.inventory import BACKUPS, in_brief, inventory_of
from evaluations.services.retention.reviewing import AHEAD, Reviewed, Stage, due, listed, reviewed, survey_to_review

RELATED = ("community", "version", "session", "pseudonym_key")
KEPT = "Nothing was destroyed."


class Retention(PermissionRequired, ListView[Survey]):
    """Which single answers are due to go, and which will be soon?"""

    permission: ClassVar[str] = Permission.MANAGE_RETENTION
    template_name = "evaluations/retention.html"
    paginate_by = settings.PAGE_SIZE

    def get_queryset(self) -> QuerySet[Survey]:
        self.now = clock.now()
        return listed(now=self.now).with_turnout().select_related(*RELATED)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows = [(one, in_brief(one.survey)) for one in reviewed(context["object_list"], now=self.now)]
        return context | {
            "due": due(now=self.now).count(),
            "due_rows": [row for row in rows if row[0].stage == Stage.DUE],
            "paused_rows": [row for row in rows if row[0].stage == Stage.PAUSED],
            "coming_rows": [row for row in rows if row[0].stage == Stage.COMING],
            "ahead_days": AHEAD.days,
            "kept_days": settings.RESPONSES_KEPT_DAYS,
            "key_days": settings.KEY_DESTRUCTION_DAYS,
        }


class _Destroying(PermissionRequired, ServiceFormView):
    """A dry run with a choice under it. Wiping the files cannot be part of a transaction."""

    permission: ClassVar[str] = Permission.MANAGE_RETENTION
    runs_own_transactions = True
    submit_label = "Continue"

    def get_cancel_url(self) -> str:
        return reverse("evaluations:retention")

    def perform(self, form: DestroyAnswersForm) -> HttpResponse:
        if form.is_to_destroy:
            self.destroy(form)
        else:
            messages.info(self.request, KEPT)
        return HttpResponseRedirect(self.get_cancel_url())

    def destroy(self, form: Any) -> None:
        raise NotImplementedError


class DestroyAnswers(_Destroying):
    """What goes, what stays, since when it is due; and is it to go?"""

    form_class = DestroyAnswersForm
    template_name = "evaluations/destroy_answers.html"
    kwargs: dict[str, Any]

    @cached_property
    def survey(self) -> Survey:
        visible = Survey.objects.visible_to(signed_in_user(self.request))
        return get_object_or_404(survey_to_review(visible), pk=self.kwargs["pk"])

    def get_heading(self) -> str:
        return "Single answers of a survey"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        [found] = reviewed([self.survey], now=clock.now())
        return super().get_context_data(
            survey=self.survey,
            found=found,
            destroyed=destroyed_words(self.survey),
            inventory=inventory_of(self.survey),
            backups=BACKUPS,
            **kwargs,
        )

    def destroy(self, form: DestroyAnswersForm) -> None:
        survey = destroy_answers(survey=self.survey, by=signed_in_user(self.request), now=clock.now())
        messages.success(self.request, f"{survey.asked_about}, {survey.community.name}: {destroyed_words(survey)}")


class DestroyAllAnswers(_Destroying):
    """The same for everything that is due: each survey in a line, and one choice."""

    form_class = DestroyAllAnswersForm
    template_name = "evaluations/destroy_all_answers.html"
    heading = "Everything that is due"

    @cached_property
    def due(self) -> list[Survey]:
        return list(due(now=clock.now()).with_turnout().select_related(*RELATED)[:MOST])

    def get_initial(self) -> dict[str, Any]:
        return {"surveys": ",".join(str(survey.pk) for survey in self.due)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows: list[tuple[Reviewed, str]] = [(one, in_brief(one.survey)) for one in reviewed(self.due, now=clock.now())]
        return super().get_context_data(rows=rows, backups=BACKUPS, **kwargs)

    def destroy(self, form: DestroyAllAnswersForm) -> None:
        seen = Survey.objects.visible_to(signed_in_user(self.request)).filter(pk__in=form.cleaned_data["surveys"])
        surveys = seen.select_related(*RELATED).order_by("pk")[:MOST]
        self.tell(destroy_answers_of_all(surveys=surveys, by=signed_in_user(self.request), now=clock.now()))

    def tell(self, came: Destroyed) -> None:
        if number := len(came.done):
            of = "1 survey" if number == 1 else f"{number} surveys"
            messages.success(self.request, f"The answers of single people to {of} have been destroyed.")
        for survey, why in came.left:
            messages.warning(self.request, f"{survey.asked_about}, {survey.community.name}, was left as it is. {why}")
