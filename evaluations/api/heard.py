"""Sharing results with members, and what came of them, over the API. The rules and the words are those of the pages."""

from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.problems import said_in
from cop_portal.api.preconditions import IF_MATCH, etag, expected_version
from cop_portal.installation import clock
from evaluations.api.serializers import SurveyOutput
from evaluations.api.surveys import OneSurvey
from evaluations.models import Heard
from evaluations.permissions import Permission, require_results
from evaluations.services.results.sharing import (
    HeardWords,
    offered_actions,
    offered_escalations,
    share_results,
    stop_sharing,
    write_heard,
)


class HeardOutput(serializers.ModelSerializer[Heard]):
    """What came of a survey: the actions and escalations are those that every member can read."""

    actions = serializers.SerializerMethodField()
    escalations = serializers.SerializerMethodField()

    class Meta:
        model = Heard
        fields = ("survey", "you_said", "we_heard", "we_did", "actions", "escalations", "written_at", "version")

    def get_actions(self, heard: Heard) -> list[int]:
        return list(heard.actions.filter(is_private=False).order_by("pk").values_list("pk", flat=True))

    def get_escalations(self, heard: Heard) -> list[int]:
        return list(heard.escalations.filter(problem__is_private=False).order_by("pk").values_list("pk", flat=True))


class WriteHeardInput(serializers.Serializer[Any]):
    you_said = serializers.CharField(max_length=2000)
    we_heard = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    we_did = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    actions = serializers.ListField(
        child=serializers.IntegerField(), required=False, help_text="Actions agreed since the survey opened."
    )
    escalations = serializers.ListField(
        child=serializers.IntegerField(), required=False, help_text="Escalations since the survey opened."
    )


class ShareResults(OneSurvey):
    """Lets members read the results of a closed survey."""

    permission: ClassVar[str] = Permission.SHARE_RESULTS

    @extend_schema(request=None, responses={200: SurveyOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Shares the results with members. Those asked are told by mail, once. 409 where they are, or it is open."""
        survey = share_results(survey=self.survey, by=self.reader, now=clock.now())
        return Response(SurveyOutput(survey, context={"request": request}).data)


class StopSharing(OneSurvey):
    """Takes the sharing of results back."""

    permission: ClassVar[str] = Permission.SHARE_RESULTS

    @extend_schema(request=None, responses={200: SurveyOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Stops sharing the results: members cannot read them any more. 409 where they are not shared."""
        survey = stop_sharing(survey=self.survey, by=self.reader, now=clock.now())
        return Response(SurveyOutput(survey, context={"request": request}).data)


class SurveyHeard(OneSurvey):
    """You said, we heard, we did."""

    serializer_class = HeardOutput  # type: ignore[assignment]

    @property
    def permission(self) -> str:
        is_read = self.request.method in ("GET", "HEAD", "OPTIONS")
        return Permission.SEE_SHARED_RESULTS if is_read else Permission.SHARE_RESULTS

    @extend_schema(responses={200: HeardOutput})
    def get(self, request: Request, pk: int) -> Response:
        """What came of a survey; 404 while nothing has been written. Members read it once results are shared."""
        require_results(self.reader, self.survey)
        heard = Heard.objects.filter(survey=self.survey).first()
        if heard is None:
            raise Http404
        return _answer(heard)

    @extend_schema(request=WriteHeardInput, responses={201: HeardOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Writes what came of a survey, for the first time. 409 where it has been written."""
        heard = self.write(request, version=0)
        return _answer(heard, status.HTTP_201_CREATED)

    @extend_schema(parameters=[IF_MATCH], request=WriteHeardInput, responses={200: HeardOutput})
    def put(self, request: Request, pk: int) -> Response:
        """Changes what was written of what came of a survey. Send the version you read as If-Match."""
        return _answer(self.write(request, version=expected_version(request)))

    def write(self, request: Request, *, version: int) -> Heard:
        said = said_in(request, WriteHeardInput)
        words = HeardWords(
            you_said=said["you_said"],
            we_heard=said.get("we_heard", ""),
            we_did=said.get("we_did", ""),
            actions=_offered(offered_actions(self.survey), said.get("actions", []), "actions"),
            escalations=_offered(offered_escalations(self.survey), said.get("escalations", []), "escalations"),
        )
        return write_heard(survey=self.survey, version=version, words=words, by=self.reader, now=clock.now())


def _answer(heard: Heard, status_code: int = status.HTTP_200_OK) -> Response:
    return Response(HeardOutput(heard).data, status=status_code, headers={"ETag": etag(heard.version)})


def _offered(offered: Any, keys: list[int], field: str) -> list[Any]:
    by_key = {one.pk: one for one in offered}
    if unknown := sorted(set(keys) - by_key.keys()):
        raise serializers.ValidationError({field: [f"There is none with the number {unknown[0]} to choose."]})
    return [by_key[key] for key in dict.fromkeys(keys)]
