"""“I will try …”: what members told the others, and how it went."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import ListView, View

from communities.forms.decisions import AnswerCommitmentForm
from communities.models import Commitment
from communities.permissions import SENTENCES, Permission, may_answer_commitment
from communities.services.promises.commitments import answer_commitment, reopen_commitment
from communities.views.in_community import InCommunity
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal


class CommitmentList(InCommunity, ListView[Commitment]):
    """Did we? The newest first; `?show=` narrows them to the reader's own, to the open or to the answered ones."""

    permission = Permission.SEE_COMMUNITY
    template_name = "communities/commitment_list.html"
    current: ClassVar[str] = "doing"
    paginate_by = settings.PAGE_SIZE
    SHOWS: ClassVar[dict[str, tuple[str, str, str]]] = {
        "open": ("Open", "Commitments", "No commitment is open. They are noted at a session: “I will try …”."),
        "mine": ("Yours", "Your commitments", "You have made no commitment in this community yet."),
        "answered": ("Answered", "What became of commitments", "No commitment has been answered yet."),
    }

    @property
    def show(self) -> str:
        asked = self.request.GET.get("show", "")
        return asked if asked in self.SHOWS else "open"

    def get_queryset(self) -> QuerySet[Commitment]:
        made = Commitment.objects.visible_to(self.user).filter(community=self.community).select_related("person__user")
        match self.show:
            case "mine":
                return made.made_by(self.user).newest_first()
            case "answered":
                return made.exclude(state=Commitment.State.OPEN).order_by("-state_since", "-pk")
        return made.open().newest_first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        _, heading, empty = self.SHOWS[self.show]
        context = super().get_context_data(
            show=self.show,
            heading=heading,
            empty=empty,
            shows=[(word, label) for word, (label, *_) in self.SHOWS.items()],
            **kwargs,
        )
        user = self.user
        return context | {"rows": [(one, may_answer_commitment(user, one)) for one in context["object_list"]]}


class OfCommitment(InCommunity):
    """A page of one commitment, for whoever made it and for those who run the community."""

    permission = Permission.ANSWER_OWN_COMMITMENT
    current: ClassVar[str] = "doing"
    commitment: Commitment

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        made = Commitment.objects.visible_to(self.user).filter(community=self.community)
        self.commitment = get_object_or_404(made.select_related("person__user"), pk=kwargs["pk"])
        self.commitment.community = self.community

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        is_in_it = self.may(Permission.ANSWER_OWN_COMMITMENT)
        if is_in_it and not may_answer_commitment(self.user, self.commitment):
            raise PermissionDenied(SENTENCES[Permission.ANSWER_OWN_COMMITMENT])
        return super().dispatch(request, *args, **kwargs)

    def get_cancel_url(self) -> str:
        return reverse("communities:commitment-list", args=[self.community.slug])


class AnswerCommitment(OfCommitment, ServiceFormView):
    """Whoever made it says how it went, or those who run the community. Home's buttons send the same form."""

    template_name = "communities/doing_form.html"
    form_class = AnswerCommitmentForm
    heading = "How did it go?"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        about = f"{self.commitment.person.name}: {self.commitment.text}"
        return super().get_context_data(about=about, **kwargs)

    def perform(self, form: AnswerCommitmentForm) -> HttpResponse:
        answer_commitment(commitment=self.commitment, by=self.user, now=clock.now(), **form.cleaned_data)
        messages.success(self.request, "Thank you. The answer is noted.")
        if self.request.POST.get("from") == "home":
            return redirect("home")
        return redirect(self.get_cancel_url())


class ReopenCommitment(OfCommitment, View):
    """Takes back an answer that was given by mistake: a button beside it."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, **_: Any) -> HttpResponse:
        try:
            reopen_commitment(commitment=self.commitment, by=self.user, now=clock.now())
            messages.success(request, "The commitment is open again.")
        except Refusal as refusal:
            messages.warning(request, " ".join(refusal.messages))
        return redirect(self.get_cancel_url())
