"""The supervisor's loop: start, greet, restart, stop in order."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from cop_portal.installation.supervisor.children import WATCHED, Child

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
# gunicorn and Celery finish what is under way within 30 seconds.
DRAIN_SECONDS = 35
QUICK_DEATHS_ALLOWED = 4
TICK_SECONDS = 0.2
QUICK_TICK_SECONDS = 0.05

Say = Callable[[str], None]


def watch(children: list[Child], *, is_ready: Callable[[], bool], greet: Callable[[], None], say: Say) -> int:
    """Run the children until a stop signal. The exit status: 0 after a stop, 1 if a child could not be kept alive."""
    # Taken one by one in the loop: no handler runs in the middle of anything.
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    status, is_greeted = 0, False
    for child in children:
        child.start()
    while True:
        if _stop_was_asked(TICK_SECONDS if is_greeted else QUICK_TICK_SECONDS):
            break
        for child in _dead(children):
            child.has_died()
            say(f"The {child.name} has died and is started again.")
        if hopeless := next((child for child in children if child.quick_deaths > QUICK_DEATHS_ALLOWED), None):
            say(f"The {hopeless.name} dies as soon as it is started: the lines above say why.")
            status = 1
            break
        for child in children:
            if child.start_again_at is not None and monotonic() >= child.start_again_at:
                child.start()
        if not is_greeted and is_ready():
            is_greeted = True
            greet()
    stop(children, say=say)
    return status


def stop(children: list[Child], *, say: Say) -> None:
    """Ask every child to finish; after the drain, or at a second Ctrl-C, kill what is left and all it started."""
    say("Stopping: what is under way is finished first. Ctrl-C again stops at once.")
    for child in children:
        child.send(signal.SIGTERM)
    deadline = monotonic() + DRAIN_SECONDS
    groups = [child.pid for child in children if child.pid]
    while any(child.pid for child in children) and monotonic() < deadline:
        for child in _dead(children):
            child.pid = 0
        if _stop_was_asked(QUICK_TICK_SECONDS):
            break
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    for child in children:
        if child.pid:
            os.waitpid(child.pid, 0)
            child.pid = 0
    say("Stopped.")


def _stop_was_asked(seconds: float) -> bool:
    caught = signal.sigtimedwait(WATCHED, seconds)
    return caught is not None and caught.si_signo in STOP_SIGNALS


def _dead(children: list[Child]) -> list[Child]:
    return [child for child in children if child.pid and os.waitpid(child.pid, os.WNOHANG)[0]]
