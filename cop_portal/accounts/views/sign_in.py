"""Signing in, by a code or by a password, and signing out."""

from typing import TYPE_CHECKING, Any

from allauth.account import views as account_views
from allauth.account.mixins import NextRedirectMixin
from allauth.account.utils import get_login_redirect_url
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import FormView

from cop_portal.accounts import sign_in_code
from cop_portal.accounts.forms import ConfirmCodeForm, PasswordSignInForm, RequestCodeForm
from cop_portal.accounts.sign_in_process import SignInByCode

if TYPE_CHECKING:
    BaseFormView = FormView[ConfirmCodeForm]
else:
    BaseFormView = FormView

REFUSED = 422


class StartsOverMixin:
    """A half-finished sign-in does not hold anyone: coming back to the first page starts over."""

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: Any) -> None:
        return None


class RefusedFormMixin:
    """A form that was refused is shown again with status 422."""

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        if response.status_code == 200:
            response.status_code = REFUSED
        return response


class RequestCode(StartsOverMixin, RefusedFormMixin, account_views.RequestLoginCodeView):
    """The front door: an address to mail a code to."""

    form_class = RequestCodeForm

    def form_valid(self, form: Any) -> HttpResponse:
        SignInByCode.begin(request=self.request, user=form.found_user, email=form.cleaned_data["email"])
        return HttpResponseRedirect(self.get_success_url())


@method_decorator([never_cache, login_not_required], name="dispatch")
class ConfirmCode(RefusedFormMixin, NextRedirectMixin, BaseFormView):
    """Where the code is typed in, in the browser that asked for it."""

    form_class = ConfirmCodeForm
    template_name = "account/confirm_login_code.html"
    process: SignInByCode

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return HttpResponseRedirect(get_login_redirect_url(request))
        process = SignInByCode.waiting_in(request)
        if process is None:
            return self.code_is_over(
                "There is no code to type in here. A code works once, and only in the browser that asked for it."
            )
        if not process.is_valid():
            process.abort()
            minutes = int(sign_in_code.LIFE.total_seconds() // 60)
            return self.code_is_over(f"This code has expired. A code works for {minutes} minutes.")
        self.process = process
        return super().dispatch(request, *args, **kwargs)

    def code_is_over(self, why: str) -> HttpResponse:
        return render(self.request, "account/code_is_over.html", {"why": why}, status=REFUSED)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"code": self.process.code}

    def form_valid(self, form: ConfirmCodeForm) -> HttpResponse:
        response: HttpResponse = self.process.finish(self.get_next_url())
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        if "code" in form.errors and not form.data.get("code", "").strip():
            return super().form_invalid(form)
        if not self.process.record_invalid_attempt():
            return self.code_is_over(f"That was wrong {sign_in_code.MAX_TRIES} times, so this code no longer works.")
        return super().form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        extra = {"email": self.process.state["email"], "tries_left": self.process.tries_left}
        return super().get_context_data(**kwargs) | extra


class PasswordSignIn(StartsOverMixin, RefusedFormMixin, account_views.LoginView):
    """For those who have set a password."""

    form_class = PasswordSignInForm


class SignOut(account_views.LogoutView):
    """Asks, then signs out. A visit alone changes nothing."""

    allows_missing_second_factor = True


class AccountInactive(account_views.AccountInactiveView):
    """What someone sees whose account is no longer in use."""
