"""Three-way merging: what a writer had read, what stands now, and what the writer says."""

from dataclasses import dataclass
from typing import Any

from communities.services.records.content import Content, Path


@dataclass(frozen=True)
class Clash:
    """One place that two people have changed differently. None: there is nothing there."""

    path: Path
    theirs: Any
    mine: Any


def merge(*, base: Content, theirs: Content, mine: Content) -> tuple[Content, list[Clash]]:
    """What both wanted, and the places where they want different things (there `theirs` is kept).

    What only one of them changed is as that one wants it. What both changed alike is no clash.
    """
    merged: Content = {}
    clashes: list[Clash] = []
    for path in dict.fromkeys([*theirs, *mine]):
        before, now, wanted = base.get(path), theirs.get(path), mine.get(path)
        if wanted not in (before, now):
            if now == before:
                now = wanted
            else:
                clashes.append(Clash(path, theirs=now, mine=wanted))
        if now is not None:
            merged[path] = now
    return merged, clashes
