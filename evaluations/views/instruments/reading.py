"""What is asked: the questionnaires, question by question and version by version, and the framework behind them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Count, Prefetch, QuerySet
from django.http import Http404
from django.views.generic import ListView, TemplateView

from cop_portal.accounts.access import PermissionRequired
from evaluations.forms.surveys import newest_versions
from evaluations.models import (
    EvaluationQuestion,
    Framework,
    InstrumentVersion,
    MaturityDimension,
    MaturityLevel,
)
from evaluations.permissions import Permission, community_run_by
from evaluations.views.instruments.drafting import ForWriters, questions_of
from evaluations.views.instruments.rows import sections_of


class InstrumentList(ForWriters, ListView[InstrumentVersion]):
    """The questionnaires in their newest published version, and above them the drafts."""

    permission: ClassVar[str] = Permission.SEE_INSTRUMENTS
    template_name = "evaluations/instrument_list.html"
    context_object_name = "versions"

    def get_queryset(self) -> QuerySet[InstrumentVersion]:
        versions: QuerySet[InstrumentVersion] = newest_versions().select_related("instrument")
        return versions.annotate(question_count=Count("sections__questions"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        drafts = InstrumentVersion.objects.drafts().visible_to(self.user).select_related("drafted_by")
        return super().get_context_data(
            drafts=drafts.annotate(question_count=Count("sections__questions")).order_by("-is_offered", "title"),
            can_publish=self.user.has_perm(Permission.PUBLISH_INSTRUMENTS),
            **kwargs,
        )


class InstrumentPage(ForWriters, TemplateView):
    """Every question of a questionnaire: what it serves, what can be answered, and who is asked it. The newest
    version, or the one whose number is in the address."""

    permission: ClassVar[str] = Permission.SEE_INSTRUMENTS
    template_name = "evaluations/instrument.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        published = InstrumentVersion.objects.published().filter(instrument__code=self.kwargs["code"])
        versions = list(published.select_related("instrument").order_by("-number"))
        wanted = self.kwargs.get("number")
        version = next((one for one in versions if wanted in (None, one.number)), None)
        if version is None:
            raise Http404
        questions = list(questions_of(version))
        return super().get_context_data(
            version=version,
            versions=versions,
            sections=sections_of(version, questions),
            question_count=len(questions),
            can_draft=self.user.has_perm(Permission.DRAFT_INSTRUMENTS, community_run_by(self.user)),
            **kwargs,
        )


class FrameworkPage(PermissionRequired, TemplateView):
    """The four overarching questions, quoted with credit; our own below them, and the maturity levels."""

    permission: ClassVar[str] = Permission.SEE_FRAMEWORK
    template_name = "evaluations/framework.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        subsidiary = Prefetch("subsidiary", queryset=EvaluationQuestion.objects.in_order())
        return super().get_context_data(
            framework=Framework.objects.first(),
            overarching=EvaluationQuestion.objects.overarching().in_order().prefetch_related(subsidiary),
            dimensions=MaturityDimension.objects.order_by("position"),
            levels=MaturityLevel.objects.order_by("level").prefetch_related("statements__dimension"),
            **kwargs,
        )
