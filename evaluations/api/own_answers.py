"""One's own answers, and the keys to pseudonyms, over the API. The rules and the words are those of the pages."""

from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from communities.models import Person
from cop_portal.accounts.models import User
from cop_portal.api.preconditions import IF_MATCH, etag, expected_version
from cop_portal.installation import clock
from evaluations.models import PseudonymKey, Survey
from evaluations.permissions import Permission
from evaluations.services.answers.own_answers import (
    OwnAnswers,
    correct_own_answers,
    erase_own_answers,
    found_in,
    own_answers,
    surveys_with_own_answers,
)
from evaluations.services.keys.pseudonym_keys import hold_key, lift_key_hold


class OwnAnswersSurveyOutput(serializers.ModelSerializer[Survey]):
    """A confidential survey in which your answers can still be told to be yours, and until when."""

    survey = serializers.IntegerField(source="pk")
    community = serializers.CharField(source="community.slug")
    title = serializers.CharField(source="version.title")
    key_ends_on = serializers.DateField(source="pseudonym_key.ends_on")
    is_on_hold = serializers.SerializerMethodField(
        help_text="A legal hold keeps the key, and your answers as they are."
    )

    is_withheld = serializers.BooleanField(
        help_text="Two records were made one after it was asked, so the answers are neither shown nor changed."
    )

    class Meta:
        model = Survey
        fields = ("survey", "community", "title", "opened_at", "closed_at", "key_ends_on", "is_on_hold", "is_withheld")

    def get_is_on_hold(self, survey: Survey) -> bool:
        return bool(survey.pseudonym_key and survey.pseudonym_key.held_because)


class OwnAnswersInput(serializers.Serializer[Any]):
    """All answers as they should stand, by the code of the question."""

    answers = serializers.DictField(child=serializers.JSONField(), help_text='Such as {"M1": "4", "M5": ["1", "7"]}.')


class OwnAnswersOutput(OwnAnswersSurveyOutput):
    answers = serializers.SerializerMethodField()

    class Meta:
        model = Survey
        fields = (*OwnAnswersSurveyOutput.Meta.fields, "answers")

    @extend_schema_field(serializers.DictField(child=serializers.JSONField()))
    def get_answers(self, survey: Survey) -> dict[str, Any]:
        return cast("OwnAnswers", self.context["mine"]).answers


class _Mine(GenericAPIView[Survey]):
    signed_in = True

    @property
    def me(self) -> User:
        return cast("User", self.request.user)

    @cached_property
    def person(self) -> Person:
        return get_object_or_404(Person, user=self.me)


class OwnAnswersList(_Mine, ListAPIView[Survey]):
    """The confidential surveys you answered, from their close until the key ends, the newest first."""

    serializer_class = OwnAnswersSurveyOutput
    ordering = ("-opened_at", "-pk")

    def get_queryset(self) -> QuerySet[Survey]:
        if getattr(self, "swagger_fake_view", False):
            return Survey.objects.none()
        person = Person.objects.filter(user=self.me).first()
        return surveys_with_own_answers(person) if person else Survey.objects.none()


class OwnAnswersDetail(_Mine):
    """What you answered in one confidential survey. Nothing notes that you read, corrected or erased it."""

    serializer_class = OwnAnswersOutput
    # A write is not kept under a key: it can be repeated as it is.
    runs_own_transactions: ClassVar[bool] = True

    @extend_schema(responses=OwnAnswersOutput)
    def get(self, request: Request, pk: int) -> Response:
        return self.answer(own_answers(self.person, pk))

    @extend_schema(parameters=[IF_MATCH], request=OwnAnswersInput, responses=OwnAnswersOutput)
    def put(self, request: Request, pk: int) -> Response:
        """Corrects your answers to one survey. What has been shown stays as it is."""
        given = OwnAnswersInput(data=request.data)
        given.is_valid(raise_exception=True)
        corrected = correct_own_answers(
            survey=own_answers(self.person, pk).survey,
            answers=given.validated_data["answers"],
            seen=expected_version(request),
            by=self.me,
        )
        return self.answer(corrected)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Erases your answers to one survey for good. What has been shown stays as it is."""
        erase_own_answers(survey=found_in(self.person, pk).survey, by=self.me, now=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def answer(self, mine: OwnAnswers) -> Response:
        content = OwnAnswersOutput(mine.survey, context={"mine": mine}).data
        return Response(content, headers={"ETag": etag(mine.version), "Cache-Control": "no-store"})


class PseudonymKeyOutput(serializers.ModelSerializer[PseudonymKey]):
    community = serializers.CharField(source="community.slug")
    instrument = serializers.CharField(source="instrument.code")

    class Meta:
        model = PseudonymKey
        fields = ("id", "community", "instrument", "made_at", "ends_on", "destroyed_at", "held_because", "held_at",
                  "delayed_since")  # fmt: skip


class HoldKeyInput(serializers.Serializer[Any]):
    because = serializers.CharField(max_length=300, help_text="The people asked under the key can read this.")


class _Keys(GenericAPIView[PseudonymKey]):
    permission: ClassVar[str] = Permission.HOLD_PSEUDONYM_KEYS
    serializer_class = PseudonymKeyOutput

    def get_queryset(self) -> QuerySet[PseudonymKey]:
        return PseudonymKey.objects.select_related("community", "instrument")

    @property
    def by(self) -> User:
        return cast("User", self.request.user)


class PseudonymKeyList(_Keys, ListAPIView[PseudonymKey]):
    """The keys to pseudonyms of confidential surveys, the newest first. Never the keys themselves."""

    ordering = ("-made_at", "-pk")


class HoldPseudonymKey(_Keys):
    """A legal hold: the key is not destroyed on its day."""

    @extend_schema(request=HoldKeyInput, responses={200: PseudonymKeyOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Keeps a key past its day, by a legal hold. If the day passes, everyone asked under the key is told why."""
        given = HoldKeyInput(data=request.data)
        given.is_valid(raise_exception=True)
        key = get_object_or_404(self.get_queryset(), pk=pk)
        held = hold_key(key=key, because=given.validated_data["because"], by=self.by, now=clock.now())
        return Response(PseudonymKeyOutput(held).data)


class LiftPseudonymKeyHold(_Keys):
    """The end of a legal hold on a key."""

    @extend_schema(request=None, responses={200: PseudonymKeyOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Lifts the legal hold of a key. One whose day has passed is destroyed within the hour."""
        key = get_object_or_404(self.get_queryset(), pk=pk)
        return Response(PseudonymKeyOutput(lift_key_hold(key=key, by=self.by, now=clock.now())).data)
