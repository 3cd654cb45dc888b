"""The files that are ours, as the architecture tests read them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("cop_portal", "communities", "evaluations")


def named(path: Path) -> str:
    """A path as a test's name and message show it."""
    return str(path.relative_to(PROJECT))


@cache
def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (PROJECT / folder).rglob("*.py"))


@cache
def template_files() -> list[Path]:
    found = [path for path in (PROJECT / "templates").rglob("*") if path.suffix in (".html", ".txt", ".svg")]
    return sorted(found + [path for room in ROOMS for path in (PROJECT / room).rglob("templates/**/*.html")])


@cache
def own_static_files() -> list[Path]:
    return sorted(path for path in (PROJECT / "static" / "src").rglob("*") if path.is_file())


def string_patterns(path: Path) -> Iterator[str]:
    """Every string of a Python file as a regular expression: what an f-string fills in may be any word."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield re.escape(node.value)
        elif isinstance(node, ast.JoinedStr):
            yield "".join(
                re.escape(part.value) if isinstance(part, ast.Constant) and isinstance(part.value, str) else r"[\w/-]+"
                for part in node.values
            )
