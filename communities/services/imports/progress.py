"""How far an import has come, by its number, or other work of the worker, by its name. Told while an import's one
transaction is open, so it is kept outside the database; losing it costs a number on a page and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.cache import caches

KEPT_SECONDS = 60 * 60


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


def _key(batch_id: int | str) -> str:
    return f"import-{batch_id}"
