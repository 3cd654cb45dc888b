"""Surveys: which there are, opening one, closing one. The rules and the words are those of the pages."""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.filters import LARGEST_ID
from communities.models import Community
from cop_portal.accounts.models import User
from cop_portal.installation import clock
from evaluations.api.serializers import CloseSurveyInput, OpenSurveyInput, SurveyOutput
from evaluations.forms.surveys import end_of
from evaluations.models import InstrumentVersion, PrivacyMode, Survey
from evaluations.permissions import Permission
from evaluations.services.closing.closing import close_survey
from evaluations.services.surveys.opening import open_survey


class SurveyFilter(filters.FilterSet):
    community = filters.CharFilter(field_name="community__slug", help_text="The community with this slug.")
    instrument = filters.CharFilter(
        field_name="version__instrument__code", help_text="The questionnaire with this code."
    )
    session = filters.NumberFilter(help_text="The pulse of this session.", max_value=LARGEST_ID, min_value=1)
    state = filters.ChoiceFilter(choices=Survey.State.choices)
    mode = filters.ChoiceFilter(choices=PrivacyMode.choices)

    class Meta:
        model = Survey
        fields = ("community", "instrument", "session", "state", "mode")


class ForReader(GenericAPIView[Survey]):
    @property
    def reader(self) -> User:
        """Who asks. Nobody comes this far without having said who they are."""
        return cast("User", self.request.user)


class VisibleSurveys(ForReader):
    serializer_class = SurveyOutput

    def get_queryset(self) -> QuerySet[Survey]:
        if getattr(self, "swagger_fake_view", False):
            return Survey.objects.none()
        return Survey.objects.visible_to(self.reader).select_related("community", "version__instrument")


class SurveyList(VisibleSurveys, ListAPIView[Survey]):
    """Surveys of the communities you can see, the newest first."""

    signed_in = True
    filterset_class = SurveyFilter
    ordering = ("-opened_at", "-pk")


class OneSurvey(VisibleSurveys):
    """Something about one survey: `self.survey`, or 404."""

    @cached_property
    def survey(self) -> Survey:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def permission_object(self) -> Survey:
        return self.survey


class SurveyDetail(OneSurvey, RetrieveAPIView[Survey]):
    """One survey."""

    permission: ClassVar[str] = Permission.SEE_SURVEYS

    def get_object(self) -> Survey:
        return self.survey


class OfCommunity(ForReader):
    """Something about asking one community: `self.community`, or 404."""

    @cached_property
    def community(self) -> Community:
        return get_object_or_404(Community.objects.visible_to(self.reader), slug=self.kwargs["slug"])

    def permission_object(self) -> Community:
        return self.community


class OpenSurvey(OfCommunity):
    """Puts a questionnaire to a community. Mail goes to its members at the next times that mail may go."""

    permission: ClassVar[str] = Permission.OPEN_SURVEY
    serializer_class = OpenSurveyInput

    @extend_schema(request=OpenSurveyInput, responses={201: SurveyOutput})
    def post(self, request: Request, slug: str) -> Response:
        asked = OpenSurveyInput(data=request.data)
        asked.is_valid(raise_exception=True)
        asking = asking_of(asked.validated_data)
        survey = open_survey(community=self.community, by=self.reader, now=clock.now(), **asking)
        return Response(SurveyOutput(survey, context={"request": request}).data, status=status.HTTP_201_CREATED)


class CloseSurvey(OneSurvey):
    """Closes a survey before its last day. It cannot be opened again."""

    permission: ClassVar[str] = Permission.CLOSE_SURVEY
    runs_own_transactions: ClassVar[bool] = True

    @extend_schema(request=CloseSurveyInput, responses={200: SurveyOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Closes a survey before its last day, or extends it once where too few have answered to show anything."""
        asked = CloseSurveyInput(data=request.data)
        asked.is_valid(raise_exception=True)
        survey = close_survey(survey=self.survey, by=self.reader, now=clock.now(), **asked.validated_data)
        return Response(SurveyOutput(survey, context={"request": request}).data)


def asking_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent in the shape of OpenSurveyInput, as the services take it."""
    version = version_asked_for(instrument=data["instrument"], version=data.get("version"))
    return {
        "version": version,
        "mode": PrivacyMode(data.get("mode", version.default_privacy)),
        "closes_at": end_of(data["closes_on"]),
        "reminder_days": data.get("reminder_days", version.reminder_days),
        "breakdown": data["breakdown"],
        "shared_with": data["shared_with"],
    }


def version_asked_for(*, instrument: str, version: int | None = None) -> InstrumentVersion:
    """The version of that number, published or not (the service refuses a draft), or else the newest published one."""
    found: Any = InstrumentVersion.objects.filter(instrument__code=instrument)
    found = found.filter(number=version) if version else found.published().order_by("-number")
    chosen: InstrumentVersion | None = found.first()
    if chosen is None:
        raise exceptions.ValidationError(
            {"instrument": ["There is no such questionnaire."]}, code="unknown_questionnaire"
        )
    return chosen
