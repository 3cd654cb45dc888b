"""/me/addresses/: one's own mail addresses."""

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import TemplateView

from cop_portal.accounts.forms import AddAddressForm, ConfirmAddressForm, ConfirmForm
from cop_portal.accounts.services import addresses
from cop_portal.accounts.views.own import OwnPage, signed_in_user
from cop_portal.design.views import MALFORMED
from cop_portal.installation import clock
from cop_portal.refusals import Refusal

WRONG_CODE = "That code is not right. Check the mail and type it again."


class AddressList(TemplateView):
    """Which addresses are mine here, and to which one does mail go?"""

    signed_in = True
    template_name = "accounts/addresses.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        me = signed_in_user(self.request)
        return super().get_context_data(
            addresses=list(EmailAddress.objects.filter(user=me).order_by("-primary", "email")),
            claim=addresses.newest_claim(me, now=clock.now()),
            **kwargs,
        )


class _AboutAddresses(OwnPage):
    def get_cancel_url(self) -> str:
        return reverse("accounts:addresses")


class AddAddress(_AboutAddresses):
    """Sends a code to an address that one says is one's own."""

    form_class = AddAddressForm
    heading = "Add a mail address"
    submit_label = "Send a code"
    template_name = "accounts/add_address.html"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {addresses.AddressAlreadyYours: "email"}

    def perform(self, form: Any) -> HttpResponse:
        addresses.claim_address(user=self.me, email=form.cleaned_data["email"], now=clock.now())
        return HttpResponseRedirect(reverse("accounts:confirm-address"))


class ConfirmAddress(_AboutAddresses):
    """Takes the code that came to the new address."""

    form_class = ConfirmAddressForm
    heading = "Type the code"
    submit_label = "Confirm this address"
    template_name = "accounts/confirm_address.html"
    # A code works once, and a wrong one must count.
    runs_own_transactions: ClassVar[bool] = True

    def perform(self, form: Any) -> HttpResponse:
        claim = addresses.newest_claim(self.me, now=clock.now())
        if claim is None:
            raise addresses.NothingToConfirm(
                "There is no code to type, or it has run out. Ask for a new one.", code="nothing_to_confirm"
            )
        code = form.cleaned_data["code"]
        address = addresses.confirm_address(claim=claim, code=code, by=self.me, now=clock.now())
        if address is None:
            form.add_error("code", WRONG_CODE)
            return self.show_again(form, status=MALFORMED)
        return self.done(f"{address.email} is now one of your addresses.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(claim=addresses.newest_claim(self.me, now=clock.now()), **kwargs)


class _OneAddress(_AboutAddresses):
    form_class = ConfirmForm

    def get_address(self) -> EmailAddress:
        return get_object_or_404(EmailAddress.objects.filter(user=self.me), pk=self.kwargs["pk"])


class MakePrimary(_OneAddress):
    """Mail goes to this address from now on."""

    submit_label = "Send my mail there"
    template_name = "accounts/make_primary.html"

    def get_heading(self) -> str:
        return f"Send your mail to {self.get_address().email}"

    def perform(self, form: Any) -> HttpResponse:
        address = addresses.make_primary(address=self.get_address(), by=self.me, now=clock.now())
        return self.done(f"From now on mail goes to {address.email}.")


class RemoveAddress(_OneAddress):
    """Takes one of one's own addresses away."""

    submit_label = "Remove this address"
    template_name = "accounts/remove_address.html"

    def get_heading(self) -> str:
        return f"Remove {self.get_address().email}"

    def perform(self, form: Any) -> HttpResponse:
        addresses.remove_address(address=self.get_address(), by=self.me, now=clock.now())
        return self.done("The address has been removed.")
