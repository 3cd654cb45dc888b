"""Kinds of mail that only tests send: an invitation, a reminder, a sign-in code."""

from datetime import UTC, datetime
from typing import Any

from cop_portal import outbox

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
INVITATION, REMINDER, SIGN_IN = "tests.invitation", "tests.reminder", "tests.sign_in"
# A link that must never be at rest, and whose mail is not due any more once it has been used.
SECRET_LINK = "https://portal.example.org/a/secret-{n}/"
answered: set[int] = set()


def _render(params: dict[str, Any], to: str) -> outbox.Rendered:
    link = SECRET_LINK.format(n=params["n"])
    return outbox.Rendered(
        subject=params.get("subject", "How is your community doing?"),
        text=f"Dear reader,\n.a line that begins with a dot\nAnswer here: {link}\n",
        html=f"<p>Answer <a href='{link}'>here</a>: one minute, naïve questions</p>",
        headers=params.get("headers", {"List-Unsubscribe": f"<{link}stop/>"}),
    )


def _is_still_due(params: dict[str, Any]) -> bool:
    return params["n"] not in answered


KINDS = (
    outbox.MailKind(INVITATION, _render, _is_still_due, in_doubt="resend_once"),
    outbox.MailKind(REMINDER, _render, _is_still_due, in_doubt="hold"),
    outbox.MailKind(SIGN_IN, _render, _is_still_due, in_doubt="hold", ignores_pauses=True),
)
for kind in KINDS:
    outbox.register(kind)


def a_mail(n: int = 1, *, kind: str = INVITATION, **changes: Any) -> outbox.Mail:
    values: dict[str, Any] = {
        "dedupe_key": f"{kind}:{n}",
        "kind": kind,
        "to": f"person{n}@example.org",
        "params": {"n": n},
        "due_at": NOW,
    }
    return outbox.Mail(**(values | changes))
