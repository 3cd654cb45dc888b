"""/me/: one's own details, password, tokens and sessions."""

from typing import Any

from allauth.account import views as account_views
from allauth.account.models import EmailAddress
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from cop_portal.accounts.forms import ChangePasswordForm, ConfirmForm, NameForm, SetPasswordForm, TokenForm
from cop_portal.accounts.models import ApiToken, User
from cop_portal.accounts.own_details import own_details, own_links
from cop_portal.accounts.services.sign_ins import sign_out_everywhere
from cop_portal.accounts.services.tokens import make_token, revoke_token
from cop_portal.accounts.services.users import remove_password, rename_user
from cop_portal.accounts.views.own import OwnPage, SavesVersions, signed_in_user
from cop_portal.accounts.views.sign_in import RefusedFormMixin
from cop_portal.installation import clock


class Me(TemplateView):
    """Who I am here, how I sign in, and what acts in my name."""

    signed_in = True
    template_name = "accounts/me.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        me, today = signed_in_user(self.request), clock.today()
        return super().get_context_data(
            me=me,
            addresses=list(EmailAddress.objects.filter(user=me).order_by("-primary", "email")),
            details=own_details(me),
            links=own_links("me"),
            has_second_factor=is_mfa_enabled(me, ["totp"]),
            tokens=list(ApiToken.objects.visible_to(me).live(today).order_by("name", "pk")),
            **kwargs,
        )


class RenameMe(SavesVersions, OwnPage):
    """Corrects one's own name."""

    form_class = NameForm
    heading = "Your name"

    def current_version(self) -> int:
        return User.objects.values_list("version", flat=True).get(pk=self.me.pk)

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.me.name, "version": self.me.version}

    def perform(self, form: Any) -> HttpResponse:
        rename_user(user=self.me, by=self.me, now=clock.now(), **form.cleaned_data)
        return self.done("Your name has been changed.")


class ChangePassword(RefusedFormMixin, account_views.PasswordChangeView):
    """A new password, for those who have one."""

    signed_in = True
    form_class = ChangePasswordForm


class SetPassword(RefusedFormMixin, account_views.PasswordSetView):
    """A first password, for those who have signed in by codes."""

    signed_in = True
    form_class = SetPasswordForm


class RemovePassword(OwnPage):
    """Ends the password, also one that was forgotten: afterwards its owner signs in by a code, and may set another."""

    form_class = ConfirmForm
    heading = "Remove your password"
    submit_label = "Remove password"
    template_name = "accounts/remove_password.html"

    def perform(self, form: Any) -> HttpResponse:
        me = signed_in_user(self.request)
        remove_password(user=me, by=me, now=clock.now())
        logout(self.request)
        messages.success(self.request, "Your password has been removed. Sign in by a code.")
        return HttpResponseRedirect(reverse("account_login"))


@method_decorator(never_cache, name="dispatch")
class MakeToken(OwnPage):
    """Makes a token for the API and shows it, once."""

    form_class = TokenForm
    heading = "Make a token for the API"
    submit_label = "Make token"
    template_name = "accounts/make_token.html"

    def perform(self, form: Any) -> HttpResponse:
        token, key = make_token(user=signed_in_user(self.request), name=form.cleaned_data["name"], now=clock.now())
        return render(self.request, "accounts/token_made.html", {"token": token, "key": key})


class RevokeToken(OwnPage):
    """Ends one of one's own tokens."""

    form_class = ConfirmForm
    submit_label = "Revoke token"
    template_name = "accounts/revoke_token.html"

    def get_token(self) -> ApiToken:
        return get_object_or_404(ApiToken.objects.visible_to(signed_in_user(self.request)), pk=self.kwargs["pk"])

    def get_heading(self) -> str:
        return f"Revoke the token “{self.get_token().name}”"

    def perform(self, form: Any) -> HttpResponse:
        revoke_token(token=self.get_token(), by=signed_in_user(self.request), now=clock.now())
        return self.done("The token has been revoked.")


class SignOutEverywhere(OwnPage):
    """Ends all of one's own sessions, this one included."""

    form_class = ConfirmForm
    heading = "Sign out everywhere"
    submit_label = "Sign out everywhere"
    template_name = "accounts/sign_out_everywhere.html"

    def perform(self, form: Any) -> HttpResponse:
        me = signed_in_user(self.request)
        sign_out_everywhere(user=me, by=me, now=clock.now())
        logout(self.request)
        messages.success(self.request, "You have been signed out in every browser.")
        return HttpResponseRedirect(reverse("account_login"))
