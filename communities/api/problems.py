"""Problems over the API: the register, one problem and its trail, and every step of its way."""

from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from communities.api.filters import ProblemFilter
from communities.api.problem_serializers import (
    EditProblemInput,
    LinkProblemInput,
    LocateProblemInput,
    MoveProblemInput,
    NetworkProblemsOutput,
    ProblemDetailOutput,
    ProblemOutput,
    RaiseProblemInput,
    SettleProblemInput,
)
from communities.api.views import reader
from communities.models import Action, Community, Escalation, Problem, Session, TestOfChange
from communities.permissions import Permission
from communities.reach import RULES, figures_by_lever
from communities.services.problems.register import (
    declare_beyond_reach,
    edit_problem,
    link_problem,
    locate_problem,
    raise_problem,
    settle_problem,
    start_work,
)
from cop_portal.accounts.access import require
from cop_portal.accounts.models import User
from cop_portal.api.preconditions import etag, expected_version
from cop_portal.installation import clock

EDITABLE = ("title", "detail", "since_on", "is_private")


def said_in(request: Request, shape: type[Serializer[Any]]) -> dict[str, Any]:
    """The body of a request, checked for shape."""
    said = shape(data=request.data)
    said.is_valid(raise_exception=True)
    return dict(said.validated_data)


def whole(problems: QuerySet[Problem], user: User) -> QuerySet[Problem]:
    """With the trail, whom it was put to and what belongs to it: one query for each kind of row."""
    asked = Escalation.objects.oldest_first().select_related("problem__community", "lever_holder__organisation")
    return problems.prefetch_related(
        "steps",
        Prefetch("escalations", queryset=asked),
        Prefetch("sessions", queryset=Session.objects.visible_to(user).order_by("starts_at", "pk")),
        Prefetch("actions", queryset=Action.objects.visible_to(user).order_by("pk")),
        Prefetch("tests_of_change", queryset=TestOfChange.objects.visible_to(user).order_by("pk")),
    )


class _Problems(GenericAPIView[Problem]):
    serializer_class: Any = ProblemOutput

    def get_queryset(self) -> QuerySet[Problem]:
        if getattr(self, "swagger_fake_view", False):
            return Problem.objects.none()
        return Problem.objects.visible_to(reader(self.request)).select_related("community")

    def answer(self, problem: Problem, status_code: int = status.HTTP_200_OK) -> Response:
        """A problem as it stands now, in full, with its version."""
        found = whole(self.get_queryset(), reader(self.request)).get(pk=problem.pk)
        body = ProblemDetailOutput(found, context={"request": self.request}).data
        return Response(body, status=status_code, headers={"ETag": etag(found.version)})


class ProblemList(_Problems, ListAPIView[Problem]):
    """The problems you can see, those that have moved last on top; and raising one."""

    signed_in = True
    filterset_class = ProblemFilter
    ordering = ("-state_since", "-pk")

    @extend_schema(request=RaiseProblemInput, responses={201: ProblemDetailOutput})
    def post(self, request: Request) -> Response:
        """Puts what is in the way on a community's register."""
        said = said_in(request, RaiseProblemInput)
        community = get_object_or_404(Community.objects.visible_to(reader(request)), slug=said.pop("community"))
        require(reader(request), Permission.RAISE_PROBLEM, community)
        at = said.pop("session")
        session = own_rows(Session, community, "session", [at])[0] if at is not None else None
        problem = raise_problem(community=community, session=session, by=reader(request), now=clock.now(), **said)
        return self.answer(problem, status.HTTP_201_CREATED)


def own_rows(model: Any, community: Community, field: str, wanted: list[int]) -> list[Any]:
    """The rows of a community with these ids, in that order. Refuses ids that are none."""
    found = model.objects.filter(community=community).in_bulk(wanted)
    if any(pk not in found for pk in wanted):
        words = f"This is not one of {community.name}."
        raise exceptions.ValidationError({field: [words]}, code="not_of_this_community")
    return [found[pk] for pk in wanted]


class ProblemDetail(_Problems, RetrieveAPIView[Problem]):
    """One problem: its trail with the days in each state, whom it was put to, and what belongs to it."""

    signed_in = True
    serializer_class = ProblemDetailOutput

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object())

    @extend_schema(request=EditProblemInput, responses={200: ProblemDetailOutput})
    def patch(self, request: Request, pk: int) -> Response:
        """Puts right what is said of it. Send the version you read as If-Match."""
        problem = self.get_object()
        require(reader(request), Permission.EDIT_PROBLEM, problem)
        version, said = expected_version(request), said_in(request, EditProblemInput)
        as_it_is = {name: getattr(problem, name) for name in EDITABLE}
        changed = edit_problem(
            problem=problem, version=version, by=reader(request), now=clock.now(), **{**as_it_is, **said}
        )
        return self.answer(changed)


class OnProblem(_Problems):
    """A step that those who run the community take with one problem."""

    permission: ClassVar[str]

    @cached_property
    def problem(self) -> Problem:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def permission_object(self) -> Problem:
        return self.problem

    @property
    def actor(self) -> dict[str, Any]:
        return {"problem": self.problem, "by": reader(self.request), "now": clock.now()}


class LocateProblem(OnProblem):
    """Where the knowledge is that it needs, and who holds the lever."""

    permission = Permission.LOCATE_PROBLEM
    serializer_class = LocateProblemInput

    @extend_schema(request=LocateProblemInput, responses={200: ProblemDetailOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Says where it lies. Send the version you read as If-Match."""
        version = expected_version(request)
        return self.answer(locate_problem(version=version, **said_in(request, LocateProblemInput), **self.actor))


class LinkProblem(OnProblem):
    """At which sessions it was spoken of, and what is done and tried about it."""

    permission = Permission.LINK_PROBLEM
    serializer_class = LinkProblemInput

    @extend_schema(request=LinkProblemInput, responses={200: ProblemDetailOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Links these and no others. Send the version you read as If-Match."""
        version, said = expected_version(request), said_in(request, LinkProblemInput)
        community = self.problem.community
        kinds = {"sessions": Session, "actions": Action, "tests_of_change": TestOfChange}
        rows: dict[str, Any] = {name: own_rows(model, community, name, said[name]) for name, model in kinds.items()}
        return self.answer(link_problem(version=version, **rows, **self.actor))


class MoveProblem(OnProblem):
    """The community works on it, or finds that it is beyond its reach."""

    permission = Permission.MOVE_PROBLEM
    serializer_class = MoveProblemInput

    @extend_schema(request=MoveProblemInput, responses={200: ProblemDetailOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Moves it on. 409 where its state does not allow it."""
        said = said_in(request, MoveProblemInput)
        move = start_work if said["state"] == Problem.State.BEING_WORKED_ON else declare_beyond_reach
        return self.answer(move(note=said["note"], **self.actor))


class SettleProblem(OnProblem):
    """How it ended, and what came of it."""

    permission = Permission.SETTLE_PROBLEM
    serializer_class = SettleProblemInput

    @extend_schema(request=SettleProblemInput, responses={200: ProblemDetailOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Settles it. 409 where its state does not allow it."""
        return self.answer(settle_problem(**said_in(request, SettleProblemInput), **self.actor))


class NetworkProblems(GenericAPIView[Problem]):
    """All communities' problems by who holds the lever: raised, beyond reach, asked, answered, median days."""

    permission: ClassVar[str] = Permission.SEE_NETWORK_PROBLEMS
    serializer_class = NetworkProblemsOutput
    filter_backends = ()
    pagination_class = None

    def get(self, request: Request) -> Response:
        """The figures. The problems themselves: /api/v1/problems/?is_beyond_reach=true."""
        figures = {"by_lever": figures_by_lever(reader(request)), "rules": RULES}
        return Response(NetworkProblemsOutput(figures).data)
