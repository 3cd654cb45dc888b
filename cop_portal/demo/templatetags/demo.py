"""The demo's doors, for the page that shows them."""

from django import template

from cop_portal.demo.signins import DOORS, Door

register = template.Library()


@register.simple_tag
def demo_doors() -> tuple[Door, ...]:
    """The five doors, in the order in which they stand."""
    return DOORS
