"""The import contracts hold, and each of them would notice being broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import PROJECT, ROOMS

PLANTED = {
    "a lower room imports a higher one": ("rooms", "communities/models/community.py", "import evaluations.permissions"),
    "the outbox imports the accounts above it": (
        "rooms",
        "cop_portal/outbox/models.py",
        "from cop_portal.accounts.models import User",
    ),
    "a model imports a service": ("layers", "communities/models/session.py", "import communities.services.planning"),
    "a page imports the API": ("layers", "evaluations/views/__init__.py", "import evaluations.api"),
    "a room grows a module that no layer names": ("layers", "communities/helpers.py", "import communities.models"),
    "a service imports a form": ("services", "communities/services/sessions/planning.py", "import communities.forms"),
    "a service imports REST framework": (
        "services",
        "evaluations/services/surveys/opening.py",
        "from rest_framework.response import Response",
    ),
    "a service imports Celery": (
        "services",
        "evaluations/services/surveys/opening.py",
        "from celery import shared_task",
    ),
    "results read answers": ("answers", "evaluations/results.py", "from evaluations.models.response import Response"),
    "a page reads the inbox": ("answers", "evaluations/views/__init__.py", "import evaluations.models.inbox"),
}


@pytest.fixture(scope="module")
def copy_of_the_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    shutil.copy(PROJECT / "pyproject.toml", folder)
    for room in ROOMS:
        shutil.copytree(PROJECT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__", "data"))
    return folder


@pytest.fixture
def planted(copy_of_the_tree: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    _, file, line = request.param
    path = copy_of_the_tree / file
    before = path.read_text() if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n")
    yield copy_of_the_tree
    if before is None:
        path.unlink()
    else:
        path.write_text(before)


def lint_imports(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    chosen = [word for contract in contracts for word in ("--contract", contract)]
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([program, "--no-cache", *chosen], cwd=folder, capture_output=True, text=True, check=False)


def test_every_import_contract_is_kept() -> None:
    run = lint_imports(PROJECT)
    assert (run.returncode, run.stdout.count("BROKEN")) == (0, 0), run.stdout


@pytest.mark.parametrize(
    ("contract", "planted"),
    [pytest.param(plant[0], plant, id=name) for name, plant in PLANTED.items()],
    indirect=["planted"],
)
def test_a_planted_import_breaks_its_contract(contract: str, planted: Path) -> None:
    run = lint_imports(planted, contract)
    assert (run.returncode, run.stdout.count("BROKEN")) == (1, 1), run.stdout + run.stderr


@pytest.mark.parametrize(
    "line",
    [
        "from django.http import HttpRequest",
        "from django.shortcuts import redirect",
        "from django.core.mail import send_mail",
        "from django.utils.timezone import now",
    ],
)
def test_a_service_that_knows_requests_mail_or_the_wall_clock_is_refused(line: str) -> None:
    """Import contracts see Django as one package, so the linter holds services to these."""
    refused = {
        file: subprocess.run(
            [Path(sys.executable).with_name("ruff"), "check", "--select", "TID251", "--stdin-filename", file, "-"],
            cwd=PROJECT,
            input=line,
            text=True,
            capture_output=True,
            check=False,
        ).returncode
        for file in ("communities/services/sessions/planning.py", "communities/views/sessions/reading.py")
    }
    assert refused == {"communities/services/sessions/planning.py": 1, "communities/views/sessions/reading.py": 0}
