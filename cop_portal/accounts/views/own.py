"""What pages about oneself share."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from cop_portal.accounts.models import User
from cop_portal.design.views import ServiceFormView
from cop_portal.refusals import Conflict


def signed_in_user(request: HttpRequest) -> User:
    """The person signed in: the login middleware has seen to it."""
    assert isinstance(request.user, User)  # noqa: S101 - tells the type checker, too
    return request.user


class SavesVersions:
    """For a form with a hidden `version`: after a stale one it carries the present one, so that saving again is a
    decision made in sight of what changed."""

    def current_version(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} must say which version stands now.")

    def show_again(self, form: Any, *, status: int) -> HttpResponse:
        if status == Conflict.status:
            form.data = form.data.copy()
            form.data["version"] = str(self.current_version())
        response: HttpResponse = super().show_again(form, status=status)  # type: ignore[misc]
        return response


class OwnPage(ServiceFormView):
    """A form about oneself."""

    signed_in = True

    @property
    def me(self) -> User:
        return signed_in_user(self.request)

    def get_cancel_url(self) -> str:
        return reverse("accounts:me")

    def done(self, sentence: str) -> HttpResponse:
        messages.success(self.request, sentence)
        return HttpResponseRedirect(self.get_cancel_url())
