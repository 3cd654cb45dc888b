"""A missing or unsafe setting stops the start with a paragraph that says how to mend it, and never with a traceback."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cop_portal.installation import environment
from tests.architecture.sources import PROJECT

SECRET = "q7Vt-2nXw9_kLmRzB4cYdHfJ6sPaGeUxTi8oN3vWbQ5yKjZrCh1MlDg0SuEpFaXq"

BAD = {
    "SECRET_KEY missing": ({"SECRET_KEY": None}, "SECRET_KEY is not set."),
    "SECRET_KEY short": ({"SECRET_KEY": "short"}, "SECRET_KEY can be guessed"),
    "SECRET_KEY of one letter": ({"SECRET_KEY": "a" * 80}, "SECRET_KEY can be guessed"),
    "SECRET_KEY from an example": ({"SECRET_KEY": f"django-insecure-{SECRET}"}, "SECRET_KEY can be guessed"),
    "ALLOWED_HOSTS missing": ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS is not set."),
    "ALLOWED_HOSTS empty": ({"ALLOWED_HOSTS": " , "}, "ALLOWED_HOSTS is not set."),
    "ALLOWED_HOSTS everyone": ({"ALLOWED_HOSTS": "portal.example.org,*"}, "ALLOWED_HOSTS is *"),
    "KEY_DIR missing": ({"KEY_DIR": None}, "KEY_DIR is not set."),
    "KEY_DIR nowhere": ({"KEY_DIR": "/nowhere/keys"}, "there is no such folder."),
    "KEY_DIR inside the code": ({"KEY_DIR": str(PROJECT / "communities")}, "KEY_DIR is"),
    "EMAIL_URL missing": ({"EMAIL_URL": None}, "EMAIL_URL is not set."),
    "EMAIL_URL a folder": ({"EMAIL_URL": "file:///tmp/mail"}, "EMAIL_URL begins with file:"),
    "DATABASE_URL of another kind": ({"DATABASE_URL": "mysql://u:hidden@db/portal"}, "DATABASE_URL begins with mysql:"),
    "REDIS_URL of another kind": ({"REDIS_URL": "amqp://queue"}, "REDIS_URL begins with amqp:"),
    "DEBUG on": ({"DEBUG": "1"}, "DEBUG is on"),
}


@pytest.fixture
def good(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "keys").mkdir(mode=0o700)
    return {
        "SECRET_KEY": SECRET,
        "ALLOWED_HOSTS": "portal.example.org",
        "KEY_DIR": str(tmp_path / "keys"),
        "EMAIL_URL": "smtp://localhost:25",
        "DATA_DIR": str(tmp_path / "data"),
    }


def changed(good: dict[str, str], change: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in {**good, **change}.items() if value is not None}


def start(variables: dict[str, str], mode: str = "production") -> subprocess.CompletedProcess[str]:
    """What a person sees who starts the portal with these variables and no others."""
    return subprocess.run(
        [sys.executable, PROJECT / "manage.py", "portal", "--port", "1"],
        env={"PATH": os.environ["PATH"], "PORTAL_MODE": mode, **variables},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_good_environment_has_no_problems(good: dict[str, str]) -> None:
    assert environment.problems("production", good) == []


@pytest.mark.parametrize(("change", "begins"), BAD.values(), ids=BAD)
def test_a_bad_variable_stops_the_start_and_says_how_to_mend_it(
    good: dict[str, str], change: dict[str, str | None], begins: str
) -> None:
    run = start(changed(good, change))
    assert run.returncode == 1
    assert begins in run.stderr
    assert "Traceback" not in run.stderr
    assert "hidden" not in run.stderr
    assert len(environment.problems("production", changed(good, change))) == 1


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o701])
def test_a_key_folder_that_others_can_read_stops_the_start(good: dict[str, str], mode: int) -> None:
    Path(good["KEY_DIR"]).chmod(mode)
    (problem,) = environment.problems("production", good)
    assert "which other users can read" in problem
    assert f"chmod 700 {good['KEY_DIR']}" in problem


def test_a_key_folder_inside_the_data_stops_the_start(good: dict[str, str]) -> None:
    (problem,) = environment.problems("production", good | {"DATA_DIR": str(Path(good["KEY_DIR"]).parent)})
    assert "backups would take the keys" in problem


def test_everything_that_is_wrong_is_said_at_once() -> None:
    run = start({})
    assert run.returncode == 1
    assert [name for name in ("SECRET_KEY", "ALLOWED_HOSTS", "KEY_DIR", "EMAIL_URL") if name not in run.stderr] == []


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL"])
def test_a_demo_refuses_another_database(name: str, tmp_path: Path) -> None:
    run = start({name: "redis://localhost/0", "DATA_DIR": str(tmp_path)}, mode="demo")
    assert run.returncode == 1
    assert f"{name} is set, and the demo refuses it." in run.stderr
    assert "Traceback" not in run.stderr


def test_an_unknown_mode_is_refused(tmp_path: Path) -> None:
    run = start({"DATA_DIR": str(tmp_path)}, mode="staging")
    assert (run.returncode, "Use production (the default), demo or test." in run.stderr) == (1, True)


def test_a_folder_that_cannot_be_written_stops_the_start_with_one_paragraph(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    run = start({"DATA_DIR": str(tmp_path / "file" / "data")}, mode="demo")
    assert run.returncode == 1
    assert "cannot be made (Not a directory)" in run.stderr
    assert "Traceback" not in run.stderr


def test_the_example_names_every_variable_that_the_settings_read() -> None:
    names = re.compile(r'env\.\w+\(\s*"([A-Z_]+)"')
    read = set(names.findall((PROJECT / "cop_portal" / "settings.py").read_text())) - {"PORTAL_MODE", "DEBUG"}
    example = set(re.findall(r"^#?([A-Z_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE))
    assert read - example == set()
