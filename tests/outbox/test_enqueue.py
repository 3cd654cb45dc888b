"""Planning mail: one row per occasion, whoever plans it and however often."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from cop_portal import outbox
from cop_portal.outbox.models import OutboxCount, OutboxMessage
from tests.outbox.kinds import INVITATION, NOW, REMINDER, SECRET_LINK, a_mail
from tests.outbox.support import deliver_all, delivered


@pytest.mark.django_db
def test_an_occasion_planned_twice_is_one_row_and_keeps_what_was_planned_first() -> None:
    assert outbox.enqueue(a_mail(1), a_mail(2)) == 2
    assert outbox.enqueue(a_mail(2, to="moved@example.org"), a_mail(3)) == 1

    rows = OutboxMessage.objects.order_by("dedupe_key").values_list("recipient", flat=True)
    assert list(rows) == ["person1@example.org", "person2@example.org", "person3@example.org"]


@pytest.mark.django_db
def test_more_mails_than_one_statement_takes_are_all_planned() -> None:
    assert outbox.enqueue(*(a_mail(n) for n in range(1203))) == 1203
    assert outbox.enqueue(*(a_mail(n) for n in range(1204))) == 1


@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
def test_five_planners_at_once_plan_each_occasion_once() -> None:
    start = threading.Barrier(5)
    added: list[int] = []

    def plan(offset: int) -> None:
        # Each planner has the same occasions in another order, and a clock of its own.
        mails = [a_mail(n, due_at=NOW + timedelta(hours=offset)) for n in range(40)]
        start.wait()
        try:
            added.append(outbox.enqueue(*mails[offset * 7 :], *mails[: offset * 7]))
        finally:
            connection.close()

    planners = [threading.Thread(target=plan, args=(offset,)) for offset in range(5)]
    for planner in planners:
        planner.start()
    for planner in planners:
        planner.join()

    assert sum(added) == 40
    assert OutboxMessage.objects.count() == 40


@pytest.mark.django_db
def test_a_mail_planned_in_a_transaction_that_fails_was_never_planned() -> None:
    with transaction.atomic():
        outbox.enqueue(a_mail(1))
        transaction.set_rollback(True)

    assert OutboxMessage.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("mail", "error"),
    [
        (a_mail(kind="tests.nobody_knows_it"), LookupError),
        (a_mail(to="a@example.org\nBcc: b@example.org"), ValueError),
        (a_mail(to="a@example.org, b@example.org"), ValueError),
        (a_mail(to="Somebody <a@example.org>"), ValueError),
        (a_mail(due_at=datetime(2026, 3, 2, 9, 0)), ValueError),  # noqa: DTZ001 (that is the mistake)
    ],
)
def test_a_mail_that_cannot_be_sent_is_refused_when_it_is_planned(mail: outbox.Mail, error: type[Exception]) -> None:
    with pytest.raises(error):
        outbox.enqueue(mail)

    assert OutboxMessage.objects.count() == 0


@pytest.mark.django_db
def test_no_working_link_is_at_rest_before_or_after_sending() -> None:
    outbox.enqueue(a_mail(1))
    before = str(OutboxMessage.objects.values().get())
    deliver_all(NOW)
    after = str(OutboxMessage.objects.values().get())

    link = SECRET_LINK.format(n=1)
    assert link in delivered()[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert link not in before
    assert link not in after


@pytest.mark.django_db
def test_forgetting_an_occasion_keeps_how_many_mails_there_were_and_nothing_else() -> None:
    outbox.enqueue(*(a_mail(n, kind=REMINDER, dedupe_key=f"survey:7:reminder:{n}") for n in range(3)))
    outbox.enqueue(a_mail(9, kind=REMINDER, dedupe_key="survey:71:reminder:1"))
    deliver_all(NOW)
    outbox.enqueue(a_mail(4, kind=INVITATION, dedupe_key="survey:7:invitation:4"))

    assert outbox.forget("survey:7:") == 4
    assert outbox.forget("survey:7:") == 0

    counts = OutboxCount.objects.order_by("kind").values_list("kind", "state", "count")
    assert list(counts) == [(INVITATION, "ready", 1), (REMINDER, "sent", 3)]
    assert OutboxMessage.objects.get().dedupe_key == "survey:71:reminder:1"


@pytest.mark.django_db
def test_an_empty_prefix_does_not_forget_everything() -> None:
    outbox.enqueue(a_mail(1))

    with pytest.raises(ValueError, match="occasion"):
        outbox.forget("")

    assert OutboxMessage.objects.count() == 1
