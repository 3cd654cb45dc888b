"""More time for a survey that is open, and cancelling it. The rules and the words are those of the pages."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cop_portal.installation import clock
from evaluations.api.serializers import SurveyOutput
from evaluations.api.surveys import OneSurvey
from evaluations.forms.surveys import end_of
from evaluations.permissions import Permission
from evaluations.services.surveys.cancelling import cancel_survey
from evaluations.services.surveys.extending import give_more_time


class MoreTimeInput(serializers.Serializer[Any]):
    closes_on = serializers.DateField(help_text="The new last day to answer, later than the one before.")


class CancelSurveyInput(serializers.Serializer[Any]):
    because = serializers.CharField(max_length=500, help_text="Everyone who was asked reads this.")


class MoreTime(OneSurvey):
    """Moves the close of an open survey to a later day. Those who have not answered are told."""

    permission: ClassVar[str] = Permission.CLOSE_SURVEY

    @extend_schema(request=MoreTimeInput, responses={200: SurveyOutput})
    def post(self, request: Request, pk: int) -> Response:
        asked = MoreTimeInput(data=request.data)
        asked.is_valid(raise_exception=True)
        closes_at = end_of(asked.validated_data["closes_on"])
        survey = give_more_time(survey=self.survey, closes_at=closes_at, by=self.reader, now=clock.now())
        return Response(SurveyOutput(survey, context={"request": request}).data)


class CancelSurvey(OneSurvey):
    """Cancels a survey: what was sent is destroyed unread, with its keys. It cannot be undone."""

    permission: ClassVar[str] = Permission.CLOSE_SURVEY
    runs_own_transactions: ClassVar[bool] = True

    @extend_schema(request=CancelSurveyInput, responses={200: SurveyOutput})
    def post(self, request: Request, pk: int) -> Response:
        asked = CancelSurveyInput(data=request.data)
        asked.is_valid(raise_exception=True)
        because = asked.validated_data["because"]
        survey = cancel_survey(survey=self.survey, because=because, by=self.reader, now=clock.now())
        return Response(SurveyOutput(survey, context={"request": request}).data)
