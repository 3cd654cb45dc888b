"""Rules about our own files that no single room could keep alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.template.loader import get_template
from django.template.utils import get_app_template_dirs

from tests.architecture.sources import (
    PROJECT,
    ROOMS,
    named,
    own_static_files,
    python_files,
    string_patterns,
    template_files,
)

LONGEST_FILE = 400
# Links a person may follow, and names that are never looked up. Nothing is loaded from any of them.
NOT_LOADED = re.compile(r"https?://(www\.w3\.org|[\w.-]*example\.(org|com)|127\.0\.0\.1|localhost)")
LOADS = re.compile(
    r"""(?:\bsrc|\bsrcset|\bposter|\bdata|\baction|\bhx-[\w-]+|<link[^>]*\bhref|@import|@use|url\(|\bimport\b|fetch\()"""
    r"""[^"'>\n]{0,20}["'(]\s*((?:https?:)?//[\w.-]+)"""
)
INLINE = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.DOTALL),
    "a style block": re.compile(r"<style\b"),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.DOTALL),
    "an inline script": re.compile(r"<script\b(?![^>]*\b(?:src=|type=\"application/json\"))"),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
}


def test_no_source_file_is_longer_than_a_reader_can_hold() -> None:
    sources = [path for path in python_files(*ROOMS, "tests") if "migrations" not in path.parts] + own_static_files()
    lengths = {named(path): len(path.read_text().splitlines()) for path in sources if path.suffix != ".svg"}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


@pytest.mark.django_db
def test_no_model_has_changed_without_a_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_template_is_used() -> None:
    python = [pattern for path in python_files(*ROOMS) for pattern in string_patterns(path)]
    templates = {path: path.read_text() for path in template_files()}
    unused = [
        name
        for path, name in ((path, template_name(path)) for path in templates)
        if not overrides_a_package(path)
        and not any(f'"{name}"' in text for other, text in templates.items() if other != path)
        and not any(re.fullmatch(pattern, name) for pattern in python)
    ]
    assert unused == []


def template_name(path: Path) -> str:
    return str(path).partition("/templates/")[2]


def overrides_a_package(path: Path) -> bool:
    """Whether a package brings a template of this name, which ours replaces."""
    folders = [Path(folder) for folder in get_app_template_dirs("templates")]
    # The environment may lie inside the project.
    packages = [folder for folder in folders if PROJECT not in folder.parents or ".venv" in folder.parts]
    return any((folder / template_name(path)).exists() for folder in packages)


@pytest.mark.parametrize("path", template_files(), ids=named)
def test_a_template_compiles_and_holds_nothing_the_content_security_policy_would_block(path: Path) -> None:
    get_template(template_name(path))
    text = path.read_text()
    assert {name: found.findall(text) for name, found in INLINE.items() if found.search(text)} == {}


def test_nothing_is_loaded_from_another_host() -> None:
    built = [path for path in (PROJECT / "static" / "build").rglob("*") if path.suffix in (".css", ".html")]
    loaded = {
        named(path): found
        for path in [*template_files(), *own_static_files(), *built]
        if (found := [host for host in LOADS.findall(path.read_text()) if not NOT_LOADED.match(host)])
    }
    assert loaded == {}


def test_the_detectors_see_what_they_are_for() -> None:
    bad = """<p style="color:red" onclick="x()"></p><style></style><script>1</script><a href="javascript:1">"""
    assert [name for name, found in INLINE.items() if not found.search(bad)] == []
    assert LOADS.findall('<script src="https://cdn.example.net/a.js">@import "//fonts.example.net/f.css"') == [
        "https://cdn.example.net",
        "//fonts.example.net",
    ]
    assert LOADS.findall('<a href="https://www.rand.org/">') == []


def test_answers_cannot_be_reached_by_name() -> None:
    """The protected contract sees imports only; this sees a model fetched by its name."""
    asked = {
        named(path)
        for path in python_files("cop_portal", "communities", "evaluations")
        if re.search(
            r"get_model\(\s*[\"']evaluations(\.|[\"'],\s*[\"'])(Response|FreeText|Tally|InboxBox|Draft)",
            path.read_text(),
        )
    }
    assert asked == set()
    models = apps.get_app_config("evaluations").get_models()
    sealed = [
        model for model in models if model.__module__ in ("evaluations.models.response", "evaluations.models.inbox")
    ]
    assert sealed
    back_doors = [
        f"{model.__name__}.{field.name}"
        for model in sealed
        for field in model._meta.concrete_fields
        if field.remote_field is not None and not field.remote_field.hidden
    ]
    assert back_doors == []
