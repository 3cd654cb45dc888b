"""Waves in words: in the list, community by community, and before they are launched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from communities.models import Community
from cop_portal.accounts.models import User
from evaluations.models import Survey, Wave
from evaluations.services.surveys.waves import WouldOpen
from evaluations.views.surveys.opening_words import first_mail_words
from evaluations.views.surveys.rows import SurveyRow, survey_row


@dataclass(frozen=True)
class WaveRow:
    """A wave in the list: what was asked, of how many communities, and how many of those are still open."""

    wave: Wave
    titles: str
    asked: int
    state: str


@dataclass(frozen=True)
class WouldOpenRow:
    """One community before a wave is launched. `refused` says why it would not open; `who_url` leads to the names."""

    community: Community
    asked: int
    not_asked: int
    first_mail: str
    warning: str
    refused: str
    who_url: str


def wave_row(wave: Any) -> WaveRow:
    """Of a wave with the annotations and surveys of the list."""
    titles = sorted({survey.version.title for survey in wave.surveys.all()})
    state = f"Open in {wave.still_open}" if wave.still_open else "Closed"
    return WaveRow(wave, ", ".join(titles), wave.asked, state if wave.asked else "Nothing was asked")


def survey_rows(surveys: Iterable[Survey], user: User) -> list[SurveyRow]:
    return [survey_row(survey, user) for survey in surveys]


def would_open_rows(found: Iterable[WouldOpen], query: str) -> list[WouldOpenRow]:
    """`query` is what was chosen, for the page that says who is asked in one community; empty where there is none."""
    return [
        WouldOpenRow(
            community=one.community,
            asked=len(one.preview.asked),
            not_asked=len(one.preview.not_asked),
            first_mail=first_mail_words(one.preview.asked),
            warning="" if one.refused else one.preview.warning,
            refused=one.refused,
            who_url=who_url(one, query) if query and not one.refused else "",
        )
        for one in found
    ]


def who_url(one: WouldOpen, query: str) -> str:
    return f"{reverse('evaluations:confirm-survey', args=[one.community.slug])}?{query}"
