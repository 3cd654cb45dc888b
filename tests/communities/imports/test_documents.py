"""A document says what is wrong with it by line and field, all at once."""

import json
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from communities.imports.documents import DocumentRefused, digest_of, read_document, read_file, repeated_codes

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["things"],
    "additionalProperties": False,
    "properties": {
        "things": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code"],
                "additionalProperties": False,
                "properties": {"code": {"type": "string", "minLength": 1}, "kind": {"enum": ["a", "b"]}},
            },
        }
    },
}


def faults(text: str) -> list[str]:
    with pytest.raises(DocumentRefused) as refused:
        read_document(text, schema=SCHEMA)
    return [str(fault) for fault in refused.value.faults]


def test_every_fault_is_named_with_its_line_and_field_in_one_go() -> None:
    text = '{\n "things": [\n  {"code": "x", "kind": "c"},\n  {"kind": "a"},\n  {"code": 7}\n ]\n}'

    assert faults(text) == [
        "Line 3, things 1 › kind: 'c' is not one of: a, b.",
        "Line 4, things 2: code is missing.",
        "Line 5, things 3 › code: this should be text.",
    ]


def test_text_that_is_not_json_is_refused_with_the_line_where_it_stops_being_json() -> None:
    assert faults('{\n "things": [,]\n}') == ["Line 2: this is not JSON (Expecting value)."]


def test_an_unknown_field_is_named() -> None:
    assert faults('{"things": [{"code": "x", "colour": "red"}]}') == ["Line 1, things 1: colour is not a field here."]


def test_a_field_that_stands_twice_is_refused_though_json_would_take_the_last() -> None:
    assert faults('{"things": [{"code": "x", "code": "y"}]}') == [
        "The document, code: this field stands twice in one group."
    ]


def test_a_group_of_fifty_thousand_fields_is_read_in_one_go() -> None:
    fields = ", ".join(f'"f{number}": 0' for number in range(50_000))
    before = process_time()
    assert [fault[:26] for fault in faults(f"{{{fields}}}")] == [
        "Line 1: things is missing.",
        "Line 1: f0, f1, f10, f100,",
    ]
    # Looking each of them up among all the others took minutes.
    assert process_time() - before < 20


def test_of_many_faults_two_hundred_are_named() -> None:
    found = faults(json.dumps({"things": [0] * 10_000}))
    assert found[:2] == [
        "The document: it has more than 200 faults. These are some of them.",
        "Line 1, things 1: this should be a group of fields.",
    ]
    assert len(found) == 201


def test_a_list_that_is_too_long_is_not_repeated_in_its_fault() -> None:
    schema = {"type": "object", "properties": {"things": {"type": "array", "maxItems": 2}}}
    with pytest.raises(DocumentRefused) as refused:
        read_document(json.dumps({"things": ["a", "b", "c"]}), schema=schema)
    assert refused.value.messages == ["Line 1, things: there are more than 2 of these."]


def test_a_document_nested_a_hundred_thousand_deep_is_refused_and_does_not_crash() -> None:
    assert faults("[" * 100_000) == ["The document: it is nested too deeply."]


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "with-mark.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"things": []}).encode())

    assert read_file(path, schema=SCHEMA).data == {"things": []}


@pytest.mark.parametrize("content", [None, "caf\xe9".encode("latin-1")], ids=["missing", "not UTF-8"])
def test_a_file_that_cannot_be_read_is_refused_with_its_name(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "members.json"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(DocumentRefused) as refused:
        read_file(path, schema=SCHEMA)
    assert "members.json" in str(refused.value.faults[0])


def test_a_code_used_twice_is_a_fault_on_the_second_line() -> None:
    document = read_document('{"things": [\n{"code": "x"},\n{"code": "x"}]}', schema=SCHEMA)

    assert [str(fault) for fault in repeated_codes(document, ["things"], document.data["things"], "code")] == [
        "Line 3, things 2 › code: 'x' stands here a second time."
    ]


def test_the_digest_depends_on_the_content_and_not_on_the_layout() -> None:
    assert digest_of({"a": 1, "b": [2]}) == digest_of(json.loads('{ "b": [2],\n "a": 1 }'))
    assert digest_of({"a": 1}) != digest_of({"a": 2})
