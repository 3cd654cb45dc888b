"""`{% load nhsuk_tables %}`: tables that fold into cards on a phone, in the markup of the design system's table.

    {% nhsuktable "Members" "Name" "Organisation" "Sessions" numeric="Sessions" %}
      {% for membership in page %}
        {% row %}
          {% cell %}{{ membership.person }}{% endcell %}
          {% cell %}{{ membership.organisation }}{% endcell %}
          {% cell %}{{ membership.session_count }}{% endcell %}
        {% endrow %}
      {% endfor %}
    {% endnhsuktable %}

`numeric` names the columns of numbers, separated by commas; they stand to the right. The first cell of a row is its
heading. The macro of the package makes the same markup (a test compares them) but takes
many times as long: a list of 50 rows would spend more time in it than in everything else together.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, Token, token_kwargs
from django.template.context import Context
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# Where a table tells its rows, and a row its cells, which columns there are.
COLUMNS, PLACE = "nhsuk_table_columns", "nhsuk_table_place"


@dataclass(frozen=True)
class Column:
    """A column in markup, all of it escaped: its heading, and what stands around each of its cells."""

    head: str
    before: str
    after: str


def _column(name: str, *, is_first: bool, is_numeric: bool) -> Column:
    """The first cell of a row is its heading; numbers stand to the right."""
    header, cell = (
        f"{kind} {kind}--numeric" if is_numeric else kind for kind in ("nhsuk-table__header", "nhsuk-table__cell")
    )
    opening, closing = (
        (f'<th class="{header}" scope="row" role="rowheader">', "</th>")
        if is_first
        else (f'<td class="{cell}" role="cell">', "</td>")
    )
    return Column(
        head=f'<th class="{header}" scope="col" role="columnheader">{name}</th>',
        before=f'{opening}<span class="nhsuk-table__heading" aria-hidden="true">{name} </span><span>',
        after=f"</span>{closing}",
    )


class TableNode(Node):
    def __init__(self, caption: FilterExpression, columns: list[FilterExpression], numeric: set[str], rows: NodeList):
        self.caption, self.columns, self.numeric, self.rows = caption, columns, numeric, rows

    def render(self, context: Context) -> SafeString:
        names = [str(column.resolve(context)) for column in self.columns]
        columns = [
            _column(conditional_escape(name), is_first=not index, is_numeric=name in self.numeric)
            for index, name in enumerate(names)
        ]
        heads = "".join(column.head for column in columns)
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
        with context.push(**{PLACE: iter(context[COLUMNS])}):
            return mark_safe(f'<tr class="nhsuk-table__row" role="row">{self.cells.render(context)}</tr>')  # noqa: S308


class CellNode(Node):
    def __init__(self, content: NodeList) -> None:
        self.content = content

    def render(self, context: Context) -> SafeString:
        columns: Iterator[Column] = context[PLACE]
        column = next(columns)
        content = self.content.render(context).strip()
        return mark_safe(f"{column.before}{content}{column.after}")  # noqa: S308 - escaped by the table and the template


@register.tag
def nhsuktable(parser: Parser, token: Token) -> TableNode:
    bits = token.split_contents()[1:]
    texts = [bit for bit in bits if not bit.startswith("numeric=")]
    named = token_kwargs([bit for bit in bits if bit.startswith("numeric=")], parser)
    if len(texts) < 2:
        raise template.TemplateSyntaxError("{% nhsuktable %} needs a caption and at least one column.")
    caption, *columns = [parser.compile_filter(text) for text in texts]
    numeric = str(named["numeric"].resolve(Context())) if named else ""
    return TableNode(caption, columns, {name.strip() for name in numeric.split(",")}, _until(parser, "endnhsuktable"))


@register.tag
def row(parser: Parser, token: Token) -> RowNode:
    return RowNode(_until(parser, "endrow"))


@register.tag
def cell(parser: Parser, token: Token) -> CellNode:
    return CellNode(_until(parser, "endcell"))


def _until(parser: Parser, end: str) -> NodeList:
    nodes = parser.parse((end,))
    parser.delete_first_token()
    return nodes
