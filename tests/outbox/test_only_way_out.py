"""Nothing leaves by another way, and waking the sender never costs a request."""

import socket
import time
from typing import Any

import pytest
from django.contrib import admin
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.test import RequestFactory

from cop_portal import outbox
from cop_portal.accounts.models import User
from cop_portal.celery import app
from cop_portal.outbox.admin import OutboxMessageAdmin
from cop_portal.outbox.backend import MailOutsideTheOutboxError
from cop_portal.outbox.checks import nothing_leaves_by_another_way
from cop_portal.outbox.kinds import kind_named
from cop_portal.outbox.models import OutboxMessage
from cop_portal.outbox.poke import poke
from cop_portal.outbox.tasks import deliver_due_mail
from tests.outbox.kinds import INVITATION, NOW, REMINDER, a_mail
from tests.outbox.support import deliver_all, delivered


@pytest.mark.parametrize("fail_silently", [False, True])
def test_mail_sent_with_django_itself_is_an_error_nobody_can_miss(settings: Any, fail_silently: bool) -> None:
    settings.EMAIL_BACKEND = "cop_portal.outbox.backend.OutboxOnlyBackend"
    assert nothing_leaves_by_another_way() == []

    with pytest.raises(MailOutsideTheOutboxError, match=r"outbox\.enqueue"):
        mail.send_mail("Hello", "text", None, ["a@example.org"], fail_silently=fail_silently)


def test_another_backend_is_found_by_the_deployment_check(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

    assert [error.id for error in nothing_leaves_by_another_way()] == ["outbox.E002"]


def test_two_kinds_of_mail_cannot_share_a_name() -> None:
    known = kind_named(INVITATION)
    outbox.register(known)

    with pytest.raises(ImproperlyConfigured):
        outbox.register(outbox.MailKind(INVITATION, known.render, known.is_still_due, in_doubt="hold"))


@pytest.mark.django_db
def test_a_mail_is_planned_though_the_broker_is_down(
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    nobody_listens = "redis://127.0.0.1:1/0"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS, settings.REDIS_URL = {}, nobody_listens
    monkeypatch.setattr(app.conf, "broker_url", nobody_listens)
    with django_capture_on_commit_callbacks(execute=True):
        outbox.enqueue(a_mail(1))

    assert OutboxMessage.objects.count() == 1
    assert "could not be woken" in caplog.text


def test_a_broker_that_says_nothing_costs_a_moment(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        settings.CELERY_BROKER_TRANSPORT_OPTIONS, settings.REDIS_URL = {}, url
        monkeypatch.setattr(app.conf, "broker_url", url)
        started = time.monotonic()
        poke()

    # Far less than a wait without end, and far more than a busy machine needs.
    assert time.monotonic() - started < 30


@pytest.mark.embedded
@pytest.mark.django_db
def test_one_wake_up_call_per_planning_that_found_something_new(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as first:
        outbox.enqueue(a_mail(1), a_mail(2))
    with django_capture_on_commit_callbacks() as second:
        outbox.enqueue(a_mail(1), a_mail(2))

    assert (first, second) == ([poke], [])


@pytest.mark.django_db
def test_the_task_sends_what_is_due_by_the_clock_on_the_wall() -> None:
    outbox.enqueue(a_mail(1), a_mail(2, due_at=NOW.replace(year=2126)))
    deliver_due_mail()

    assert [message["To"] for message in delivered()] == ["person1@example.org"]


@pytest.mark.django_db
def test_other_tests_can_read_what_arrived_by_kind() -> None:
    outbox.enqueue(a_mail(1), a_mail(2, kind=REMINDER), a_mail(3, due_at=NOW.replace(year=2126)))
    deliver_all(NOW)

    assert [message["To"] for message in delivered(REMINDER)] == ["person2@example.org"]
    assert [message["To"] for message in delivered(INVITATION)] == ["person1@example.org"]
    assert len(delivered()) == 2


@pytest.mark.django_db
def test_administrators_see_what_waits_but_not_for_whom_and_can_change_nothing() -> None:
    outbox.enqueue(a_mail(1), a_mail(2, kind=REMINDER))
    OutboxMessage.objects.filter(kind=REMINDER).update(state=OutboxMessage.State.WITHDRAWN)
    model_admin = OutboxMessageAdmin(OutboxMessage, admin.site)
    request = _request_of(User.objects.create_user(name="Ada", role=User.Role.ADMINISTRATOR))

    shown = {*model_admin.get_fields(request), *model_admin.get_list_display(request)}
    assert shown.isdisjoint({"recipient", "dedupe_key", "params", "message_id", "sent_at"})
    assert [message.kind for message in model_admin.get_queryset(request)] == [INVITATION]
    assert model_admin.has_view_permission(request)
    assert not model_admin.has_add_permission(request)
    assert not model_admin.has_change_permission(request)
    assert not model_admin.has_delete_permission(request)
    assert not model_admin.has_view_permission(_request_of(User.objects.create_user(name="Bo", role=User.Role.STAFF)))


def _request_of(user: User) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = user
    return request
