"""Tables in templates are those of the design system."""

import re

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils.html import format_html

from cop_portal.design.nhsuk import component

TABLE = """{% load nhsuk_tables %}
{% nhsuktable caption "Name" "Sessions" numeric="Sessions" %}
  {% for name, count in rows %}
    {% row %}{% cell %}{{ name }}{% endcell %}{% cell %}{{ count }}{% endcell %}{% endrow %}
  {% endfor %}
{% endnhsuktable %}"""


def rendered(caption: str = "Members", rows: list[tuple[str, int]] | None = None) -> str:
    return Template(TABLE).render(Context({"caption": caption, "rows": rows or [("Ada", 12), ("Bashir", 3)]}))


def normal(html: str) -> str:
    """Markup with the white space between and inside tags made equal."""
    return re.sub(r"\s*([<>])\s*", r"\1", re.sub(r"\s+", " ", html)).strip()


def test_a_table_is_the_one_the_package_makes() -> None:
    rows = [[format_html("{}", name), format_html("{}", count)] for name, count in (("Ada", 12), ("Bashir", 3))]
    packaged = component(
        "table",
        caption="Members",
        responsive=True,
        firstCellIsHeader=True,
        head=["Name", {"text": "Sessions", "format": "numeric"}],
        rows=[[{"html": str(cell)} for cell in row] for row in rows],
    )
    assert normal(rendered()) == normal(packaged)


def test_a_script_in_a_cell_or_a_caption_is_shown_and_not_run() -> None:
    html = rendered(caption="<script>1</script>", rows=[("<script>2</script>", 1)])
    assert "<script" not in html
    assert "&lt;script&gt;1&lt;/script&gt;" in html
    assert "&lt;script&gt;2&lt;/script&gt;" in html


def test_a_table_without_columns_is_refused_when_the_template_is_read() -> None:
    with pytest.raises(TemplateSyntaxError, match="needs a caption and at least one column"):
        Template('{% load nhsuk_tables %}{% nhsuktable "Members" %}{% endnhsuktable %}')
