"""`{% load nhsuk_tables %}`: tables that fold into cards on a phone, in the markup of the design system's table.

    {% nhsuktable "Members" "Name" "Organisation" "Since" %}
      {% for membership in page %}
        {% row %}
          {% cell %}{{ membership.person }}{% endcell %}
          {% cell %}{{ membership.organisation }}{% endcell %}
          {% cell numeric=True %}{{ membership.starts_on }}{% endcell %}
        {% endrow %}
      {% endfor %}
    {% endnhsuktable %}

The first cell of a row is its heading. The macro of the package makes the same markup (a test compares them) but takes
many times as long: a list of 50 rows would spend more time in it than in everything else together.
"""

from collections.abc import Iterator
from typing import Any

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, Token, token_kwargs
from django.template.context import Context
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

COLUMNS, PLACE = "nhsuk_table_columns", "nhsuk_table_place"


class TableNode(Node):
    def __init__(self, caption: FilterExpression, columns: list[FilterExpression], rows: NodeList) -> None:
        self.caption, self.columns, self.rows = caption, columns, rows

    def render(self, context: Context) -> SafeString:
        columns = [conditional_escape(column.resolve(context)) for column in self.columns]
        heads = "".join(
            f'<th class="nhsuk-table__header" scope="col" role="columnheader">{column}</th>' for column in columns
        )
        with context.push(**{COLUMNS: columns}):
            rows = self.rows.render(context)
        return mark_safe(  # noqa: S308 - the caption and the columns are escaped here, the rows by the template
            '<table class="nhsuk-table nhsuk-table--responsive" role="table">'
            f'<caption class="nhsuk-table__caption">{conditional_escape(self.caption.resolve(context))}</caption>'
            '<thead class="nhsuk-table__head" role="rowgroup">'
            f'<tr class="nhsuk-table__row" role="row">{heads}</tr></thead>'
            f'<tbody class="nhsuk-table__body">{rows}</tbody></table>'
        )


class RowNode(Node):
    def __init__(self, cells: NodeList) -> None:
        self.cells = cells

    def render(self, context: Context) -> SafeString:
        with context.push(**{PLACE: iter(enumerate(context[COLUMNS]))}):
            return mark_safe(f'<tr class="nhsuk-table__row" role="row">{self.cells.render(context)}</tr>')  # noqa: S308


class CellNode(Node):
    def __init__(self, options: dict[str, FilterExpression], content: NodeList) -> None:
        self.options, self.content = options, content

    def render(self, context: Context) -> SafeString:
        places: Iterator[tuple[int, str]] = context[PLACE]
        index, column = next(places)
        content = self.content.render(context).strip()
        is_numeric = "numeric" in self.options and bool(self.options["numeric"].resolve(context))
        element, kind, scope, role = (
            ("td", "nhsuk-table__cell", "", "cell")
            if index
            else ("th", "nhsuk-table__header", ' scope="row"', "rowheader")
        )
        classes = f"{kind} {kind}--numeric" if is_numeric else kind
        return mark_safe(  # noqa: S308 - the column is escaped by the table, the content by the template
            f'<{element} class="{classes}"{scope} role="{role}">'
            f'<span class="nhsuk-table__heading" aria-hidden="true">{column} </span><span>{content}</span></{element}>'
        )


@register.tag
def nhsuktable(parser: Parser, token: Token) -> TableNode:
    bits = token.split_contents()[1:]
    if len(bits) < 2:
        raise template.TemplateSyntaxError("{% nhsuktable %} needs a caption and at least one column.")
    caption, *columns = [parser.compile_filter(bit) for bit in bits]
    return TableNode(caption, columns, _until(parser, "endnhsuktable"))


@register.tag
def row(parser: Parser, token: Token) -> RowNode:
    return RowNode(_until(parser, "endrow"))


@register.tag
def cell(parser: Parser, token: Token) -> CellNode:
    options: dict[str, Any] = token_kwargs(token.split_contents()[1:], parser)
    return CellNode(options, _until(parser, "endcell"))


def _until(parser: Parser, end: str) -> NodeList:
    nodes = parser.parse((end,))
    parser.delete_first_token()
    return nodes
