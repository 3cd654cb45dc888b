"""Forms of signing in and of one's own details. They check shape; allauth checks passwords and codes."""

from typing import Any

from allauth.account import forms as account_forms
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from django import forms

from cop_portal.accounts.models import User

EMAIL_HINT = "The address your community’s mail comes to."
APP_CODE_HINT = "Six digits. They change every 30 seconds."


def _word(field: forms.Field, *, label: str, hint: str = "", **attrs: str) -> None:
    """The portal's words on one of allauth's fields, without its placeholder: a hint stays when one types."""
    field.label, field.help_text = label, hint
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attrs)


class RequestCodeForm(account_forms.RequestLoginCodeForm):
    """An address to mail a code to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self.fields["email"], label="Email address", hint=EMAIL_HINT, autocomplete="email")
        self.fields["email"].error_messages = {
            "required": "Enter your email address.",
            "invalid": "Enter an email address like name@example.org.",
        }

    @property
    def found_user(self) -> User | None:
        """Whose address it is. The page must not tell."""
        user: User | None = self._user
        return user


class ConfirmCodeForm(account_forms.ConfirmLoginCodeForm):
    """The code that came by mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(
            self.fields["code"],
            label="Code",
            hint="Eight letters. Capitals and dashes do not matter.",
            autocapitalize="characters",
            spellcheck="false",
        )
        self.fields["code"].error_messages = {"required": "Enter the code from the mail."}


class PasswordSignInForm(account_forms.LoginForm):
    """Address and password, for those who have set one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self.fields["login"], label="Email address", autocomplete="username")
        _word(self.fields["password"], label="Password")
        self.fields["login"].error_messages["required"] = "Enter your email address."
        self.fields["password"].error_messages["required"] = "Enter your password."


class ChangePasswordForm(account_forms.ChangePasswordForm):
    """The old password and, twice, the new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self.fields["oldpassword"], label="Current password")
        _word_new_passwords(self)


class SetPasswordForm(account_forms.SetPasswordForm):
    """A first password, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word_new_passwords(self)


def _word_new_passwords(form: forms.Form) -> None:
    _word(form.fields["password1"], label="New password", hint="12 characters or more. Three random words do well.")
    _word(form.fields["password2"], label="New password again")


class ReauthenticateForm(account_forms.ReauthenticateForm):
    """The password, before something is changed that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self.fields["password"], label="Password")


class AuthenticateForm(mfa_forms.AuthenticateForm):
    """The second factor when signing in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(
            self.fields["code"],
            label="Code from your authenticator app",
            hint=f"{APP_CODE_HINT} A recovery code will do as well.",
        )
        self.fields["code"].error_messages = {"required": "Enter the code from your app."}


class ReauthenticateByAppForm(mfa_forms.ReauthenticateForm):
    """The second factor again, before something is changed that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self.fields["code"], label="Code from your authenticator app", hint=APP_CODE_HINT)


class SetUpAppForm(totp_forms.ActivateTOTPForm):
    """The first code of an authenticator app, which shows that it has the key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self.fields["code"], label="Code that the app shows now", hint=APP_CODE_HINT, inputmode="numeric")
        self.fields["code"].error_messages = {"required": "Enter the code from your app."}


class NameForm(forms.Form):
    """One's own name."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    name = forms.CharField(
        label="Name",
        help_text="As colleagues know you.",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Enter your name."},
    )


class TokenForm(forms.Form):
    """What a token is for."""

    name = forms.CharField(
        label="What is it for?",
        help_text="For example: monthly figures in our spreadsheet.",
        max_length=100,
        error_messages={"required": "Say what the token is for."},
    )


class ConfirmForm(forms.Form):
    """Nothing to fill in: pressing the button is the answer."""


class AddAddressForm(forms.Form):
    """Another address of one's own."""

    email = forms.EmailField(
        label="Email address",
        help_text="One that only you read.",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": "Enter an email address.",
            "invalid": "Enter an email address like name@example.org.",
        },
    )


class ConfirmAddressForm(forms.Form):
    """The code that came to the new address."""

    code = forms.CharField(
        label="Code",
        help_text="Eight letters. Capitals and dashes do not matter.",
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={"required": "Enter the code from the mail."},
    )


class GiveRoleForm(forms.Form):
    """Whom to make staff or administrator, by an address of theirs."""

    email = forms.EmailField(
        label="Email address",
        help_text="One they already use here.",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Enter their email address."},
    )
    role = forms.ChoiceField(
        label="Role",
        choices=[(role.value, role.label) for role in (User.Role.STAFF, User.Role.ADMINISTRATOR)],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a role."},
    )
