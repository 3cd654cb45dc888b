"""The schema and the reference made from it."""

import re

import pytest
import yaml
from django.test import Client

from cop_portal.api.reference import reference

pytestmark = pytest.mark.django_db


def test_the_schema_is_openapi_3_1_and_describes_signing_in_and_problems(client: Client) -> None:
    response = client.get("/api/v1/schema/")
    schema = response.json()
    assert schema["openapi"].startswith("3.1")
    assert set(schema["components"]["securitySchemes"]) == {"bearer", "session"}
    operations = [
        operation for path in schema["paths"].values() for operation in path.values() if "responses" in operation
    ]
    assert operations
    assert {operation["responses"]["default"]["$ref"] for operation in operations} == {"#/components/responses/Problem"}
    assert schema["components"]["schemas"]["Problem"]["required"] == ["type", "title", "status", "detail", "code"]


def test_the_schema_is_the_same_in_yaml(client: Client) -> None:
    in_json = client.get("/api/v1/schema/").json()
    in_yaml = yaml.safe_load(client.get("/api/v1/schema/", {"format": "yaml"}).content)
    assert in_yaml == in_json


def test_the_schema_names_every_view_without_guessing(capsys: pytest.CaptureFixture[str]) -> None:
    from django.core.management import call_command

    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")
    assert "Warning" not in capsys.readouterr().err


def test_the_reference_lists_every_operation_and_every_shape_of_the_schema(client: Client) -> None:
    schema = client.get("/api/v1/schema/").json()
    page = client.get("/api/v1/docs/").content.decode()
    for path, methods in schema["paths"].items():
        for method in methods:
            assert f"<code>{method.upper()} {path}</code>" in page
    for name in schema["components"]["schemas"]:
        assert f'id="shape-{name}"' in page


def test_every_operation_begins_by_saying_what_it_does(client: Client) -> None:
    schema = client.get("/api/v1/schema/").json()
    said = {
        f"{method.upper()} {path}": operation.get("description", "")
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if "responses" in operation
    }
    assert len(said) > 150
    # A status or nothing at all says when it is refused, and not what it is; neither does what a framework says of
    # its own classes.
    assert {name: words for name, words in said.items() if not re.match(r"[A-Z“]", words)} == {}
    assert {name: words for name, words in said.items() if "view" in words.lower().split()} == {}


def test_the_references_own_links_all_lead_somewhere(client: Client) -> None:
    page = client.get("/api/v1/docs/").content.decode()
    anchors, targets = set(re.findall(r'href="#([^"]+)"', page)), set(re.findall(r'id="([^"]+)"', page))
    assert anchors <= targets
    ids = re.findall(r'id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_the_reference_loads_nothing_from_outside_and_holds_no_inline_script_or_style(client: Client) -> None:
    page = client.get("/api/v1/docs/").content.decode()
    assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', page.split("<footer")[0]) == []
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page) == []


def test_the_reference_is_worked_out_once() -> None:
    assert reference() is reference()
