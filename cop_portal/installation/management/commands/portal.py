"""The whole portal under one supervising process: `make run` and `make serve` call this."""

import os
import sys
from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from cop_portal.installation import folders, words
from cop_portal.installation.supervisor import address, processes
from cop_portal.installation.supervisor.children import Child
from cop_portal.installation.supervisor.lock import alone
from cop_portal.installation.supervisor.setting_up import set_up
from cop_portal.installation.supervisor.watch import watch


class Command(BaseCommand):
    help = "Set up what is missing, then run the web server, the worker and beat until Ctrl-C."
    # They would cost a second at every start; `make check` and `migrate` run them.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"), help="the address to listen on")
        parser.add_argument("--port", type=int, default=8000, help="the port to listen on")

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        # Whatever is written from here on, by whichever process, is for the portal's user only.
        os.umask(0o077)
        folders.prepare()
        with alone():
            address.insist(host, port)
            set_up(self.say)
            children = [
                Child("web server", partial(processes.serve_pages, host, port)),
                Child("worker", processes.work),
                Child("clock", processes.beat),
            ]
            status = watch(
                children,
                is_ready=partial(address.answers, host, port),
                greet=partial(self.greet, host, port),
                say=self.say,
            )
        if status:
            sys.exit(status)

    def greet(self, host: str, port: int) -> None:
        local = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self.say("\n" + "\n".join(words.greeting(settings.BASE_URL if settings.IS_PRODUCTION else local)))

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
