"""From Home to answering: the person's own link, made in memory and put where only the pages of an answer find it."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View

from cop_portal.accounts.link_pages import link_notice
from evaluations.keys import KeyTrouble
from evaluations.links import token_for
from evaluations.models import Invitation
from evaluations.views.answers.link_pages import remember

STOPPED = "The key to your link cannot be read just now. Try again later, or use the link in your mail."


@method_decorator(never_cache, name="dispatch")
class AnswerFromHome(View):
    """Nothing is stored, not even that somebody came. What has closed or was answered, the next page says.

    It carries no key against being sent twice: that would write down who went to answer, and when.
    """

    signed_in = True

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        asked = Invitation.objects.filter(person__user=request.user, survey=pk).select_related("survey")  # type: ignore[misc]
        invitation = get_object_or_404(asked)
        try:
            token = token_for(invitation)
        except KeyTrouble:
            heading = "Answers cannot be taken from here at the moment"
            return link_notice(request, status=HTTPStatus.SERVICE_UNAVAILABLE, heading=heading, words=STOPPED)
        response = redirect("evaluations:answer-first")
        remember(response, token=token)
        return response
