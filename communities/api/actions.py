"""Actions over the API: agreeing one, correcting it, handing it over, and saying how it went."""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.doing_serializers import (
    AgreeActionInput,
    AnswerActionInput,
    EditActionInput,
    HandOverActionInput,
)
from communities.api.filters import ActionFilter
from communities.api.problems import said_in
from communities.api.serializers import ActionOutput
from communities.api.views import people_by_membership, reader
from communities.forms.actions import HELP, NOT_MINE
from communities.models import Action, Community
from communities.permissions import SENTENCES, Permission, may_answer
from communities.services.promises.action_help import ask_for_help, disown_action
from communities.services.promises.actions import (
    agree_action,
    answer_action,
    edit_action,
    hand_over_action,
    own_person,
    reopen_action,
)
from cop_portal.accounts.access import require
from cop_portal.api.preconditions import etag, expected_version
from cop_portal.installation import clock


class _Actions(GenericAPIView[Action]):
    serializer_class: Any = ActionOutput

    def get_queryset(self) -> QuerySet[Action]:
        if getattr(self, "swagger_fake_view", False):
            return Action.objects.none()
        return Action.objects.visible_to(reader(self.request)).select_related("community", "owner__user")

    def answer(self, action: Action, status_code: int = status.HTTP_200_OK) -> Response:
        """An action as it stands now, with its version."""
        found = self.get_queryset().get(pk=action.pk)
        body = ActionOutput(found, context={"request": self.request}).data
        return Response(body, status=status_code, headers={"ETag": etag(found.version)})


class ActionList(_Actions, ListAPIView[Action]):
    """What members of the communities you can see said they would do, those due first on top; and agreeing one."""

    signed_in = True
    filterset_class = ActionFilter
    ordering = ("due_on", "pk")

    @extend_schema(request=AgreeActionInput, responses={201: ActionOutput})
    def post(self, request: Request) -> Response:
        """Agrees an action between two sessions: with any member for those who run the community, else your own."""
        said = said_in(request, AgreeActionInput)
        community = get_object_or_404(Community.objects.visible_to(reader(request)), slug=said.pop("community"))
        owner_id = said.pop("owner")
        is_plain_own = owner_id is None and not said["is_private"]
        require(reader(request), Permission.TAKE_ACTION if is_plain_own else Permission.AGREE_ACTION, community)
        owner = (
            own_person(reader(request))
            if owner_id is None
            else people_by_membership(community, {"owner": owner_id})["owner"]
        )
        action = agree_action(
            community=community, owner=owner, agreed_on=clock.today(), by=reader(request), now=clock.now(), **said
        )
        return self.answer(action, status.HTTP_201_CREATED)


class ActionDetail(_Actions, RetrieveAPIView[Action]):
    """One action."""

    signed_in = True

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object())

    @extend_schema(request=EditActionInput, responses={200: ActionOutput})
    def patch(self, request: Request, pk: int) -> Response:
        """Corrects an open action. Send the version you read as If-Match."""
        action = self.get_object()
        require(reader(request), Permission.EDIT_ACTION, action)
        version, said = expected_version(request), said_in(request, EditActionInput)
        if "owner" in said:
            said["owner"] = people_by_membership(action.community, {"owner": said["owner"]})["owner"]
        as_it_is = {name: getattr(action, name) for name in ("text", "owner", "due_on", "is_private")}
        changed = edit_action(
            action=action, version=version, by=reader(request), now=clock.now(), **{**as_it_is, **said}
        )
        return self.answer(changed)


class OnAction(_Actions):
    """A step for the owner of an action, and for those who run its community."""

    permission: ClassVar[str] = Permission.ANSWER_OWN_ACTION

    @cached_property
    def action_asked_for(self) -> Action:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def permission_object(self) -> Action:
        action = self.action_asked_for
        user = reader(self.request)
        if user.has_perm(self.permission, action) and not may_answer(user, action):
            raise PermissionDenied(SENTENCES[Permission.ANSWER_OWN_ACTION])
        return action

    @property
    def actor(self) -> dict[str, Any]:
        return {"action": self.action_asked_for, "by": reader(self.request), "now": clock.now()}


class AnswerAction(OnAction):
    """How it went: done, dropped, handed over; or that help is needed, or that it is not yours."""

    serializer_class = AnswerActionInput

    @extend_schema(request=AnswerActionInput, responses={200: ActionOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Says how it went. “help” opens a problem; “not_mine” tells the facilitators; the action then stays open."""
        said = said_in(request, AnswerActionInput)
        if said["state"] == HELP:
            ask_for_help(words=said["words"], **self.actor)
        elif said["state"] == NOT_MINE:
            disown_action(**self.actor)
        else:
            answer_action(state=said["state"], **self.actor)
        return self.answer(self.action_asked_for)


class HandOverAction(OnAction):
    """Another member takes it on."""

    serializer_class = HandOverActionInput

    @extend_schema(request=HandOverActionInput, responses={201: ActionOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Ends this action and begins the other member's, which is returned."""
        said = said_in(request, HandOverActionInput)
        to = people_by_membership(self.action_asked_for.community, {"owner": said["owner"]})["owner"]
        theirs = hand_over_action(to=to, due_on=said["due_on"], **self.actor)
        return self.answer(theirs, status.HTTP_201_CREATED)


class ReopenAction(OnAction):
    """Takes an answer back."""

    @extend_schema(request=None, responses={200: ActionOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Opens it again. 409 where it is open already, or somebody else has it now."""
        return self.answer(reopen_action(**self.actor))
