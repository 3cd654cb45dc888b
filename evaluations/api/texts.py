"""What members wrote, for a second reader, over the API. The rules and the words are those of the pages."""

from typing import Any, ClassVar, cast
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.problems import said_in
from cop_portal.accounts.models import User
from cop_portal.installation import clock
from evaluations.models import Survey
from evaluations.permissions import Permission
from evaluations.services.results import text_review
from evaluations.services.results.text_review import Pile, ReadText

TEXT_STATES = [("waiting", "Waits to be read"), ("released", "Released"), ("withheld", "Withheld")]


class TextPileOutput(serializers.Serializer[Any]):
    survey = serializers.IntegerField(source="survey.pk")
    community = serializers.CharField(source="survey.community.slug")
    title = serializers.CharField(source="survey.version.title")
    closed_at = serializers.DateTimeField(source="survey.closed_at")
    waiting = serializers.IntegerField()
    unshown = serializers.IntegerField(help_text="Read and released, and not shown yet.")
    late_from = serializers.DateField()
    originals_go_on = serializers.DateField()


class FlagOutput(serializers.Serializer[Any]):
    kind = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()


class TextToReadOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="pk")
    question = serializers.CharField(source="item_code")
    text = serializers.CharField()
    redacted = serializers.CharField()
    state = serializers.ChoiceField(choices=TEXT_STATES)
    is_shown = serializers.BooleanField()
    flags = FlagOutput(many=True)


class ReleaseTextInput(serializers.Serializer[Any]):
    redacted = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=20_000,
        help_text="The text with words taken out; left out or empty: as it was written.",
    )


class _ForReader(GenericAPIView[Survey]):
    permission: ClassVar[str] = Permission.REVIEW_TEXTS
    queryset = Survey.objects.none()

    @property
    def reader(self) -> User:
        return cast("User", self.request.user)


class TextPiles(_ForReader):
    """Surveys with texts that you may read before they are shown, the longest closed first."""

    serializer_class = TextPileOutput

    @extend_schema(responses={200: TextPileOutput(many=True)})
    def get(self, request: Request) -> Response:
        piles: list[Pile] = text_review.piles(by=self.reader)
        return Response(TextPileOutput(piles, many=True).data)


class OfTexts(_ForReader):
    @cached_property
    def survey(self) -> Survey:
        surveys = Survey.objects.visible_to(self.reader).closed()
        related = surveys.select_related("community", "version", "release", "pseudonym_key")
        return get_object_or_404(related, pk=self.kwargs["pk"])

    def texts(self) -> Response:
        found: list[ReadText] = text_review.texts_to_read(survey=self.survey, by=self.reader)
        return Response(TextToReadOutput(found, many=True).data)

    def act(self, verb: Any, text: UUID, **said: Any) -> Response:
        try:
            verb(survey=self.survey, text=text, by=self.reader, now=clock.now(), **said)
        except ObjectDoesNotExist:
            raise Http404 from None
        return self.texts()


class TextsToRead(OfTexts):
    """The texts of one closed survey that can come to be shown, with what to look at in each."""

    serializer_class = TextToReadOutput

    @extend_schema(responses={200: TextToReadOutput(many=True)})
    def get(self, request: Request, pk: int) -> Response:
        """What was written in one survey, in no particular order. 403 for who is in the community or was asked."""
        return self.texts()


class ShowTexts(OfTexts):
    """Shows what was released, once all has been read."""

    @extend_schema(request=None, responses={200: TextToReadOutput(many=True)})
    def post(self, request: Request, pk: int) -> Response:
        """Shows the released texts with the results. 409 while some wait to be read, or where there are none."""
        text_review.show_texts(survey=self.survey, by=self.reader, now=clock.now())
        return self.texts()


class ReleaseText(OfTexts):
    """One text may be shown: as it was written, or with words taken out."""

    @extend_schema(request=ReleaseTextInput, responses={200: TextToReadOutput(many=True)})
    def post(self, request: Request, pk: int, text: UUID) -> Response:
        """Releases a text, whole or with words left out. 409 where it has been decided on."""
        return self.act(text_review.release_text, text, **said_in(request, ReleaseTextInput))


class WithholdText(OfTexts):
    """One text is not shown."""

    @extend_schema(request=None, responses={200: TextToReadOutput(many=True)})
    def post(self, request: Request, pk: int, text: UUID) -> Response:
        """Keeps a text from being shown. 409 where it has been decided on."""
        return self.act(text_review.withhold_text, text)


class TakeDecisionBack(OfTexts):
    """One text waits again."""

    @extend_schema(request=None, responses={200: TextToReadOutput(many=True)})
    def post(self, request: Request, pk: int, text: UUID) -> Response:
        """Takes the decision about a text back. 409 where it waits, or is shown already."""
        return self.act(text_review.take_decision_back, text)


class WithdrawText(OfTexts):
    """One text that is shown is shown no longer."""

    @extend_schema(request=None, responses={200: TextToReadOutput(many=True)})
    def post(self, request: Request, pk: int, text: UUID) -> Response:
        """Takes a shown text out of the results. It cannot be undone. 409 where it is not shown."""
        return self.act(text_review.withdraw_text, text)
