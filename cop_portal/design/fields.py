"""One bound form field as the NHS component that fits its widget: label or legend, hint, error and input together."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.encoding import force_str
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cop_portal.design.dates import PARTS, DateWidget, TypedDate, parts_of
from cop_portal.design.nhsuk import component
from cop_portal.design.sentences import error_sentences

# Attributes that Django derives from a field and that the browser would use to cut off what is typed, without a word.
SILENT_LIMITS = {"maxlength", "minlength", "min", "max", "step"}
OWN_PARAMETERS = {"class", "autocomplete", "inputmode", "spellcheck", "rows", "cols", "size", "placeholder"}
DJANGO_BLANK = "---------"
DJANGO_ROWS, DESIGN_SYSTEM_ROWS = "10", "5"
NATIVE_PICKERS: list[tuple[type[forms.Widget], str, str]] = [
    (forms.DateTimeInput, "datetime-local", "%Y-%m-%dT%H:%M"),
    (forms.DateInput, "date", "%Y-%m-%d"),
    (forms.TimeInput, "time", "%H:%M"),
]


def render_field(field: BoundField, *, size: str = "s", is_heading: bool = False) -> SafeString:
    """The component for a field. `size` of its label or legend: s, m, l, xl; `is_heading` makes that the page's h1.

    Nothing for a field that belongs to one choice of another: it comes with that one.
    """
    if field.is_hidden:
        return field.as_widget()
    if field.name in _shown_by_choices(field.form):
        return SafeString("")
    return _rendered(field, size=size, is_heading=is_heading)


def _rendered(field: BoundField, *, size: str = "s", is_heading: bool = False) -> SafeString:
    widget = field.field.widget
    for kind, render in RENDERERS:
        if isinstance(widget, kind):
            return render(field, _heading(field, size, is_heading))
    return _anything_else(field, _heading(field, size, is_heading))


def first_input_id(field: BoundField) -> str:
    """Where an error summary leads: the first box of the field that is wrong."""
    if isinstance(field.field.widget, DateWidget):
        return f"{_id(field)}_{next(iter(_wrong_parts(field)), 'day')}"
    if isinstance(field.field.widget, forms.SplitDateTimeWidget):
        return f"{_id(field)}_0"
    return _id(field)


def _id(field: BoundField) -> str:
    return field.auto_id or field.html_name


def _label_text(field: BoundField) -> Any:
    """The label, marked where an answer is optional. A form of optional questions sets `marks_optional = False`; what
    belongs to one choice is asked for once that is made."""
    is_marked = not field.field.required and getattr(field.form, "marks_optional", True)
    is_marked = is_marked and field.name not in _shown_by_choices(field.form)
    if not is_marked or isinstance(field.field.widget, forms.CheckboxInput):
        return field.label
    return format_html("{} (optional)", field.label)


def _heading(field: BoundField, size: str, is_heading: bool) -> dict[str, Any]:
    text = _label_text(field)
    key = "html" if isinstance(text, SafeString) else "text"
    return {key: text, "size": size, "isPageHeading": is_heading}


def _common(field: BoundField) -> dict[str, Any]:
    params: dict[str, Any] = {"id": _id(field), "name": field.html_name}
    if field.help_text:
        key = "html" if isinstance(field.help_text, SafeString) else "text"
        params["hint"] = {key: field.help_text}
    if errors := error_sentences(field):
        params["errorMessage"] = {"text": ". ".join(errors)}
    if field.field.disabled:
        params["disabled"] = True
    return params


def _input_params(field: BoundField, heading: dict[str, Any]) -> dict[str, Any]:
    attrs = field.field.widget.attrs
    params = {**_common(field), "label": heading, "attributes": _other_attributes(attrs)}
    for name in ("autocomplete", "inputmode", "spellcheck"):
        if name in attrs:
            params[name] = attrs[name]
    if "class" in attrs:
        params["classes"] = attrs["class"]
    return params


def _other_attributes(attrs: dict[str, Any]) -> dict[str, Any]:
    """What the form asks for besides, such as data-… and hx-…; a true value stands for the bare attribute."""
    return {
        name: {"value": value, "optional": True}
        for name, value in attrs.items()
        if name not in SILENT_LIMITS | OWN_PARAMETERS
    }


def _group_params(field: BoundField, heading: dict[str, Any]) -> dict[str, Any]:
    widget = field.field.widget
    params = _common(field)
    return {
        **params,
        # The id belongs to the first input, where the error summary leads.
        "id": None,
        "idPrefix": params["id"],
        "fieldset": {"legend": heading},
        "items": list(_items(field)),
        "inline": getattr(widget, "is_inline", False),
        "small": getattr(widget, "is_small", False),
    }


def _items(field: BoundField) -> Iterator[dict[str, Any]]:
    value = field.value()
    chosen = {force_str(v) for v in (value if isinstance(value, (list, tuple, set)) else [value]) if v is not None}
    hints = getattr(field.field.widget, "hints", {})
    for code, label in _flat(field.field.widget.choices):
        is_chosen = str(code) in chosen or (not chosen and code in ("", None))
        hint = {"hint": {"text": hints[str(code)]}} if str(code) in hints else {}
        yield {
            "value": "" if code is None else str(code),
            "text": label,
            "checked": is_chosen,
            "selected": is_chosen,
        } | hint


def _flat(choices: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    for code, label in choices:
        if isinstance(label, (list, tuple)):
            yield from ((inner, f"{code}: {words}") for inner, words in label)
        else:
            yield code, label


def _checkboxes(field: BoundField, heading: dict[str, Any]) -> SafeString:
    return component("checkboxes", _group_params(field, heading))


def _radios(field: BoundField, heading: dict[str, Any]) -> SafeString:
    radios = component("radios", _group_params(field, heading))
    shows = getattr(field.field.widget, "shows", {})
    labels = {str(code): label for code, label in _flat(field.field.widget.choices)}
    groups = [_shown_by(field, code, labels[code], names) for code, names in shows.items() if code in labels]
    return SafeString("\n".join([radios, *groups]))


def _shown_by(field: BoundField, code: str, label: Any, names: Sequence[str]) -> SafeString:
    """What belongs to one choice only, under its words. The design system's own way of it puts `aria-expanded` on radio
    buttons, where it is not allowed."""
    inside = SafeString("\n".join(_rendered(field.form[name]) for name in names))
    return format_html(
        '<div class="app-shown-by" data-shown-by="{}" data-shown-for="{}">{}</div>',
        field.html_name,
        code,
        component("fieldset", legend={"text": label, "size": "s"}, html=inside),
    )


def _shown_by_choices(form: Any) -> set[str]:
    shows = [getattr(field.widget, "shows", {}) for field in form.fields.values()]
    return {name for each in shows for names in each.values() for name in names}


def _single_checkbox(field: BoundField, _heading: dict[str, Any]) -> SafeString:
    widget = field.field.widget
    assert isinstance(widget, forms.CheckboxInput)  # noqa: S101 - narrowed by RENDERERS
    params = _common(field)
    item = {
        "value": widget.attrs.get("value", "on"),
        "text": field.label,
        "checked": widget.check_test(field.value()),
        "attributes": _other_attributes({k: v for k, v in widget.attrs.items() if k != "value"}),
    }
    return component("checkboxes", {**params, "id": None, "idPrefix": params["id"], "items": [item]})


def _select(field: BoundField, heading: dict[str, Any]) -> SafeString:
    items = [
        {**item, "text": "Choose from the list"} if str(item["text"]) == DJANGO_BLANK else item
        for item in _items(field)
    ]
    return component("select", {**_input_params(field, heading), "items": items})


def _date(field: BoundField, heading: dict[str, Any]) -> SafeString:
    values, wrong = parts_of(field.value()), _wrong_parts(field)
    items = [
        {
            "id": f"{_id(field)}_{part}",
            "name": f"{field.html_name}_{part}",
            "label": part.title(),
            "value": values[part],
            "width": 4 if part == "year" else 2,
            "error": part in wrong,
        }
        for part in PARTS
    ]
    params = {**_common(field), "fieldset": {"legend": heading}, "items": items}
    params.setdefault("hint", {"text": "For example, 6 8 2026"})
    return component("dateInput", params)


def _wrong_parts(field: BoundField) -> list[str]:
    errors = field.form.errors.get(field.name)
    if not errors:
        return []
    typed, codes = field.value(), {error.code for error in errors.as_data()}
    if isinstance(typed, TypedDate) and "incomplete" in codes:
        return typed.missing()
    return ["year"] if "short_year" in codes else list(PARTS)


def _split_date_time(field: BoundField, heading: dict[str, Any]) -> SafeString:
    widget = field.field.widget
    assert isinstance(widget, forms.SplitDateTimeWidget)  # noqa: S101 - narrowed by RENDERERS
    value = field.value()
    values = value if isinstance(value, list) else widget.decompress(value)
    boxes = [
        component(
            "input",
            id=f"{_id(field)}_{index}",
            name=f"{field.html_name}_{index}",
            label={"text": label},
            type=kind,
            width=10,
            value=_written(values[index], pattern),
            classes="nhsuk-input--error" if field.errors else "",
        )
        for index, (label, kind, pattern) in enumerate([("Date", "date", "%Y-%m-%d"), ("Time", "time", "%H:%M")])
    ]
    return _grouped(field, heading, SafeString("\n".join(boxes)))


def _grouped(field: BoundField, heading: dict[str, Any], inside: SafeString) -> SafeString:
    """Several boxes under one legend, with the hint and the error of the whole."""
    params = _common(field)
    parts, ids = [], []
    for name, key in (("hint", "hint"), ("errorMessage", "error")):
        if name in params:
            ids.append(f"{_id(field)}-{key}")
            parts.append(component(name, params[name], id=ids[-1]))
    html = component(
        "fieldset",
        legend=heading,
        describedBy=" ".join(ids),
        role="group",
        html=SafeString("\n".join([*parts, inside])),
    )
    classes = "nhsuk-form-group nhsuk-form-group--error" if "errorMessage" in params else "nhsuk-form-group"
    return format_html('<div class="{}">{}</div>', classes, html)


def _textarea(field: BoundField, heading: dict[str, Any]) -> SafeString:
    rows = str(field.field.widget.attrs.get("rows", ""))
    params = {
        **_input_params(field, heading),
        "value": _text(field),
        "rows": DESIGN_SYSTEM_ROWS if rows in ("", DJANGO_ROWS) else rows,
    }
    limit = getattr(field.field, "max_length", None)
    if limit:
        return component("characterCount", {**params, "maxlength": limit, "threshold": 75})
    return component("textarea", params)


def _file(field: BoundField, heading: dict[str, Any]) -> SafeString:
    return component("fileUpload", _input_params(field, heading))


def _password(field: BoundField, heading: dict[str, Any]) -> SafeString:
    # What was typed is never sent back: it would then be in the page's source.
    return component("passwordInput", _input_params(field, heading))


def _number(field: BoundField, heading: dict[str, Any]) -> SafeString:
    # A text box: number boxes change by scrolling and read badly in screen readers.
    mode = "decimal" if isinstance(field.field, (forms.DecimalField, forms.FloatField)) else "numeric"
    return component("input", {"inputmode": mode, "width": 5, **_input_params(field, heading), "value": _text(field)})


def _input(field: BoundField, heading: dict[str, Any]) -> SafeString:
    widget = field.field.widget
    params = _input_params(field, heading)
    for kind, input_type, pattern in NATIVE_PICKERS:
        if isinstance(widget, kind):
            width = 20 if input_type == "datetime-local" else 10
            written = _written(field.value(), pattern)
            return component("input", {"width": width, **params, "type": input_type, "value": written})
    return component("input", {**params, "type": getattr(widget, "input_type", "text"), "value": _text(field)})


def _anything_else(field: BoundField, heading: dict[str, Any]) -> SafeString:
    """A widget that the design system has no component for keeps its own markup, in the frame of the others."""
    return _grouped(field, heading, field.as_widget())


def _text(field: BoundField) -> str:
    value = field.value()
    return "" if value is None else str(field.field.widget.format_value(value) or "")


def _written(value: Any, pattern: str) -> str:
    """A date or time as the browser's own boxes want it; what was typed stays as it was."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    if isinstance(value, (date, time)):
        return value.strftime(pattern)
    return "" if value is None else str(value)


# The first that fits: the special before the general. CheckboxSelectMultiple is a kind of RadioSelect, SelectMultiple
# of Select, for which the design system has tick boxes only.
RENDERERS: list[tuple[type[forms.Widget], Callable[[BoundField, dict[str, Any]], SafeString]]] = [
    (forms.CheckboxSelectMultiple, _checkboxes),
    (forms.SelectMultiple, _checkboxes),
    (forms.RadioSelect, _radios),
    (forms.CheckboxInput, _single_checkbox),
    (forms.Select, _select),
    (DateWidget, _date),
    (forms.SplitDateTimeWidget, _split_date_time),
    (forms.Textarea, _textarea),
    (forms.FileInput, _file),
    (forms.PasswordInput, _password),
    (forms.NumberInput, _number),
    (forms.widgets.Input, _input),
]
