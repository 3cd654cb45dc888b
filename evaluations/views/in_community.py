"""Loading what a page under /communities/<slug>/ is about, through what its reader may see."""

from typing import Any, cast

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from communities.models import Community
from communities.permissions import Permission as Sees
from cop_portal.accounts.access import PermissionRequired
from cop_portal.accounts.models import User
from evaluations.models import Survey


class InCommunity(PermissionRequired):
    """A page of one community: `self.community`, or 404."""

    community: Community
    user: User

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)  # type: ignore[misc]
        # The sign-in middleware lets in nobody else.
        self.user = cast("User", request.user)
        self.community = get_object_or_404(Community.objects.visible_to(request.user), slug=kwargs["slug"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        sees_names = self.user.has_perm(Sees.SEE_NAMES, self.community)
        return {"community": self.community, "current": "surveys", "sees_names": sees_names, **context}


class OfSurvey(InCommunity):
    """A page of one survey of a community: `self.survey`, or 404."""

    survey: Survey

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        surveys = self.community.surveys.select_related("version__instrument", "session", "release", "heard")
        self.survey = get_object_or_404(surveys, pk=kwargs["pk"])
        self.survey.community = self.community

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(survey=self.survey, **kwargs)
