"""`{% load nhsuk %}`: components of the NHS design system in Django's templates."""

from typing import Any

from django import forms, template
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.template.context import Context
from django.template.defaulttags import querystring
from django.utils.safestring import SafeString

from cop_portal.design.fields import first_input_id, render_field
from cop_portal.design.nhsuk import component
from cop_portal.design.sentences import error_sentences

register = template.Library()


@register.simple_tag
def nhsuk(name: str, params: dict[str, Any] | None = None, /, **more: Any) -> SafeString:
    """`{% nhsuk "tag" text="Open" colour="green" %}`: the component of that name."""
    return component(name, params, **more)


@register.simple_block_tag
def nhsukblock(content: SafeString, component_name: str, slot: str = "html", **more: Any) -> SafeString:
    """`{% nhsukblock "insetText" %}…{% endnhsukblock %}`: a component around a piece of template."""
    return component(component_name, {**more, slot: content})


@register.filter
def nhsuk_field(field: BoundField) -> SafeString:
    """`{{ form.name|nhsuk_field }}`: a field with its label, hint and error."""
    return render_field(field)


@register.simple_tag
def nhsuk_question(field: BoundField, size: str = "l", is_heading: bool = True) -> SafeString:
    """`{% nhsuk_question form.q1 %}`: a field whose label or legend is the heading of the page."""
    return render_field(field, size=size, is_heading=is_heading)


@register.simple_tag
def breadcrumbs(*steps: Any) -> SafeString:
    """`{% breadcrumbs "Communities" communities_url community.name community_url %}`: the way here, from Home."""
    places = [("Home", "/"), *zip(steps[::2], steps[1::2], strict=True)]
    return component("breadcrumb", items=[{"text": text, "href": href} for text, href in places])


@register.simple_tag(takes_context=True)
def page_steps(context: Context, page: "Page[Any]") -> SafeString:
    """Previous and next for a page of a list; filters in the address are kept."""
    last = page.paginator.num_pages
    params = {"ariaLabel": "Pages of this list"}
    for step, number in (("previous", page.number - 1), ("next", page.number + 1)):
        if 1 <= number <= last:
            params[f"{step}Url"] = querystring(context, page=number)
            params[f"{step}Page"] = f"{number} of {last}"
    return component("pagination", params)


@register.simple_tag
def error_summary(*shown: "forms.BaseForm | forms.BaseFormSet[Any] | str | None") -> SafeString:
    """`{% error_summary form %}`: all that is wrong with the forms (or formsets) of a page, or nothing at all."""
    entries = [entry for form in shown if form for entry in _entries(form)]
    if not entries:
        return SafeString("")
    return component("errorSummary", heading="There is a problem", errorList=entries)


def _entries(form: Any) -> list[dict[str, Any]]:
    if isinstance(form, forms.BaseFormSet):
        found: list[dict[str, Any]] = [{"text": sentence} for sentence in form.non_form_errors()]
        return found + [entry for each in form.forms for entry in _entries(each)]
    if not isinstance(form, forms.BaseForm):
        return []
    found = [{"text": sentence} for sentence in form.non_field_errors()]
    for field in form:
        for sentence in error_sentences(field):
            # A hidden field cannot be put right by following a link to it.
            found.append(
                {"text": sentence} if field.is_hidden else {"text": sentence, "href": f"#{first_input_id(field)}"}
            )
    return found
