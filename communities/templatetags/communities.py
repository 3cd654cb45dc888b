"""`{% load communities %}`: what the pages of a community show in many places."""

from typing import Any

from django import template
from django.template.context import Context
from django.utils.safestring import SafeString

from communities.models import Reply, Session
from communities.overview import People, Rhythm
from communities.rhythm_card import Figure
from cop_portal.design import charts

register = template.Library()


@register.filter
def came(session: Session, exactly: bool) -> str:
    """`{{ session|came:sees_names }}`: how many came, as this reader may know it."""
    return session.came(exactly=exactly)


@register.filter
def joined(people: People, exactly: bool) -> str:
    """`{{ people|joined:sees_names }}`: how many have joined lately, as this reader may know it."""
    return people.new_words(exactly=exactly)


@register.simple_tag
def rhythm_strip(rhythm: Rhythm) -> SafeString:
    return charts.rhythm_strip(
        rhythm.marks, today=rhythm.today, title="Sessions of the last two years and those planned"
    )


@register.filter
def said(figure: Figure, exactly: bool) -> str:
    """`{{ figure|said:sees_names }}`: a number of the rhythm card, as this reader may know it."""
    return figure.said(exactly=exactly)


@register.filter
def note_of(figure: Figure, session: Session) -> str:
    """`{{ figure|note_of:session }}`: what stands beside a session among a figure's records."""
    return figure.notes.get(session.pk) or "–"


@register.inclusion_tag("communities/reply_form.html", takes_context=True)
def reply_form(context: Context, session: Session, answer: str | None, *, place: str = "") -> dict[str, Any]:
    """`{% reply_form session answer %}`: whether its reader comes, as buttons. `place` is where it leads back to."""
    said = Reply.Answer(answer).label if answer else ""
    answers = Reply.Answer.choices
    return {
        "csrf_token": context.get("csrf_token"),
        "session": session,
        "said": said,
        "answers": answers,
        "place": place,
    }
