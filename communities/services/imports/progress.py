"""How far an import has come, by its number, or other work of the worker, by its name. Told while an import's one
transaction is open, so it is kept outside the database; losing it costs a number on a page and nothing else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.cache import caches

KEPT_SECONDS = 60 * 60
# Longer than any work takes. A worker that is killed lets go after this.
HELD_SECONDS = 10 * 60


@dataclass(frozen=True)
class Progress:
    """So many hundredths, and what is being done."""

    percent: int = 0
    words: str = "Waiting for its turn"


Tell = Callable[[int, str], None]


def teller(batch_id: int | str) -> Tell:
    """`tell(percent, words)`."""

    def tell(percent: int, words: str) -> None:
        caches["progress"].set(_key(batch_id), (min(100, percent), words), KEPT_SECONDS)

    return tell


def progress_of(batch_id: int | str) -> Progress:
    """The last that was told."""
    told = caches["progress"].get(_key(batch_id))
    return Progress(*told) if told else Progress()


def forget_progress(batch_id: int | str) -> None:
    """The next thing that is done to this import starts from nothing."""
    caches["progress"].delete(_key(batch_id))


@contextmanager
def held(batch_id: int | str) -> Iterator[bool]:
    """For work that is not one transaction: True for the one worker that may do it now, False for any other."""
    is_mine = caches["progress"].add(f"held-{_key(batch_id)}", True, HELD_SECONDS)
    try:
        yield is_mine
    finally:
        if is_mine:
            caches["progress"].delete(f"held-{_key(batch_id)}")


def _key(batch_id: int | str) -> str:
    return f"import-{batch_id}"
