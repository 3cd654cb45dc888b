"""People who send forms, twice each and at the same time, from processes that are killed; and who send again what they
have had no answer to. As browsers do, and impatient people."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connections
from django.test import Client
from django.urls import reverse

from communities.models import Community, Problem
from cop_portal.keeping.models import Submission
from tests.factories.accounts import sign_in
from tests.factories.communities import CommunityFactory, facilitator_of
from tests.forking import forget_inherited_connections

WORKERS = 4
# Every form is sent by two of them.
SENDERS = 2
CONFIRMED = 302


@dataclass
class Sending:
    """So many forms, each of which must be done once."""

    forms: int
    kills: int
    answers: Path
    community: Community = field(default_factory=CommunityFactory.create)
    killed: int = 0
    rounds: int = 0

    def run(self) -> Counter[int]:
        """How many forms were done how often: {1: forms} where nothing was lost and nothing doubled."""
        client, dice = sign_in(Client(), facilitator_of(self.community)), random.Random(self.forms)
        while unconfirmed := self._unconfirmed():
            self.rounds += 1
            children = [self._worker(client, number, unconfirmed) for number in range(WORKERS)]
            while self.killed < self.kills and children:
                time.sleep(dice.uniform(0.02, 0.15))
                if self._has_ended(victim := dice.choice(children)):
                    children.remove(victim)
                    continue
                os.kill(victim, signal.SIGKILL)
                os.waitpid(victim, 0)
                self.killed += 1
                children.remove(victim)
                children.append(self._worker(client, self.killed, self._unconfirmed() or unconfirmed))
            for child in children:
                os.waitpid(child, 0)
        titles = Counter(Problem.objects.filter(community=self.community).values_list("title", flat=True))
        assert set(titles) == {_title(number) for number in range(self.forms)}
        assert Submission.objects.count() == self.forms
        return Counter(titles.values())

    def _unconfirmed(self) -> list[int]:
        heard = Counter(self.answers.read_text().split()) if self.answers.exists() else Counter()
        return [number for number in range(self.forms) if not heard[str(number)]]

    @staticmethod
    def _has_ended(child: int) -> bool:
        return os.waitpid(child, os.WNOHANG) != (0, 0)

    def _worker(self, client: Client, worker: int, forms: list[int]) -> int:
        """A process that sends its share of the forms, one after another."""
        connections.close_all()
        child = os.fork()
        if child:
            return child
        try:
            forget_inherited_connections()
            for number in forms:
                if worker % WORKERS in {(number + turn) % WORKERS for turn in range(SENDERS)}:
                    self._send(client, number)
        finally:
            os._exit(0)

    def _send(self, client: Client, number: int) -> None:
        address = reverse("communities:raise-problem", args=[self.community.slug])
        said = {
            "title": _title(number),
            "since_on": "2026-11-01",
            "knowledge": "reachable",
            "lever": "members",
            "idempotency_key": f"form-{number}",
        }
        if client.post(address, said).status_code == CONFIRMED:
            with self.answers.open("a") as answers:
                answers.write(f"{number}\n")


def _title(number: int) -> str:
    return f"Problem number {number}"
