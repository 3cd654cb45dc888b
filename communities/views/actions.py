"""What members said they would do, and how it went."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import ListView

from communities.forms.actions import AnswerActionForm
from communities.models import Action
from communities.permissions import SENTENCES, Permission, may_answer
from communities.services.actions import answer_action
from communities.views.in_community import InCommunity
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock


class ActionList(InCommunity, ListView[Action]):
    """Did we? The open ones, the longest overdue first; or, with `?show=answered`, those that have been answered."""

    permission = Permission.SEE_COMMUNITY
    template_name = "communities/action_list.html"
    current: ClassVar[str] = "doing"
    paginate_by = settings.PAGE_SIZE

    @property
    def is_answered(self) -> bool:
        return self.request.GET.get("show") == "answered"

    def get_queryset(self) -> QuerySet[Action]:
        actions = Action.objects.filter(community=self.community).select_related("owner__user")
        if self.is_answered:
            return actions.exclude(state=Action.State.OPEN).order_by("-state_since", "-pk")
        return actions.open().soonest_first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(today=clock.today(), is_answered=self.is_answered, **kwargs)
        user = self.user
        return context | {"rows": [(action, may_answer(user, action)) for action in context["object_list"]]}


class AnswerAction(InCommunity, ServiceFormView):
    """Done, dropped or handed over. Members answer their own; facilitators and staff any."""

    permission = Permission.ANSWER_OWN_ACTION
    template_name = "communities/answer_action.html"
    current: ClassVar[str] = "doing"
    form_class = AnswerActionForm
    heading = "How did this action go?"
    action: Action

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        actions = Action.objects.filter(community=self.community).select_related("owner__user")
        self.action = get_object_or_404(actions, pk=kwargs["pk"])
        self.action.community = self.community

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.may(Permission.ANSWER_OWN_ACTION) and not may_answer(self.user, self.action):
            raise PermissionDenied(SENTENCES[Permission.ANSWER_OWN_ACTION])
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(action=self.action, **kwargs)

    def perform(self, form: AnswerActionForm) -> HttpResponse:
        answer_action(action=self.action, state=form.cleaned_data["state"], by=self.user, now=clock.now())
        messages.success(self.request, "Thank you. The answer is noted.")
        return redirect("communities:action-list", self.community.slug)

    def get_cancel_url(self) -> str:
        return reverse("communities:action-list", args=[self.community.slug])
