"""The admin of this room: everything can be looked at by administrators, only the reference lists changed."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from communities.models import Community, Organisation, Session
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import (
    NOW,
    ActionFactory,
    LeverHolderFactory,
    OrganisationFactory,
    ProblemFactory,
    SessionFactory,
)
from tests.factories.doing import ChangeFactory, CommitmentFactory, DecisionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

MODELS = [model for model in admin.site._registry if model._meta.app_label == "communities"]


def test_an_administrator_can_look_at_every_kind_of_row(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    SessionFactory.create(community=community)
    ActionFactory.create(community=community)
    DecisionFactory.create(community=community)
    CommitmentFactory.create(community=community)
    ChangeFactory.create(community=community)
    problem = ProblemFactory.create(community=community)
    problem.escalations.create(lever_holder=LeverHolderFactory.create(), ask="Please act", asked_at=NOW)
    sign_in(client, people["administrator"])
    for model in MODELS:
        name = f"admin:communities_{model._meta.model_name}"
        row = model._default_manager.order_by("pk").first()
        assert row is not None, name
        assert client.get(reverse(f"{name}_changelist")).status_code == 200
        assert client.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200


def test_an_administrator_changes_reference_lists_and_nothing_else(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    trust = OrganisationFactory.create(name="Riverside Trust")
    session = SessionFactory.create(community=community)
    sign_in(client, people["administrator"])
    change = reverse("admin:communities_organisation_change", args=[trust.pk])
    assert client.post(change, {"name": "Riverside NHS Trust", "ods_code": "RX1"}).status_code == 302
    assert Organisation.objects.get(pk=trust.pk).name == "Riverside NHS Trust"
    refused = client.post(
        reverse("admin:communities_session_change", args=[session.pk]), {"starts_at": NOW + timedelta(days=1)}
    )
    assert refused.status_code == 403
    assert Session.objects.get().starts_at == session.starts_at


@pytest.mark.parametrize("role", ["staff", "facilitator", "member"])
def test_nobody_else_comes_in(client: Client, people: dict[str, User], role: str) -> None:
    sign_in(client, people[role])
    for model in MODELS:
        page = reverse(f"admin:communities_{model._meta.model_name}_changelist")
        assert client.get(page, follow=True).status_code == 403
