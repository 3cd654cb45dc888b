"""The run itself: each figure beside the floor it is measured against, and the bar it must stay under."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone

from evaluations.models import Survey
from evaluations.services.answers.answering import submit_answers
from tests.bench import data, measure
from tests.bench.measure import Cost
from tests.factories.accounts import sign_in
from tests.factories.evaluations import core_answers, unanswered_tokens

FLOOR_TEMPLATES = Path(__file__).parent / "templates"
MORE_WAVES = 4
BETWEEN_WAVES = timedelta(days=91)


@dataclass
class Report:
    """Lines printed as they are measured, and whether every bar was kept."""

    missed: list[str] = field(default_factory=list)

    def line(self, name: str, cost: Cost, beside: Cost | None = None, *, floor: str = "", bar: float = 0) -> None:
        text = f"{name:<48}{cost.cpu:8.2f} ms CPU{cost.wall:9.2f} ms{cost.queries:4} queries{cost.size:5} kB"
        if beside is not None:
            ratio = cost.cpu / beside.cpu
            is_kept = ratio <= bar
            text += f"   {ratio:5.2f} × {floor} (bar {bar:g}){'' if is_kept else '  MISSED'}"
            if not is_kept:
                self.missed.append(name)
        print(text, flush=True)


def run() -> int:
    """Measure everything and print it; 1 if a bar was missed."""
    ours: dict[str, Any] = settings.TEMPLATES[0]
    templates = [ours | {"DIRS": [*ours["DIRS"], FLOOR_TEMPLATES]}]
    with override_settings(ROOT_URLCONF="tests.bench.floor", TEMPLATES=templates):
        report = Report()
        now = timezone.now()
        print("Building fifty communities and their first wave …", flush=True)
        network = data.build(now)
        survey = data.add_wave(network, now - (MORE_WAVES + 1) * BETWEEN_WAVES)
        client = sign_in(Client(), network.reader)
        print(f"Medians of {measure.REQUESTS} warm requests by one client:\n")
        single = floors_and_pages(report, client, network)
        waves(report, client, network, survey)
        answering(report, single)
    if report.missed:
        print(f"\nMissed: {', '.join(report.missed)}")
    return int(bool(report.missed))


def floors_and_pages(report: Report, client: Client, network: data.Network) -> Cost:
    """Each page and list beside its floor. The cost of one query, for the answers."""
    reader = {"hello": Client(), "one-query": Client(), "page": client, "api": client}
    floor = {name: measure.of_requests(who, f"/floor/{name}/") for name, who in reader.items()}
    for name, cost in floor.items():
        report.line(f"floor: {name}", cost)
    inside = f"/communities/{network.full.slug}"
    for path in ("/communities/", f"{inside}/members/", f"{inside}/sessions/", f"{inside}/actions/"):
        report.line(path, measure.of_requests(client, path), floor["page"], floor="a page of 50 rows", bar=1.5)
    report.line("/network/", measure.of_requests(client, "/network/"), floor["page"], floor="a page of 50 rows", bar=2)
    for noun in ("communities", "memberships", "sessions", "actions"):
        path = f"/api/v1/{noun}/"
        report.line(path, measure.of_requests(client, path), floor["api"], floor="an API list of 50", bar=1.5)
    return floor["one-query"]


def waves(report: Report, client: Client, network: data.Network, survey: Survey) -> None:
    """The pages that show surveys, with one wave and with five: they must not grow with the waves."""
    paths = ("/network/", survey.get_results_url())
    before = {path: measure.of_requests(client, path) for path in paths}
    print(f"Adding {MORE_WAVES} waves …", flush=True)
    for number in range(MORE_WAVES, 0, -1):
        data.add_wave(network, timezone.now() - number * BETWEEN_WAVES)
    for path in paths:
        cost = measure.of_requests(client, path)
        report.line(f"{path} after five waves", cost, before[path], floor="after one", bar=1.2)


def answering(report: Report, one_query: Cost) -> None:
    """Sending answers, at the service, beside a page of one query and beside marking the invitation alone."""
    survey = data.survey_with(measure.WARM_UP + measure.REQUESTS)
    tokens, now = unanswered_tokens(survey), timezone.now()
    sends = [partial(submit_answers, token=token, answers=core_answers(), now=now) for token in tokens]
    measure.of_calls(sends[: measure.WARM_UP])
    report.line("sending answers", measure.of_calls(sends[measure.WARM_UP :]), one_query, floor="one query", bar=3)
