"""Before a survey is opened: who would be asked; and when a community is asked next."""

from dataclasses import asdict
from typing import Any, ClassVar

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from communities.models import Community
from cop_portal.installation import clock
from evaluations.api.serializers import OpenSurveyInput
from evaluations.api.surveys import OfCommunity, asking_of
from evaluations.dashboards.wave_plan import wave_plan
from evaluations.permissions import Permission
from evaluations.services.surveys.opening import OpeningPreview, preview_survey


class WouldBeAskedOutput(serializers.Serializer[Any]):
    person = serializers.CharField()
    first_mail_at = serializers.DateTimeField(help_text="Later for those of whom something else is asked that week.")


class WouldNotBeAskedOutput(serializers.Serializer[Any]):
    person = serializers.CharField()
    why = serializers.CharField()


class OpeningPreviewOutput(serializers.Serializer[Any]):
    asked = WouldBeAskedOutput(many=True)
    not_asked = WouldNotBeAskedOutput(many=True)
    warning = serializers.CharField(help_text="What to know before opening; usually empty.")


class PreviewSurvey(OfCommunity):
    """Who would be asked and when, and who would not and why. Stores nothing, and refuses what opening would refuse."""

    permission: ClassVar[str] = Permission.OPEN_SURVEY
    serializer_class = OpenSurveyInput

    @extend_schema(request=OpenSurveyInput, responses=OpeningPreviewOutput)
    def post(self, request: Request, slug: str) -> Response:
        asked = OpenSurveyInput(data=request.data)
        asked.is_valid(raise_exception=True)
        asking = asking_of(asked.validated_data)
        del asking["shared_with"]
        preview, _ = preview_survey(community=self.community, now=clock.now(), **asking)
        return Response(OpeningPreviewOutput(written(preview)).data)


def written(preview: OpeningPreview) -> dict[str, Any]:
    return {
        "asked": [{"person": one.person.name, "first_mail_at": one.first_mail_at} for one in preview.asked],
        "not_asked": [{"person": one.person.name, "why": one.why} for one in preview.not_asked],
        "warning": preview.warning,
    }


class WavePlanOutput(serializers.Serializer[Any]):
    asked = serializers.ListField(child=serializers.CharField(), help_text="What was asked when, in words.")
    next = serializers.CharField(help_text="Which questions are next, and from when on; empty while not active.")
    instrument = serializers.CharField(help_text="The questionnaire to open next; empty while one of the two is open.")
    is_due = serializers.BooleanField()


class WavePlan(OfCommunity):
    """The full questions once a year, the core ones half-yearly between: what was asked, and what is due."""

    permission: ClassVar[str] = Permission.SEE_SURVEYS

    @extend_schema(responses=WavePlanOutput)
    def get(self, request: Request, slug: str) -> Response:
        if self.community.state != Community.State.ACTIVE:
            nothing = {"asked": [], "next": "", "instrument": "", "is_due": False}
            return Response(WavePlanOutput(nothing).data)
        codes = [settings.FULL_QUESTIONNAIRE, settings.CORE_QUESTIONNAIRE]
        surveys = self.community.surveys.filter(version__instrument__code__in=codes).order_by("pk")
        plan = wave_plan(surveys.select_related("version__instrument"), clock.today())
        return Response(WavePlanOutput({**asdict(plan), "instrument": plan.code}).data)
