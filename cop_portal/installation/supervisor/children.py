"""The portal's processes: forked from the supervisor, which has loaded the code already, so they start at once.

Each leads a session of its own, so Ctrl-C in a terminal reaches the supervisor alone, and so a child that died can be
followed by a clean-up of everything it had started. The kernel ends a child whose supervisor was killed.
"""

import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

from django.db import connections

PR_SET_PDEATHSIG = 1
# A child that lived this long died of something new, not of the same thing again.
SETTLED_SECONDS = 20
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30
WATCHED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)


@dataclass
class Child:
    """One process and what it runs. `quick_deaths` counts deaths in a row soon after the start."""

    name: str
    run: Callable[[], None]
    pid: int = 0
    started_at: float = 0
    start_again_at: float | None = None
    quick_deaths: int = field(default=0)

    def start(self) -> None:
        # A connection must not be shared between processes.
        connections.close_all()
        sys.stdout.flush()
        sys.stderr.flush()
        supervisor = os.getpid()
        self.started_at, self.start_again_at = monotonic(), None
        self.pid = os.fork()
        if self.pid == 0:
            os._exit(_become(self.run, supervisor))

    def has_died(self) -> None:
        """Note a death, end what the child had started, and decide when to start it again."""
        self.send_to_group(signal.SIGKILL)
        self.pid = 0
        is_quick = monotonic() - self.started_at < SETTLED_SECONDS
        self.quick_deaths = self.quick_deaths + 1 if is_quick else 1
        pause = min(FIRST_PAUSE_SECONDS * 2 ** (self.quick_deaths - 1), LONGEST_PAUSE_SECONDS)
        self.start_again_at = monotonic() + pause

    def send(self, number: signal.Signals) -> None:
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def send_to_group(self, number: signal.Signals) -> None:
        if self.pid:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)


def _become(run: Callable[[], None], supervisor: int) -> int:
    """In the child: cut the ties to the supervisor, except for dying with it; then run. The exit status."""
    try:
        os.setsid()
        for number in WATCHED:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != supervisor:  # it died before the kernel was told
            return 1
        run()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    except BaseException:  # noqa: BLE001 (nothing may escape into the supervisor's own code)
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0
