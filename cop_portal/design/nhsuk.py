"""NHS design system components in Python: a thin bridge to the macros of nhsuk-frontend-jinja.

The markup is the package's own, so that an upgrade of the design system is an upgrade of two packages and no rewriting
of templates. Only the header is written by hand (templates/components/header.html): the macro cannot leave out the
NHS logo.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from jinja2 import ChainableUndefined, ChoiceLoader, DictLoader, Environment, PackageLoader, TemplateNotFound, Undefined
from markupsafe import Markup, escape

# A component is a camelCase macro in a kebab-case folder; these folders are named otherwise.
FOLDERS = {"table": "tables", "image": "images", "list": "do-dont-list"}


# Every component calls this macro for every element; in Python it takes a tenth of the time. See html_attributes.
IN_PYTHON = {"nhsuk/macros/attributes.jinja": "{% set nhsukAttributes = attributes_in_python %}"}

# Parameters that take a text, HTML or a mapping under one name; "item" is a cell of a table or of a list.
TEXT_OR_HTML = {
    "caption", "copyright", "description", "errorMessage", "heading", "hint", "item", "key", "label", "legend", "meta",
    "prefix", "status", "suffix", "summary", "title",
}  # fmt: skip


class UnknownComponentError(LookupError):
    """The design system has no component of that name."""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader([DictLoader(IN_PYTHON), PackageLoader("nhsuk_frontend_jinja")]),
        undefined=ChainableUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["attributes_in_python"] = html_attributes
    return environment


@cache
def _macro(name: str) -> Callable[[dict[str, Any]], str]:
    folder = FOLDERS.get(name) or re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
    try:
        module: Any = _environment().get_template(f"nhsuk/components/{folder}/macro.jinja").module
        macro: Callable[[dict[str, Any]], str] = getattr(module, name)
    except (TemplateNotFound, AttributeError) as missing:
        raise UnknownComponentError(f"The NHS design system has no component called {name!r}.") from missing
    return macro


def html_attributes(attributes: Any = None) -> Markup:
    """` name="value"` for each attribute, as the package's own macro `nhsukAttributes` writes them.

    A value may be a mapping {"value": …, "optional": True}: it is then left out when there is nothing in it, and stands
    as a bare name when it is true. Markup, which is what the macros build, passes as it is; a plain string is escaped.
    """
    if not isinstance(attributes, Mapping):
        return escape(attributes) if isinstance(attributes, str) else Markup()
    written = []
    for name, given in attributes.items():
        value, is_optional = (
            (given.get("value"), given.get("optional")) if isinstance(given, Mapping) else (given, False)
        )
        if isinstance(value, Undefined):
            value = None
        if is_optional and (value is None or value is False):
            continue
        if is_optional and value is True:
            written.append(Markup(" {}").format(name))
            continue
        written.append(Markup(' {}="{}"').format(name, _attribute_text(value)))
    return Markup().join(written)


def _attribute_text(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, list) else value


def _for_jinja(value: Any, key: str = "") -> Any:
    """Values as the macros expect them.

    Numbers and lazy translations become text, because a macro takes a table cell or a heading for text only if it *is*
    a string and silently drops anything else. Safe strings, which is what literals in a template are, become plain text
    if nothing in them needs escaping; with markup in them they go where a macro looks for HTML. Otherwise the macros,
    which take either text or HTML under one name, would find both and show it twice.
    """
    if isinstance(value, Promise):
        value = value.__str__()
    if isinstance(value, SafeString):
        return _safe(value, key)
    if isinstance(value, Mapping):
        is_pair = "key" in value and "value" in value
        return {name: _for_jinja(part, "key" if is_pair and name == "value" else name) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_for_jinja(part, "item") for part in value]
    if value is None or isinstance(value, (bool, str)):
        return value
    return str(value)


def _safe(value: SafeString, key: str) -> str | Markup | dict[str, Markup]:
    plain = str.__str__(value)  # str() itself would give the safe string back
    if escape(plain) == plain:
        return plain
    html = Markup(value)  # noqa: S704 - it was marked as safe already
    return {"html": html} if key in TEXT_OR_HTML else html


def component(name: str, params: Mapping[str, Any] | None = None, /, **more: Any) -> SafeString:
    """The HTML of one component. Parameters are those of the design system; plain strings in them are escaped.

    Raises UnknownComponentError.
    """
    html = _macro(name)(_for_jinja({**(params or {}), **more}))
    # The environment has escaped whatever was not marked as safe.
    return SafeString(html.strip())
