"""NHS design system components in Python: a thin bridge to the macros of nhsuk-frontend-jinja.

The markup is the package's own, so that an upgrade of the design system is an upgrade of two packages and no rewriting
of templates. Only the header is written by hand (templates/components/header.html): the macro cannot leave out the
NHS logo.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from jinja2 import ChainableUndefined, Environment, PackageLoader, TemplateNotFound
from markupsafe import Markup

# A component is a camelCase macro in a kebab-case folder; these folders are named otherwise.
FOLDERS = {"table": "tables", "image": "images", "list": "do-dont-list"}


class UnknownComponentError(LookupError):
    """The design system has no component of that name."""


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("nhsuk_frontend_jinja"),
        undefined=ChainableUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _macro(name: str) -> Callable[[dict[str, Any]], str]:
    folder = FOLDERS.get(name) or re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
    try:
        module: Any = _environment().get_template(f"nhsuk/components/{folder}/macro.jinja").module
        macro: Callable[[dict[str, Any]], str] = getattr(module, name)
    except (TemplateNotFound, AttributeError) as missing:
        raise UnknownComponentError(f"The NHS design system has no component called {name!r}.") from missing
    return macro


def _for_jinja(value: Any) -> Any:
    """Values as the macros expect them.

    Django's safe strings become Jinja's; lazy translations and numbers become text, because a macro takes a table cell
    or a heading for text only if it *is* a string and silently drops anything else.
    """
    if isinstance(value, SafeString):
        return Markup(value)  # noqa: S704 - it was marked as safe already
    if isinstance(value, Promise):
        return _for_jinja(value.__str__())
    if isinstance(value, Mapping):
        return {key: _for_jinja(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_for_jinja(part) for part in value]
    if value is None or isinstance(value, (bool, str)):
        return value
    return str(value)


def component(name: str, params: Mapping[str, Any] | None = None, /, **more: Any) -> SafeString:
    """The HTML of one component. Parameters are those of the design system; plain strings in them are escaped.

    Raises UnknownComponentError.
    """
    html = _macro(name)(_for_jinja({**(params or {}), **more}))
    return mark_safe(html.strip())  # noqa: S308 - the environment escapes whatever is not marked as safe
