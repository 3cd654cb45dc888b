"""What a view declares is what the architecture test reads."""

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import resolve
from django.views import View
from rest_framework.views import APIView

from cop_portal.accounts.access import declaration, declared, is_link_page


class Silent(View):
    pass


class SignedIn(View):
    signed_in = True


class Permitted(View):
    permission = "tests.network"


class SilentApi(APIView):
    pass


class PublicApi(APIView):
    is_public = True


class LinkPage(View):
    is_link_page = True


def function(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (Silent.as_view(), None),
        (function, None),
        (SilentApi.as_view(), None),
        (SignedIn.as_view(), "signed in"),
        (Permitted.as_view(), "tests.network"),
        (PublicApi.as_view(), "public"),
        (login_not_required(Silent.as_view()), "public"),
        (declared(signed_in=True)(function), "signed in"),
        (declared(permission="tests.network")(function), "tests.network"),
        (resolve("/admin/accounts/user/").func, "administrators"),
    ],
)
def test_a_view_is_read_as_it_declares_itself(view, expected: str | None) -> None:  # type: ignore[no-untyped-def]
    assert declaration(view) == expected


def test_a_link_page_is_known_by_its_mark() -> None:
    assert is_link_page(LinkPage.as_view())
    assert not is_link_page(Silent.as_view())
