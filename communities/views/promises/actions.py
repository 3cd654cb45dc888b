"""What members said they would do: the list, one action, agreeing one, correcting it, handing it over."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import ListView, TemplateView

from communities.forms.actions import ActionForm, EditActionForm, HandOverActionForm
from communities.forms.fields import members_as_choices
from communities.models import Action, Membership, Person, Problem
from communities.permissions import SENTENCES, Permission, may_answer
from communities.services.promises.actions import (
    ActionDueBeforeSession,
    ActionSaysNothing,
    HandedToTheSame,
    OwnerNotAMember,
    agree_action,
    edit_action,
    hand_over_action,
    own_person,
)
from communities.views.in_community import InCommunity
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal

REFUSAL_FIELDS: dict[type[Refusal], str] = {
    ActionSaysNothing: "text",
    ActionDueBeforeSession: "due_on",
    OwnerNotAMember: "owner",
    HandedToTheSame: "owner",
}


class ActionList(InCommunity, ListView[Action]):
    """Did we? The open ones, those due first on top; `?show=` narrows them or turns to the answered ones."""

    permission = Permission.SEE_COMMUNITY
    template_name = "communities/action_list.html"
    current: ClassVar[str] = "doing"
    paginate_by = settings.PAGE_SIZE
    # What can be shown, by its word in the address: its link, its heading, and what is said where there is none.
    SHOWS: ClassVar[dict[str, tuple[str, str, str]]] = {
        "open": ("Open", "Open actions", "There is no open action. Actions are agreed at a session, or here."),
        "overdue": ("Overdue", "Overdue actions", "No action is overdue."),
        "mine": ("Yours", "Your open actions", "You have no open action in this community."),
        "stuck": ("Need someone", "Actions that need help or another owner", "No action needs help or another owner."),
        "answered": ("Answered", "Answered actions", "No action has been answered yet."),
    }

    @property
    def show(self) -> str:
        asked = self.request.GET.get("show", "")
        return asked if asked in self.SHOWS else "open"

    def get_queryset(self) -> QuerySet[Action]:
        actions = Action.objects.visible_to(self.user).filter(community=self.community).select_related("owner__user")
        match self.show:
            case "answered":
                return actions.exclude(state=Action.State.OPEN).order_by("-state_since", "-pk")
            case "overdue":
                return actions.overdue(clock.today()).soonest_first()
            case "mine":
                return actions.open().owned_by(self.user).soonest_first()
            case "stuck":
                return actions.stuck().soonest_first()
        return actions.open().soonest_first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        _, heading, empty = self.SHOWS[self.show]
        context = super().get_context_data(
            today=clock.today(),
            show=self.show,
            heading=heading,
            empty=empty,
            is_answered=self.show == "answered",
            shows=[(word, label) for word, (label, *_) in self.SHOWS.items()],
            can_take=self.may(Permission.TAKE_ACTION),
            **kwargs,
        )
        user = self.user
        return context | {"rows": [(action, may_answer(user, action)) for action in context["object_list"]]}


class WithOwners:
    """Who can be chosen to do something: today's members, by name."""

    @cached_property
    def _members(self: Any) -> list[Membership]:
        return list(Membership.objects.current().filter(community=self.community).with_people())

    @property
    def owners(self) -> list[tuple[str, str]]:
        return members_as_choices(self._members)

    @property
    def people(self) -> dict[str, Person]:
        return {str(member.pk): member.person for member in self._members}


class AgreeAction(WithOwners, InCommunity, ServiceFormView):
    """Between two sessions: those who run the community agree it with any member, a member takes it on."""

    permission = Permission.TAKE_ACTION
    template_name = "communities/doing_form.html"
    form_class = ActionForm
    current: ClassVar[str] = "doing"
    heading = "Agree an action"
    submit_label = "Agree this action"
    refusal_fields = REFUSAL_FIELDS

    @property
    def chooses_owner(self) -> bool:
        return self.may(Permission.AGREE_ACTION)

    def get_heading(self) -> str:
        return self.heading if self.chooses_owner else "Take on an action"

    def get_form_kwargs(self) -> dict[str, Any]:
        owners = self.owners if self.chooses_owner else None
        return super().get_form_kwargs() | {"owners": owners, "people": self.people if self.chooses_owner else {}}

    def perform(self, form: ActionForm) -> HttpResponse:
        facts = {"owner": own_person(self.user), **form.facts}
        agree_action(community=self.community, agreed_on=clock.today(), by=self.user, now=clock.now(), **facts)
        messages.success(self.request, "The action is on the list.")
        return redirect("communities:action-list", self.community.slug)

    def get_cancel_url(self) -> str:
        return reverse("communities:action-list", args=[self.community.slug])


class OfAction(InCommunity):
    """A page of one action of a community: `self.action`, or 404. With `answers`, for those who may say how it went."""

    current: ClassVar[str] = "doing"
    answers: ClassVar[bool] = False
    action: Action

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        actions = Action.objects.visible_to(self.user).filter(community=self.community)
        self.action = get_object_or_404(actions.select_related("owner__user", "session"), pk=kwargs["pk"])
        self.action.community = self.community

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.answers and self.may(Permission.ANSWER_OWN_ACTION) and not may_answer(self.user, self.action):
            raise PermissionDenied(SENTENCES[Permission.ANSWER_OWN_ACTION])
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(action=self.action, **kwargs)

    def get_cancel_url(self) -> str:
        return self.action.get_absolute_url()


class ActionPage(OfAction, TemplateView):
    """What was promised, by whom, and how it goes."""

    permission = Permission.SEE_COMMUNITY
    template_name = "communities/action.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_open, can_answer = self.action.is_open, may_answer(self.user, self.action)
        others = Action.objects.visible_to(self.user).select_related("owner__user", "community")
        return super().get_context_data(
            today=clock.today(),
            problems=Problem.objects.visible_to(self.user).filter(actions=self.action).order_by("-pk"),
            handed_on_from=others.filter(handed_on_to=self.action).first(),
            handed_on_to=others.filter(handed_on_from=self.action).first(),
            can_answer=can_answer and is_open,
            can_edit=self.may(Permission.EDIT_ACTION) and is_open,
            can_reopen=can_answer and not is_open,
            **kwargs,
        )


class EditAction(WithOwners, OfAction, ServiceFormView):
    permission = Permission.EDIT_ACTION
    template_name = "communities/doing_form.html"
    form_class = EditActionForm
    heading = "Correct this action"
    refusal_fields = REFUSAL_FIELDS

    def get_initial(self) -> dict[str, Any]:
        owner = next((pk for pk, person in self.people.items() if person == self.action.owner), "")
        facts = {name: getattr(self.action, name) for name in ("text", "due_on", "is_private", "version")}
        return {**facts, "owner": owner or "present"}

    def get_form_kwargs(self) -> dict[str, Any]:
        """Beside the members: whoever owns it now, though they may have left."""
        owners, people = self.owners, self.people
        if self.action.owner not in people.values():
            owners = [("present", f"{self.action.owner.name} (no longer a member)"), *owners]
            people = {**people, "present": self.action.owner}
        return super().get_form_kwargs() | {"owners": owners, "people": people}

    def perform(self, form: EditActionForm) -> HttpResponse:
        edit_action(action=self.action, by=self.user, now=clock.now(), **form.facts)
        messages.success(self.request, "The action is corrected.")
        return redirect(self.action)


class HandOverAction(WithOwners, OfAction, ServiceFormView):
    """The owner, or those who run the community, find someone else to do it."""

    permission = Permission.ANSWER_OWN_ACTION
    answers = True
    template_name = "communities/doing_form.html"
    form_class = HandOverActionForm
    heading = "Hand this action over"
    submit_label = "Hand it over"
    refusal_fields = REFUSAL_FIELDS

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(about=self.action.text, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return {"due_on": max(self.action.due_on, clock.today())}

    def get_form_kwargs(self) -> dict[str, Any]:
        others = {pk: person for pk, person in self.people.items() if person != self.action.owner}
        owners = [(pk, name) for pk, name in self.owners if pk in others]
        return super().get_form_kwargs() | {"owners": owners, "people": others}

    def perform(self, form: HandOverActionForm) -> HttpResponse:
        to = form.people[form.cleaned_data["owner"]]
        due_on = form.cleaned_data["due_on"]
        theirs = hand_over_action(action=self.action, to=to, due_on=due_on, by=self.user, now=clock.now())
        messages.success(self.request, f"{to.name} has it now.")
        return redirect(theirs)
