"""Single answers whose time is over, over the API: the list, the dry run and the choice of the pages."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.problems import said_in
from communities.api.views import reader
from cop_portal.installation import clock
from evaluations.models import PrivacyMode, Survey
from evaluations.permissions import Permission
from evaluations.services.retention.destroying import destroy_answers
from evaluations.services.retention.inventory import in_brief, inventory_of
from evaluations.services.retention.reviewing import Reviewed, Stage, listed, reviewed, survey_to_review

RETENTION_STAGES = [
    (Stage.DUE.value, "Due"),
    (Stage.PAUSED.value, "Due, and paused by a legal hold"),
    (Stage.COMING.value, "Not due yet"),
    (Stage.DESTROYED.value, "Destroyed"),
]
DECISIONS = ["destroy"]


class ReviewedOutput(serializers.Serializer[Any]):
    """A closed survey, and where its single answers stand."""

    survey = serializers.IntegerField(source="survey.pk")
    community = serializers.CharField(source="survey.community.slug")
    title = serializers.CharField(source="survey.version.title")
    mode = serializers.ChoiceField(source="survey.mode", choices=PrivacyMode.choices)
    closed_at = serializers.DateTimeField(source="survey.closed_at")
    stage = serializers.ChoiceField(choices=RETENTION_STAGES)
    due_at = serializers.DateTimeField(help_text="From when they may be destroyed.")
    paused_because = serializers.CharField(help_text="The legal hold that keeps them; empty where there is none.")
    destroyed_at = serializers.DateTimeField(source="survey.answers_destroyed_at", allow_null=True)


class ReviewedInListOutput(ReviewedOutput):
    what_is_kept = serializers.SerializerMethodField()

    def get_what_is_kept(self, one: Reviewed) -> str:
        return in_brief(one.survey)


class DryRunOutput(ReviewedOutput):
    """And, line by line, what destroying them takes away and leaves. Counts of few stay as the results show them."""

    goes = serializers.SerializerMethodField()
    stays = serializers.SerializerMethodField()

    def get_goes(self, one: Reviewed) -> list[str]:
        return [] if one.stage == Stage.DESTROYED else inventory_of(one.survey).goes

    def get_stays(self, one: Reviewed) -> list[str]:
        return inventory_of(one.survey).stays


class DestroyAnswersInput(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(choices=DECISIONS, help_text="Said in words: there is no way back.")


class RetentionList(ListAPIView[Survey]):
    """Surveys whose single answers are due, paused by a legal hold, or due in 60 days, the longest closed first."""

    permission: ClassVar[str] = Permission.MANAGE_RETENTION
    serializer_class = ReviewedInListOutput
    ordering = ("closed_at", "pk")

    def get_queryset(self) -> QuerySet[Survey]:
        related = ("community", "version", "pseudonym_key")
        return listed(now=clock.now()).with_turnout().select_related(*related)

    def paginate_queryset(self, queryset: Any) -> list[Any]:
        """The surveys of one page, with where each stands."""
        return list(reviewed(super().paginate_queryset(queryset) or (), now=clock.now()))


class OfRetention(GenericAPIView[Survey]):
    permission: ClassVar[str] = Permission.MANAGE_RETENTION
    serializer_class = DryRunOutput
    queryset = Survey.objects.none()

    @cached_property
    def survey(self) -> Survey:
        visible = Survey.objects.visible_to(reader(self.request))
        return get_object_or_404(survey_to_review(visible), pk=self.kwargs["pk"])

    def answer(self, survey: Survey) -> Response:
        [found] = reviewed([survey], now=clock.now())
        return Response(DryRunOutput(found).data)


class RetentionDetail(OfRetention):
    """One closed survey."""

    @extend_schema(responses=DryRunOutput)
    def get(self, request: Request, pk: int) -> Response:
        """What would go, and what would stay. Changes nothing."""
        return self.answer(self.survey)


class DestroyAnswers(OfRetention):
    """The end of the single answers to one survey."""

    runs_own_transactions: ClassVar[bool] = True

    @extend_schema(request=DestroyAnswersInput, responses={200: DryRunOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Destroys them for good. 409 before their date, under a legal hold, and when they are destroyed already."""
        said_in(request, DestroyAnswersInput)
        destroy_answers(survey=self.survey, by=reader(request), now=clock.now())
        del self.survey
        return self.answer(self.survey)
