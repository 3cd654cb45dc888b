"""What the OpenAPI schema says beyond what the views say: how to sign in, and what a refusal looks like."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from cop_portal.api.problems import CONTENT_TYPE, KINDS

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Why a request was not done (RFC 9457), in the words the pages use.",
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "Explains this kind of problem."},
        "title": {"type": "string", "description": "The kind of problem."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "A sentence about this occurrence."},
        "code": {"type": "string", "description": "The same for a program, for example session_in_the_past."},
        "errors": {
            "type": "array",
            "description": "The fields at fault, if any.",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "string", "description": "For example actions.0.due_on."},
                    "detail": {"type": "string"},
                    "code": {"type": "string"},
                },
                "required": ["field", "detail", "code"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "code"],
}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """A token made at /me/."""

    target_class = "cop_portal.api.authentication.TokenAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token made on the page /me/."}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The session of a signed-in browser."""

    target_class = "cop_portal.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        words = "The session of a signed-in browser. Writes need the CSRF token in the header X-CSRFToken."
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": words}


KEY: dict[str, Any] = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "Yours to choose, a new one for each write, for example a UUID. Sent again within a week, the same "
    "write is not done again and is answered as the first time, with Idempotency-Replayed: true.",
}
WRITES = ("post", "put", "patch", "delete")


def add_keys(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Says of every write that it can be sent twice and is done once."""
    for path in result["paths"].values():
        for method, operation in path.items():
            if method in WRITES:
                operation.setdefault("parameters", []).append(KEY)
    return result


def add_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Says of every operation that it may answer with a problem, and what that looks like."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components.setdefault("responses", {})["Problem"] = {
        "description": f"A problem. The status is one of {', '.join(str(status) for status in KINDS)}.",
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for path in result["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"]["default"] = {"$ref": "#/components/responses/Problem"}
    return result
