"""The second factor: giving it, setting it up, recovery codes. allauth does the work; these say who may and how it
looks."""

from typing import Any

from allauth.account import views as account_views
from allauth.mfa.base import views as base_views
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.totp import views as totp_views
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView

from cop_portal.accounts import demo, second_factor
from cop_portal.accounts.forms import (
    AuthenticateForm,
    ReauthenticateByAppForm,
    ReauthenticateForm,
    SetUpAppForm,
)
from cop_portal.accounts.views.sign_in import REFUSED, RefusedFormMixin


class GiveSecondFactor(base_views.AuthenticateView):
    """The step after code or password, for those who have an authenticator app."""

    form_class = AuthenticateForm

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(), status=REFUSED)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.stage.login.user
        return super().get_context_data(**kwargs) | {"demo_code": demo.code_to_use(user)}


class OwnSecondFactor:
    """Pages about one's own second factor: staff reach them before they have given it."""

    signed_in = True
    allows_missing_second_factor = True
    request: HttpRequest


class ConfirmByPassword(RefusedFormMixin, OwnSecondFactor, account_views.ReauthenticateView):
    """Asks for the password again before something that matters."""

    form_class = ReauthenticateForm


class ConfirmByApp(RefusedFormMixin, OwnSecondFactor, base_views.ReauthenticateView):
    """Asks for the second factor again, or for the first time in this session."""

    form_class = ReauthenticateByAppForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"demo_code": demo.code_to_use(self.request.user)}  # type: ignore[arg-type]


class SetUpApp(RefusedFormMixin, OwnSecondFactor, totp_views.ActivateTOTPView):
    """Gives an authenticator app its key and takes its first code, which counts as the second factor of this
    session."""

    form_class = SetUpAppForm

    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        second_factor.note_passed(self.request)
        return response

    def get_success_url(self) -> str:
        return reverse("mfa_view_recovery_codes")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        secret = context["form"].secret
        groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
        return context | {"secret": groups, "demo_code": demo.code_for_secret(secret)}


class RemoveApp(RefusedFormMixin, OwnSecondFactor, totp_views.DeactivateTOTPView):
    """Takes the authenticator app away, for instance to set up another telephone."""

    success_url = reverse_lazy("accounts:me")

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        second_factor.forget_passed(self.request)
        return response


class RecoveryCodes(OwnSecondFactor, recovery_views.ViewRecoveryCodesView):
    """The recovery codes, once; afterwards only how many are left. Who has none is led to making them."""

    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        except Http404:
            return redirect("mfa_generate_recovery_codes")
        return response


class NewRecoveryCodes(RefusedFormMixin, OwnSecondFactor, recovery_views.GenerateRecoveryCodesView):
    """Makes new recovery codes; the old ones end."""


class SecondFactorIndex(OwnSecondFactor, RedirectView):
    """allauth's overview: here it is part of one's own details."""

    pattern_name = "accounts:me"
