"""The API's reference as plain data, read from the OpenAPI schema: the page cannot say other than the schema does."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator

from cop_portal.api import schema as schema_extensions
from cop_portal.api.problems import KINDS

__all__ = ["Reference", "reference", "schema_extensions"]

METHODS = ("get", "post", "put", "patch", "delete")
SHAPES = "#/components/schemas/"


@dataclass(frozen=True)
class Field:
    """A parameter, or a field of a body. `shape` names the shape it holds, if that has a name."""

    name: str
    kind: str
    shape: str
    is_required: bool
    description: str


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked."""

    name: str
    method: str
    path: str
    description: str
    parameters: tuple[Field, ...]
    takes: str
    gives: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Group:
    """The operations on one noun."""

    name: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Shape:
    """What a body holds."""

    name: str
    description: str
    fields: tuple[Field, ...]
    values: tuple[str, ...]


@dataclass(frozen=True)
class Reference:
    """All of it."""

    title: str
    version: str
    groups: tuple[Group, ...]
    shapes: tuple[Shape, ...]
    problems: tuple[tuple[int, str, str], ...]


def _shape_name(schema: dict[str, Any]) -> str:
    """The named shape that a schema is, or holds."""
    for part in (schema, schema.get("items", {}), *schema.get("allOf", []), *schema.get("oneOf", [])):
        if "$ref" in part:
            return str(part["$ref"]).removeprefix(SHAPES)
    return ""


def _kind(schema: dict[str, Any]) -> str:
    """A schema's type in words: "text", "list of text", "date or nothing"."""
    if "$ref" in schema or "allOf" in schema:
        return ""
    if "oneOf" in schema:
        return " or ".join(part for part in map(_kind, schema["oneOf"]) if part)
    types = schema.get("type", "anything")
    if types == "array":
        return f"list of {_kind(schema.get('items', {}))}".strip()
    words = {"string": schema.get("format", "text"), "null": "nothing", "integer": "whole number", "object": "object"}
    return " or ".join(words.get(kind, kind) for kind in ([types] if isinstance(types, str) else types))


def _field(name: str, schema: dict[str, Any], *, is_required: bool, description: str = "") -> Field:
    return Field(name, _kind(schema), _shape_name(schema), is_required, description or schema.get("description", ""))


def _parameters(operation: dict[str, Any]) -> Iterator[Field]:
    for found in operation.get("parameters", []):
        yield _field(
            found["name"],
            found.get("schema", {}),
            is_required=found.get("required", False),
            description=found.get("description", ""),
        )


def _body(content: dict[str, Any]) -> str:
    for media in content.values():
        return _shape_name(media.get("schema", {}))
    return ""


def _operation(path: str, method: str, found: dict[str, Any]) -> Operation:
    gives = tuple(
        (status, _body(response.get("content", {})), response.get("description", ""))
        for status, response in found["responses"].items()
        if status != "default"
    )
    takes = _body(found.get("requestBody", {}).get("content", {}))
    words = found.get("description") or found.get("summary", "")
    parameters = tuple(_parameters(found))
    return Operation(found["operationId"], method.upper(), path, words, parameters, takes, gives)


def _groups(paths: dict[str, Any]) -> Iterator[Group]:
    by_noun: dict[str, list[Operation]] = {}
    for path, methods in paths.items():
        for method in METHODS:
            if method in methods:
                noun = (methods[method].get("tags") or ["other"])[0]
                by_noun.setdefault(noun, []).append(_operation(path, method, methods[method]))
    for noun, operations in by_noun.items():
        yield Group(noun.replace("-", " ").replace("_", " ").capitalize(), tuple(operations))


def _shapes(schemas: dict[str, Any]) -> Iterator[Shape]:
    for name, schema in sorted(schemas.items()):
        required = set(schema.get("required", []))
        fields = tuple(
            _field(field, inner, is_required=field in required) for field, inner in schema.get("properties", {}).items()
        )
        values = tuple("nothing" if value is None else str(value) for value in schema.get("enum", []))
        yield Shape(name, schema.get("description", ""), fields, values)


@cache
def reference() -> Reference:
    """The reference, worked out once in the life of a process: it follows from the code alone."""
    found = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return Reference(
        title=found["info"]["title"],
        version=found["info"]["version"],
        groups=tuple(_groups(found["paths"])),
        shapes=tuple(_shapes(found["components"]["schemas"])),
        problems=tuple((status, kind, title) for status, (kind, title) in KINDS.items()),
    )
