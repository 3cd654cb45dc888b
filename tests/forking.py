"""For tests that fork: a child leaves its parent's connections alone."""

from django.db import connections


def forget_inherited_connections() -> None:
    """First thing in a forked child: whatever its parent was connected by is not used, and not ended either.

    Closing them all before the fork is not enough. Once a browser test has started an event loop in this process,
    Django keeps the connections of the loop apart from those of the thread; the loop is gone in a child, so that it
    would find the thread's again, and speak through the socket of its parent and of its sisters.
    """
    for connection in connections.all(initialized_only=True):
        # Let go of and not closed: psycopg2 ends a connection only in the process that began it.
        connection.connection = None
        connection.in_atomic_block = False
        connection.needs_rollback = False
