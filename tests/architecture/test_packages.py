"""What the portal stands on is pinned, explained and listed with its licence, and nothing else is."""

from __future__ import annotations

import json
import re

from tests.architecture.sources import PROJECT

PIN = re.compile(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)$", re.MULTILINE)


def pinned(name: str) -> set[tuple[str, str]]:
    return set(PIN.findall((PROJECT / name).read_text()))


def test_every_line_pins_one_version_and_direct_ones_say_why_they_are_here() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        direct, _, _ = (PROJECT / name).read_text().partition("# Everything those bring along")
        lines = [line for line in (PROJECT / name).read_text().splitlines() if line and line[0] not in "#-"]
        assert [line for line in lines if not PIN.match(line)] == []
        explained = re.findall(r"^# .+\n(\w[\w.-]*)", direct, re.MULTILINE)
        assert explained == [package for package, _ in PIN.findall(direct)]


def test_the_list_of_third_parties_is_what_is_pinned() -> None:
    rows = re.findall(
        r"^\| ([^|]+?) \| ([^|]+?) \| ([^|]+?) \|$", (PROJECT / "docs/third-party.md").read_text(), re.MULTILINE
    )
    listed = {(name, version) for name, version, _ in rows if name not in ("Package", "---")}
    lock = json.loads((PROJECT / "package-lock.json").read_text())["packages"]
    packages = {(path.rpartition("node_modules/")[2], about["version"]) for path, about in lock.items() if path}
    assert listed == pinned("requirements.txt") | pinned("requirements-dev.txt") | packages


def test_the_lock_names_no_registry() -> None:
    """A clone elsewhere fetches the same packages, by their digests, from wherever it is set to."""
    lock = json.loads((PROJECT / "package-lock.json").read_text())["packages"]
    assert [path for path, about in lock.items() if "resolved" in about] == []
    assert [path for path, about in lock.items() if path and "integrity" not in about] == []
