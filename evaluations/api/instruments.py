"""What is asked: the evaluation questions, for HIN staff, and the questionnaires, for whoever runs a community too."""

from typing import Any, ClassVar, cast

from django.db.models import Prefetch, QuerySet
from django_filters import rest_framework as filters
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView

from communities.models import Community
from cop_portal.accounts.models import User
from evaluations.api.serializers import EvaluationQuestionOutput, InstrumentOutput
from evaluations.models import EvaluationQuestion, Instrument, InstrumentVersion, Question, Section
from evaluations.permissions import Permission, community_run_by


class EvaluationQuestionFilter(filters.FilterSet):
    is_quoted = filters.BooleanFilter(
        help_text="true: the four overarching questions, quoted from RAND Europe; false: ours."
    )
    parent = filters.CharFilter(field_name="parent__code", help_text="Those below this overarching question.")

    class Meta:
        model = EvaluationQuestion
        fields = ("is_quoted", "parent")


class EvaluationQuestionList(ListAPIView[EvaluationQuestion]):
    """The four overarching evaluation questions, and ours below them."""

    permission: ClassVar[str] = Permission.SEE_FRAMEWORK
    serializer_class = EvaluationQuestionOutput
    filterset_class = EvaluationQuestionFilter
    queryset = EvaluationQuestion.objects.select_related("parent")
    ordering = ("code",)


def with_published_versions() -> QuerySet[Instrument]:
    """Questionnaires with a published version, with their questions in order: one query for each kind of row."""
    questions = Question.objects.select_related("item", "evaluation_question", "section").order_by("position")
    sections = Section.objects.order_by("position").prefetch_related(Prefetch("questions", queryset=questions))
    versions = (
        InstrumentVersion.objects.published()
        .order_by("number")
        .prefetch_related(Prefetch("sections", queryset=sections))
    )
    published = InstrumentVersion.objects.published().values("instrument")
    return Instrument.objects.filter(pk__in=published).prefetch_related(Prefetch("versions", queryset=versions))


class InstrumentFilter(filters.FilterSet):
    code = filters.CharFilter(help_text="The questionnaire with this code.")

    class Meta:
        model = Instrument
        fields = ("code",)


class ForReaders(GenericAPIView[Any]):
    """What staff may read, and facilitators of any community."""

    @property
    def reader(self) -> User:
        """Who asks. Nobody comes this far without having said who they are."""
        return cast("User", self.request.user)

    def permission_object(self) -> Community | None:
        return community_run_by(self.reader)


class InstrumentList(ForReaders, ListAPIView[Instrument]):
    """Every questionnaire with its published versions and their questions."""

    permission: ClassVar[str] = Permission.SEE_INSTRUMENTS
    serializer_class = InstrumentOutput
    filterset_class = InstrumentFilter
    ordering = ("code",)

    def get_queryset(self) -> QuerySet[Instrument]:
        return with_published_versions()


class InstrumentDetail(ForReaders, RetrieveAPIView[Instrument]):
    """One questionnaire."""

    permission: ClassVar[str] = Permission.SEE_INSTRUMENTS
    serializer_class = InstrumentOutput
    lookup_field = "code"

    def get_queryset(self) -> QuerySet[Any]:
        return with_published_versions()
