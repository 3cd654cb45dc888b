"""The record of a session over the API: reading and writing it, and its versions. The rules are those of the pages."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.record_serializers import (
    RecordOutput,
    RecordSessionInput,
    RecordVersionOutput,
    RestoreInput,
    SessionDetailOutput,
    VersionDetailOutput,
)
from communities.api.views import OfSessions, people_by_membership, reader
from communities.models import Community, Membership, Person, Session, SessionVersion
from communities.permissions import Permission
from communities.services.promises.actions import NewAction
from communities.services.records.content import LINES, LISTS, Content, as_it_stands, to_json
from communities.services.records.said import NewCommitment, NewDecision, Said
from communities.services.records.words import Names, text
from communities.services.sessions.recording import SessionChangedMeanwhile, record_session, restore_version
from cop_portal.api.preconditions import IF_MATCH, etag, expected_version
from cop_portal.api.problems import CONTENT_TYPE, problem
from cop_portal.installation import clock


class OfOneSession(OfSessions):
    """A step with one session. Not visible is 404, not yours 403."""

    permission: ClassVar[str] = Permission.RECORD_SESSION

    @cached_property
    def session(self) -> Session:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def permission_object(self) -> Session:
        return self.session

    def written(self, session: Session) -> Response:
        answer = self.answer(session)
        answer.headers["ETag"] = etag(session.version)
        return answer


class RecordSession(OfOneSession):
    """What was said of a session, for those who may record it."""

    serializer_class = RecordSessionInput

    @extend_schema(responses={200: RecordOutput})
    def get(self, request: Request, pk: int) -> Response:
        """The record as it stands, to be changed and sent back. ETag is the version to send as If-Match."""
        version, content = as_it_stands(self.session)
        body = {"version": version, **as_told(content, self.session.community)}
        return Response(body, headers={"ETag": etag(version)})

    @extend_schema(request=RecordSessionInput, responses={200: SessionDetailOutput}, parameters=[IF_MATCH])
    def post(self, request: Request, pk: int) -> Response:
        """Records what happened, for the first time or again as a correction.

        Send the version you read as If-Match. What others have saved since is merged with what you send. Where both
        changed the same thing differently, nothing is stored: 412, with `clashes` (what, theirs, yours).
        """
        version = expected_version(request)
        sent = RecordSessionInput(data=request.data)
        sent.is_valid(raise_exception=True)
        said = dict(sent.validated_data)
        answered = {
            "answers": {one["action"]: one["state"] for one in said.pop("answers")},
            "tried": {one["commitment"]: one["state"] for one in said.pop("tried")},
            "verdicts": {one["decision"]: one["verdict"] for one in said.pop("verdicts")},
        }
        words = as_said(said, self.session.community)
        try:
            session = record_session(
                session=self.session, version=version, by=reader(request), now=clock.now(), **answered, **words
            )
        except SessionChangedMeanwhile as refusal:
            return self.clashing(refusal)
        return self.written(session)

    def clashing(self, refusal: SessionChangedMeanwhile) -> Response:
        code = status.HTTP_412_PRECONDITION_FAILED
        wanted = [{clash.path: value} for clash in refusal.clashes for value in (clash.theirs, clash.mine)]
        names = Names.of(self.session, wanted)
        clashes = [
            {
                "section": clash.path[0],
                "key": clash.path[1],
                "theirs": text(clash.path, clash.theirs, names),
                "yours": text(clash.path, clash.mine, names),
            }
            for clash in refusal.clashes
        ]
        body = problem(code, detail=refusal.messages[0], code="session_changed_meanwhile")
        headers = {"ETag": etag(refusal.version)}
        return Response(body | {"clashes": clashes}, status=code, headers=headers, content_type=CONTENT_TYPE)


class _Versions(GenericAPIView[SessionVersion]):
    permission: ClassVar[str] = Permission.RECORD_SESSION
    serializer_class: Any = RecordVersionOutput

    @cached_property
    def session(self) -> Session:
        return get_object_or_404(Session.objects.visible_to(reader(self.request)), pk=self.kwargs["pk"])

    def permission_object(self) -> Session:
        return self.session

    def get_queryset(self) -> QuerySet[SessionVersion]:
        if getattr(self, "swagger_fake_view", False):
            return SessionVersion.objects.none()
        return SessionVersion.objects.filter(session=self.session).select_related("by")


class VersionList(_Versions, ListAPIView[SessionVersion]):
    """Every version of a session's record, the newest first."""

    ordering = ("-number",)

    def get_queryset(self) -> QuerySet[SessionVersion]:
        return super().get_queryset().defer("content")


class VersionDetail(_Versions, RetrieveAPIView[SessionVersion]):
    """What the record of a session said in one version."""

    serializer_class = VersionDetailOutput
    lookup_field = "number"


class RestoreVersion(OfOneSession):
    """Brings back an earlier version of a record, as a new one."""

    serializer_class = RestoreInput

    @extend_schema(request=RestoreInput, responses={200: SessionDetailOutput}, parameters=[IF_MATCH])
    def post(self, request: Request, pk: int) -> Response:
        """Send the version that stands as If-Match. Nothing of the versions between is lost."""
        version = expected_version(request)
        asked = RestoreInput(data=request.data)
        asked.is_valid(raise_exception=True)
        number, by = asked.validated_data["number"], reader(request)
        return self.written(
            restore_version(session=self.session, number=number, version=version, by=by, now=clock.now())
        )


def as_said(sent: dict[str, Any], community: Community) -> Said:
    """What was sent, for the service: memberships become people. Refuses ids that are no membership here."""
    wanted = {f"actions.{n}.owner": one["owner"] for n, one in enumerate(sent.get("actions", []))}
    wanted |= {f"commitments.{n}.person": one["person"] for n, one in enumerate(sent.get("commitments", []))}
    people: dict[str, Person] = people_by_membership(community, wanted) if wanted else {}
    said = dict(sent)
    if "attendance" in sent:
        said["attendance"] = {mark["membership"]: mark["status"] for mark in sent["attendance"]}
    if "decisions" in sent:
        said["decisions"] = [NewDecision(**one) for one in sent["decisions"]]
    if "actions" in sent:
        rows = enumerate(sent["actions"])
        said["actions"] = [NewAction(**{**one, "owner": people[f"actions.{n}.owner"]}) for n, one in rows]
    if "commitments" in sent:
        rows = enumerate(sent["commitments"])
        said["commitments"] = [NewCommitment(**{**one, "person": people[f"commitments.{n}.person"]}) for n, one in rows]
    return cast("Said", said)


def as_told(content: Content, community: Community) -> dict[str, Any]:
    """The record in the shape in which it is sent back: people by their membership."""
    kept = to_json(content)
    newest_last = Membership.objects.filter(community=community).order_by("starts_on", "pk")
    membership = dict(newest_last.values_list("person", "pk"))
    told: dict[str, Any] = {line: kept.get(line, None if line == "head_count" else "") for line in LINES}
    told["attendance"] = [{"membership": int(pk), "status": status} for pk, status in kept["attendance"].items()]
    for section in LISTS:
        told[section] = [
            {name: membership.get(value) if name in ("owner", "person") else value for name, value in item.items()}
            for item in kept[section]
        ]
    return told
