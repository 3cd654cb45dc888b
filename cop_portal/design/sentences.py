"""What a person is told when a form cannot be taken: sentences that name the field.

Django's stock messages ("This field is required.") do not say which field they mean, and in an error summary they all
look alike. A message that the form or the field words itself is left as it is.
"""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.encoding import force_str

# Labels that begin like this already read well after "Enter …"; the others get "the" in front.
DETERMINERS = {
    "a", "an", "any", "each", "her", "his", "how", "in", "its", "my", "one", "our", "the", "their", "these", "this",
    "those", "what", "when", "where", "which", "who", "whom", "whose", "why", "your",
}  # fmt: skip

STOCK_ROOMS = ("django.", "cop_portal.design.")


def error_sentences(field: BoundField) -> list[str]:
    """One sentence per error of the field, in the order they were found."""
    errors = field.form.errors.get(field.name)
    return [_sentence(field, error) for error in errors.as_data()] if errors else []


def _sentence(field: BoundField, error: ValidationError) -> str:
    if error.code and _is_stock(field.field, error):
        worded = _worded(field, error.code, error.params or {})
        if worded:
            return worded
    return " ".join(error.messages)


def _is_stock(field: forms.Field, error: ValidationError) -> bool:
    """Whether the message comes with the field's class, rather than from this form."""
    stock = [
        message
        for kind in type(field).__mro__
        if kind.__module__.startswith(STOCK_ROOMS)
        for message in vars(kind).get("default_error_messages", {}).values()
    ]
    stock += [vars(kind)["message"] for v in field.validators for kind in type(v).__mro__ if "message" in vars(kind)]
    return any(error.message is message for message in stock)


def _worded(field: BoundField, code: str, params: dict[str, Any]) -> str | None:
    if code == "required":
        return _required(field)
    if code == "invalid":
        return _invalid(field)
    label, thing, limit = subject(field.label), named(field.label), params.get("limit_value")
    words = {
        "max_length": f"{label} must be {limit or params.get('max')} characters or fewer",
        "min_length": f"{label} must be {limit} characters or more",
        "max_value": f"{label} must be {limit} or less",
        "min_value": f"{label} must be {limit} or more",
        "invalid_choice": f"Choose {thing} from the list",
        "invalid_list": f"Choose {thing} from the list",
        "invalid_pk_value": f"Choose {thing} from the list",
        "incomplete": f"{label} must include {params.get('missing')}",
        "short_year": f"{label} must have a year with 4 numbers",
        "empty": f"The file chosen{_for(field.label)} is empty",
        "missing": f"Choose a file{_for(field.label)}",
        "null_characters_not_allowed": f"{label} contains a character that cannot be stored",
    }
    return words.get(code)


def _required(field: BoundField) -> str:
    widget, text, thing = field.field.widget, force_str(field.label), named(field.label)
    if isinstance(widget, forms.CheckboxInput):
        return f"Tick the box “{text}”"
    if text.rstrip().endswith("?"):
        return f"Answer “{text}”"
    if isinstance(widget, forms.FileInput):
        return f"Choose a file{_for(field.label)}"
    if isinstance(widget, forms.Select | forms.RadioSelect | forms.CheckboxSelectMultiple):
        return f"Choose {thing}"
    return f"Enter {thing}"


def _invalid(field: BoundField) -> str | None:
    label = subject(field.label)
    kinds: list[tuple[type[forms.Field], str]] = [
        (forms.EmailField, f"Enter {named(field.label)} in full, like name@example.org"),
        (forms.URLField, f"{label} must be a full web address, like https://example.org"),
        (forms.DateField, f"{label} must be a real date, like 6 8 2026"),
        (forms.TimeField, f"{label} must be a time, like 12:30"),
        (forms.DateTimeField, f"{label} must be a real date and time"),
        (forms.FloatField, f"{label} must be a number, like 2.5"),
        (forms.DecimalField, f"{label} must be a number, like 2.5"),
        (forms.IntegerField, f"{label} must be a whole number"),
        (forms.FileField, f"Choose a file{_for(field.label)}"),
    ]
    return next((words for kind, words in kinds if isinstance(field.field, kind)), None)


def _for(label: Any) -> str:
    """What a file is for; nothing where the box is called just “File”."""
    return "" if force_str(label).strip().lower() == "file" else f" for {named(label)}"


def subject(label: Any) -> str:
    """A label as the beginning of a sentence: a question is quoted."""
    text = force_str(label).strip()
    return f"The answer to “{text}”" if text.endswith("?") else text


def named(label: Any) -> str:
    """A label in the middle of a sentence: “Person's name” becomes “the person's name”."""
    text = force_str(label).strip().rstrip(":")
    if text.endswith("?"):
        return f"an answer to “{text}”"
    if text.split()[-1:] and text.split()[-1] in ("at", "by", "for", "of", "on", "to", "with"):
        # "Starts at" is no noun: it is quoted rather than bent.
        return f"“{text}”"
    # Lower case, unless it is an abbreviation or "I".
    if re.match(r"[A-Z][a-z’']", text) or re.match(r"A ", text):
        text = text[0].lower() + text[1:]
    first = re.split(r"[\s’']", text, maxsplit=1)[0]
    return text if first.lower() in DETERMINERS | {"i"} else f"the {text}"
