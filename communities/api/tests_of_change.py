"""Tests of change over the API: logging and correcting them, their measures, and where they were adopted."""

from dataclasses import fields
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.doing_serializers import (
    EditTestOfChangeInput,
    LogTestOfChangeInput,
    NoteAdoptionInput,
    NoteMeasuresInput,
    TestOfChangeDetailOutput,
    TestOfChangeOutput,
)
from communities.api.filters import TestOfChangeFilter
from communities.api.problems import own_rows, said_in
from communities.api.views import reader
from communities.models import Adoption, Community, Measure, Organisation, TestOfChange
from communities.permissions import SENTENCES, Permission, may_edit_test
from communities.run_charts import Point, read
from communities.services.promises.tests_of_change import (
    Cycle,
    NewMeasure,
    edit_test_of_change,
    log_test_of_change,
    note_adoption,
    note_measures,
    remove_adoption,
    remove_measure,
)
from cop_portal.accounts.access import require
from cop_portal.api.preconditions import etag, expected_version
from cop_portal.installation import clock


class _Tests(GenericAPIView[TestOfChange]):
    serializer_class: Any = TestOfChangeOutput

    def get_queryset(self) -> QuerySet[TestOfChange]:
        if getattr(self, "swagger_fake_view", False):
            return TestOfChange.objects.none()
        seen = TestOfChange.objects.visible_to(reader(self.request))
        return seen.with_adoption_count().select_related("community")

    def answer(self, test: TestOfChange, status_code: int = status.HTTP_200_OK) -> Response:
        """A test of change as it stands now, in full, with its version: three queries."""
        adopted = Adoption.objects.select_related("organisation", "community").oldest_first()
        whole = self.get_queryset().prefetch_related(
            Prefetch("measures", queryset=Measure.objects.oldest_first()), Prefetch("adoptions", queryset=adopted)
        )
        found: Any = whole.get(pk=test.pk)
        points = [Point(measure.on, measure.value) for measure in found.measures.all()]
        found.run_chart = read(points, began_on=found.started_on)
        body = TestOfChangeDetailOutput(found).data
        return Response(body, status=status_code, headers={"ETag": etag(found.version)})


class TestOfChangeList(_Tests, ListAPIView[TestOfChange]):
    """What the communities you can see tried, those that began last on top; and logging a test of change."""

    __test__ = False

    signed_in = True
    filterset_class = TestOfChangeFilter
    ordering = ("-started_on", "-pk")

    @extend_schema(request=LogTestOfChangeInput, responses={201: TestOfChangeDetailOutput})
    def post(self, request: Request) -> Response:
        """Logs a test of change: a line and a day are enough."""
        said = said_in(request, LogTestOfChangeInput)
        community = get_object_or_404(Community.objects.visible_to(reader(request)), slug=said.pop("community"))
        require(reader(request), Permission.LOG_TEST_OF_CHANGE, community)
        after = said.pop("cycle_before")
        before = own_rows(TestOfChange, community, "cycle_before", [after])[0] if after is not None else None
        test = log_test_of_change(
            community=community, cycle=Cycle(**said), cycle_before=before, by=reader(request), now=clock.now()
        )
        return self.answer(test, status.HTTP_201_CREATED)


class OnTest(_Tests):
    """A step for whoever logged a test of change, and for those who run its community."""

    permission: ClassVar[str] = Permission.EDIT_OWN_TEST_OF_CHANGE

    @cached_property
    def test(self) -> TestOfChange:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def permission_object(self) -> TestOfChange:
        refuse_others(reader(self.request), self.test)
        return self.test

    @property
    def actor(self) -> dict[str, Any]:
        return {"by": reader(self.request), "now": clock.now()}


def refuse_others(user: Any, test: TestOfChange) -> None:
    """403 with a sentence for members who did not log it."""
    if user.has_perm(Permission.EDIT_OWN_TEST_OF_CHANGE, test) and not may_edit_test(user, test):
        raise PermissionDenied(SENTENCES[Permission.EDIT_OWN_TEST_OF_CHANGE])


class TestOfChangeDetail(_Tests, RetrieveAPIView[TestOfChange]):
    """One test of change, with what was measured, what that says, and where it was adopted."""

    __test__ = False

    signed_in = True
    serializer_class = TestOfChangeDetailOutput

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object())

    @extend_schema(request=EditTestOfChangeInput, responses={200: TestOfChangeDetailOutput})
    def patch(self, request: Request, pk: int) -> Response:
        """Corrects it, or says what became of it. Send the version you read as If-Match."""
        test = self.get_object()
        refuse_others(reader(request), test)
        require(reader(request), Permission.EDIT_OWN_TEST_OF_CHANGE, test)
        version, said = expected_version(request), said_in(request, EditTestOfChangeInput)
        as_it_is = {field.name: getattr(test, field.name) for field in fields(Cycle)}
        cycle = Cycle(**{**as_it_is, **said})
        changed = edit_test_of_change(test=test, version=version, cycle=cycle, by=reader(request), now=clock.now())
        return self.answer(changed)


class NoteMeasures(OnTest):
    """Adds values to the repeated measure."""

    serializer_class = NoteMeasuresInput

    @extend_schema(request=NoteMeasuresInput, responses={201: TestOfChangeDetailOutput})
    def post(self, request: Request, pk: int) -> Response:
        """All of them or, if one is refused, none."""
        measures = [NewMeasure(**new) for new in said_in(request, NoteMeasuresInput)["measures"]]
        note_measures(test=self.test, measures=measures, **self.actor)
        return self.answer(self.test, status.HTTP_201_CREATED)


class RemoveMeasure(OnTest):
    """Takes a value out."""

    @extend_schema(request=None, responses={200: TestOfChangeDetailOutput})
    def delete(self, request: Request, pk: int, measure: int) -> Response:
        """Removes it."""
        found = get_object_or_404(Measure.objects.filter(test=self.test).select_related("test__community"), pk=measure)
        remove_measure(measure=found, **self.actor)
        return self.answer(self.test)


class NoteAdoption(OnTest):
    """Where it was adopted, and whom they had it from."""

    serializer_class = NoteAdoptionInput

    @extend_schema(request=NoteAdoptionInput, responses={201: TestOfChangeDetailOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Notes one place elsewhere."""
        said = said_in(request, NoteAdoptionInput)
        rows: dict[str, QuerySet[Any]] = {
            "organisation": Organisation.objects.all(),
            "came_from": Adoption.objects.filter(test=self.test).select_related("organisation", "community"),
        }
        for name, queryset in rows.items():
            said[name] = _one_of(queryset, name, pk=said[name])
        communities = Community.objects.visible_to(reader(request))
        said["community"] = _one_of(communities, "community", slug=said["community"])
        note_adoption(test=self.test, **said, **self.actor)
        return self.answer(self.test, status.HTTP_201_CREATED)


def _one_of(queryset: QuerySet[Any], name: str, **wanted: Any) -> Any:
    """The row that a field names; None where it names none. Refuses what is not there."""
    if None in wanted.values():
        return None
    found = queryset.filter(**wanted).first()
    if found is None:
        raise exceptions.ValidationError({name: ["There is none of this kind that you can see."]}, code="not_found")
    return found


class RemoveAdoption(OnTest):
    """Takes an adoption back that was recorded by mistake."""

    @extend_schema(request=None, responses={200: TestOfChangeDetailOutput})
    def delete(self, request: Request, pk: int, adoption: int) -> Response:
        """Removes it. 409 where others had it from there."""
        adopted = Adoption.objects.filter(test=self.test).select_related("test__community")
        remove_adoption(adoption=get_object_or_404(adopted, pk=adoption), **self.actor)
        return self.answer(self.test)
