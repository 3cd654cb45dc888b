"""The admin: administrators look, and change reference data only."""

import re

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from cop_portal.accounts.models import User
from cop_portal.accounts.services.sign_ins import note_sign_in
from cop_portal.installation import clock
from tests.factories.accounts import UserFactory, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


@pytest.mark.parametrize("role", ["", "staff"])
def test_only_administrators_come_in(client: Client, role: str) -> None:
    sign_in(client, UserFactory.create(role=role))
    response = client.get("/admin/", follow=True)
    assert response.status_code == 403
    assert "Only administrators can see this." in response.content.decode()


def test_strangers_are_sent_to_the_portals_own_sign_in(client: Client) -> None:
    chain = client.get("/admin/", follow=True).redirect_chain
    assert chain == [("/admin/login/?next=/admin/", 302), ("/sign-in/?next=%2Fadmin%2F", 302)]


def test_an_administrator_looks_at_accounts_and_changes_none(client: Client) -> None:
    me = UserFactory.create(role="administrator", name="Old Name")
    sign_in(client, me)
    address = reverse("admin:accounts_user_change", args=[me.pk])
    page = client.get(address)
    assert "Old Name" in page.content.decode()
    assert me.password not in page.content.decode()
    assert client.post(address, {"name": "New Name"}).status_code == 403
    assert client.get(reverse("admin:accounts_user_add")).status_code == 403
    assert client.post(reverse("admin:accounts_user_delete", args=[me.pk]), {"post": "yes"}).status_code == 403
    assert User.objects.get().name == "Old Name"


def test_packages_show_no_pages_of_their_own() -> None:
    shown = {model._meta.app_label for model in admin.site._registry}
    assert shown <= {"accounts", "audit", "communities", "demo", "evaluations", "installation", "outbox"}


def test_every_list_of_the_admin_opens_and_has_no_inline_script_or_style(client: Client) -> None:
    me = UserFactory.create(role="administrator")
    note_sign_in(user=me, how="code", with_second_factor=True, now=clock.now())  # type: ignore[arg-type]
    sign_in(client, me)
    for model in admin.site._registry:
        page = client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
        assert page.status_code == 200, model
        html = page.content.decode()
        assert re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", html) == []
        assert re.findall(r"\s(?:style|on[a-z]+)=\"", html) == []
