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
    """A column: its escaped name, and the class that sets numbers to the right."""

    name: str
    is_numeric: bool

    def classes(self, kind: str) -> str:
        return f"{kind} {kind}--numeric" if self.is_numeric else kind


class TableNode(Node):
    def __init__(self, caption: FilterExpression, columns: list[FilterExpression], numeric: set[str], rows: NodeList):
        self.caption, self.columns, self.numeric, self.rows = caption, columns, numeric, rows

    def render(self, context: Context) -> SafeString:
        names = [str(column.resolve(context)) for column in self.columns]
        columns = [Column(conditional_escape(name), name in self.numeric) for name in names]
        heads = "".join(
            f'<th class="{column.classes("nhsuk-table__header")}" scope="col" role="columnheader">{column.name}</th>'
            for column in columns
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
    def __init__(self, content: NodeList) -> None:
        self.content = content

    def render(self, context: Context) -> SafeString:
        places: Iterator[tuple[int, Column]] = context[PLACE]
        index, column = next(places)
        content = self.content.render(context).strip()
        element, kind, scope, role = (
            ("td", "nhsuk-table__cell", "", "cell")
            if index
            else ("th", "nhsuk-table__header", ' scope="row"', "rowheader")
        )
        return mark_safe(  # noqa: S308 - the column is escaped by the table, the content by the template
            f'<{element} class="{column.classes(kind)}"{scope} role="{role}">'
            f'<span class="nhsuk-table__heading" aria-hidden="true">{column.name} </span>'
            f"<span>{content}</span></{element}>"
        )


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
