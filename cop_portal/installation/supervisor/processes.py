"""What the children run: the web server, the worker that wakes the sender and the sweepers, and beat."""

import os
import warnings
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

# More processes than this only queue for SQLite's one writer.
MOST_ON_SQLITE = 9
WORKER_THREADS = 4
# The route, never the path (it can hold a token), never the reader's address, and never the size of a page: that of the
# page where answers are checked would tell how long a text is, and so whose moment it belongs to.
ACCESS_LOG_FORMAT = '%(t)s %(m)s "%({portal.route}e)s" %(s)s %(M)s ms'


def web_processes() -> int:
    """Sync workers, 2 × cores + 1, the same on both databases; WEB_PROCESSES overrides it."""
    if asked := os.environ.get("WEB_PROCESSES"):
        return max(1, int(asked))
    usual = 2 * (os.cpu_count() or 1) + 1
    return usual if settings.DATABASE_URL else min(usual, MOST_ON_SQLITE)


def serve_pages(host: str, port: int) -> None:
    """gunicorn, until SIGTERM; requests under way are finished first."""
    from gunicorn.app.base import BaseApplication
    from gunicorn.arbiter import Arbiter

    class Pages(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            chosen: dict[str, Any] = {
                "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
                "workers": web_processes(),
                "worker_class": "sync",
                "preload_app": True,
                "timeout": 60,
                "graceful_timeout": 30,
                "keepalive": 5,
                "loglevel": "warning",
                "accesslog": "-" if settings.IS_PRODUCTION else None,
                "access_log_format": ACCESS_LOG_FORMAT,
                # Which path was asked for is for the request's first line to say, and for no header.
                "forwarder_headers": "",
                "control_socket_disable": True,
                "proc_name": "portal",
            }
            for name, value in chosen.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            from django.db import connections
            from django.urls import get_resolver

            application = import_string(settings.WSGI_APPLICATION)
            # Read every view before the fork: no worker's first page is slower, and memory is shared.
            get_resolver().url_patterns  # noqa: B018
            connections.close_all()
            return application

    Arbiter(Pages()).run()


def work() -> None:
    """One Celery worker with threads, until SIGTERM; tasks under way are finished first."""
    from cop_portal.celery import app

    # Celery warns root of messages that run code; ours are JSON, and nothing else is accepted.
    warnings.filterwarnings("ignore", message=".*superuser privileges")
    worker = app.Worker(
        pool="threads",
        concurrency=WORKER_THREADS,
        loglevel="WARNING",
        hostname="portal@localhost",
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    worker.start()
    raise SystemExit(worker.exitcode or 0)


def beat() -> None:
    """Celery's clock: it only asks the worker to look for what is due."""
    from cop_portal.celery import app

    app.Beat(loglevel="WARNING", quiet=True).run()
