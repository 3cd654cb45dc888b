"""The bridge to the design system: any component, nothing lost, nothing let through unescaped."""

from typing import Any

import pytest
from django.core.paginator import Paginator
from django.template import Context, RequestContext, Template
from django.test import RequestFactory
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy
from jinja2 import Environment, PackageLoader

from cop_portal.design.nhsuk import UnknownComponentError, component, html_attributes

PACKAGED = Environment(loader=PackageLoader("nhsuk_frontend_jinja"), autoescape=True)
SCRIPT = "<script>alert(1)</script>"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;"


def squeezed(html: str) -> str:
    """Markup without the white space between tags and at the ends of texts."""
    lines = (line.strip() for line in html.splitlines())
    return "".join(line for line in lines if line)


COMPONENTS: list[tuple[str, dict[str, Any], str]] = [
    ("tag", {"text": "Open"}, '<strong class="nhsuk-tag">Open</strong>'),
    ("backLink", {"href": "/", "text": "Back"}, '<a class="nhsuk-back-link" href="/">Back</a>'),
    ("hint", {"text": "In full.", "id": "a"}, '<div class="nhsuk-hint" id="a">In full.</div>'),
    (
        "button",
        {"text": "Save"},
        '<button class="nhsuk-button" data-module="nhsuk-button" type="submit">Save</button>',
    ),
    (
        "image",
        {"src": "/static/a.svg", "alt": "A"},
        '<figure class="nhsuk-image"><img class="nhsuk-image__img" src="/static/a.svg" alt="A"></figure>',
    ),
]

EVERY_NAME = [
    *("actionLink", "backLink", "breadcrumb", "button", "caption", "card", "characterCount", "checkboxes", "code"),
    *("contentsList", "dateInput", "details", "errorMessage", "errorSummary", "fieldset", "fileUpload", "footer"),
    *("header", "heading", "hero", "hint", "image", "input", "insetText", "label", "legend", "list"),
    *("notificationBanner", "pagination", "panel", "passwordInput", "radios", "scroll", "searchInput", "select"),
    *("skipLink", "summaryList", "table", "tabs", "tag", "taskList", "textarea", "warningCallout"),
]


@pytest.mark.parametrize(("name", "params", "html"), COMPONENTS, ids=[name for name, _, _ in COMPONENTS])
def test_a_component_is_the_markup_of_the_design_system(name: str, params: dict[str, Any], html: str) -> None:
    assert squeezed(component(name, params)) == html


@pytest.mark.parametrize("name", EVERY_NAME)
def test_every_component_of_the_design_system_can_be_called(name: str) -> None:
    assert isinstance(component(name, {}), SafeString)


def test_a_component_that_does_not_exist_is_named() -> None:
    with pytest.raises(UnknownComponentError, match="no component called 'hologram'"):
        component("hologram")


def test_a_number_is_shown_although_the_macro_takes_text_only() -> None:
    table = squeezed(component("table", head=["Members"], rows=[[0], [12]]))
    assert '<td class="nhsuk-table__cell">0</td>' in table
    assert '<td class="nhsuk-table__cell">12</td>' in table


def test_a_lazy_translation_is_shown() -> None:
    assert squeezed(component("tag", text=gettext_lazy("Open"))) == '<strong class="nhsuk-tag">Open</strong>'


@pytest.mark.parametrize("name", ["tag", "insetText", "hint", "errorMessage", "button", "panel", "label"])
def test_a_script_in_a_text_is_shown_and_not_run(name: str) -> None:
    html = component(name, text=SCRIPT)
    assert ESCAPED in html
    assert "<script" not in html


@pytest.mark.parametrize("place", ["caption", "head", "rows"])
def test_a_script_in_a_table_is_shown_and_not_run(place: str) -> None:
    given: dict[str, Any] = {"caption": "Members", "head": ["Name"], "rows": [["Ada"]], "responsive": True}
    given[place] = {"caption": SCRIPT, "head": [SCRIPT], "rows": [[SCRIPT]]}[place]
    html = component("table", given)
    assert ESCAPED in html
    assert "<script" not in html


def test_a_plain_string_cannot_smuggle_in_attributes() -> None:
    html = component("tag", text="Open", attributes=' onclick="alert(1)"')
    assert 'onclick="' not in html


def test_a_literal_heading_in_a_template_is_shown_once() -> None:
    """Literals in templates are safe strings, which the macros would take for text and for HTML at the same time."""
    html = Template('{% load nhsuk %}{% nhsuk "warningCallout" heading="At risk" text="Act now." %}').render(Context())
    assert html.count("At risk") == 1


def test_markup_that_is_marked_as_safe_stays_markup_and_is_shown_once() -> None:
    heading = format_html("<em>{}</em>", "Ada & Co")
    html = component("table", caption=heading, rows=[[heading]])
    assert html.count("<em>Ada &amp; Co</em>") == 2
    assert html.count("Ada") == 2


def test_a_component_wraps_a_piece_of_template() -> None:
    source = '{% load nhsuk %}{% nhsukblock "details" summaryText="More" %}<p>{{ words }}</p>{% endnhsukblock %}'
    html = squeezed(Template(source).render(Context({"words": SCRIPT})))
    assert f'<div class="nhsuk-details__text"><p>{ESCAPED}</p></div>' in html


@pytest.mark.parametrize(
    ("attributes", "written"),
    [
        ({"id": "a", "data-x": "1 & 2"}, ' id="a" data-x="1 &amp; 2"'),
        ({"aria-hidden": True}, ' aria-hidden="true"'),
        ({"title": 'say "no"'}, ' title="say &#34;no&#34;"'),
        ({"hidden": {"value": True, "optional": True}}, " hidden"),
        ({"hidden": {"value": False, "optional": True}}, ""),
        ({"href": {"value": None, "optional": True}}, ""),
        ({"class": None}, ' class=""'),
        (mark_safe(' id="a"'), ' id="a"'),
        (None, ""),
    ],
)
def test_attributes_are_written_as_the_package_writes_them(attributes: Any, written: str) -> None:
    assert str(html_attributes(attributes)) == written
    if isinstance(attributes, dict):
        packaged: Any = PACKAGED.get_template("nhsuk/macros/attributes.jinja").module
        assert packaged.nhsukAttributes(attributes).strip() == written.strip()


def test_pagination_keeps_the_filters_of_the_address(rf: RequestFactory) -> None:
    page = Paginator(range(120), 50).page(2)
    template = Template("{% load nhsuk %}{% page_steps page %}")
    html = template.render(RequestContext(rf.get("/members/?role=sponsor&page=2"), {"page": page}))
    assert 'href="?role=sponsor&amp;page=1"' in html
    assert 'href="?role=sponsor&amp;page=3"' in html
    assert "1 of 3" in html


def test_the_first_page_of_a_list_has_no_way_back(rf: RequestFactory) -> None:
    page = Paginator(range(120), 50).page(1)
    html = Template("{% load nhsuk %}{% page_steps page %}").render(RequestContext(rf.get("/"), {"page": page}))
    assert 'rel="prev"' not in html
    assert 'rel="next"' in html


def test_breadcrumbs_begin_at_home() -> None:
    html = squeezed(Template('{% load nhsuk %}{% breadcrumbs "Sepsis" "/communities/sepsis/" %}').render(Context()))
    links = [part.partition("</a>")[0] for part in html.split('<a class="nhsuk-breadcrumb__link" href=')[1:]]
    assert links == ['"/">Home', '"/communities/sepsis/">Sepsis']
