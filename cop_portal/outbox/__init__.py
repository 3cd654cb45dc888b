"""Mail as rows, and the only way out of the portal: enqueue → claim → fence → dot → record.

A row names its occasion (`dedupe_key`), so planning it twice makes one row, and a sender that dies at any moment
neither mails a person twice nor forgets one. The database is the record; Celery and its broker only wake the sender.

The outbox knows nobody. The app that owns a kind of mail registers, in `AppConfig.ready()`, how it is worded and how
to ask whether it is still due. Rows hold what is needed to word a mail, never the words: a link or a code is worked
out in memory just before sending and is never at rest.
"""

from cop_portal.outbox.kinds import JSON, CalendarPart, Mail, MailKind, Rendered, ask_who_declines, register

__all__ = [
    "JSON",
    "CalendarPart",
    "Mail",
    "MailKind",
    "Rendered",
    "accepted",
    "ask_who_declines",
    "enqueue",
    "forget",
    "forget_recipient",
    "register",
]


# Models cannot be imported while Django loads this package, so both functions reach for theirs when called.
def enqueue(*mails: Mail) -> int:
    """Put mails in the outbox, inside the caller's transaction; return how many were new.

    A mail whose `dedupe_key` is already known is left alone, whoever planned it first. After the commit the sender
    is woken; if that fails, the next sweep finds the rows. Pass all mails of an occasion in one call.
    """
    from cop_portal.outbox.posting import post

    return post(mails)


def accepted(dedupe_prefix: str) -> int | None:
    """How many recipients there are of whom a mail server has accepted at least one mail of an occasion.

    None where there was no mail at all. To be asked before the occasion is forgotten.
    """
    from cop_portal.outbox.posting import count_accepted

    return count_accepted(dedupe_prefix)


def forget(dedupe_prefix: str) -> int:
    """Delete the rows of an occasion and return how many there were; their number per kind and state is kept.

    A forgotten key could be enqueued again: forget only what its owner will not plan any more.
    """
    from cop_portal.outbox.posting import forget_rows

    return forget_rows(dedupe_prefix)


def forget_recipient(address: str) -> int:
    """Delete every row to one address, sent or not, and return how many there were; their number is kept likewise.

    For someone whose data are erased: whoever plans their mail must know by then that they are gone.
    """
    from cop_portal.outbox.posting import forget_rows_to

    return forget_rows_to(address)
