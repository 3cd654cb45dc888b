"""People who answer one survey by real HTTP: each through every page, and all sending at the same moment.

Whoever gets no answer asks again, as the page's own script does, and as people do.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier, Event, Thread
from typing import Any
from urllib.parse import urlencode

from evaluations.models import Invitation, Survey
from evaluations.models.inbox import InboxBox
from evaluations.models.response import Tally
from tests.evaluations.web_server import Answer, WebServer
from tests.factories.evaluations import close, core_answers, tokens_of

ATTEMPTS = 200
PATIENCE_SECONDS = 120
ACCEPTED, ALREADY = "accepted", "already answered"


@dataclass
class Someone:
    """One person in one browser: a cookie, and what they answer."""

    server: WebServer
    token: str
    answers: dict[str, str]
    cookie: str = ""
    statuses: Counter[int] = field(default_factory=Counter)

    def ask(self, method: str, path: str, **data: str) -> Answer:
        """Until an answer comes."""
        for _ in range(ATTEMPTS):
            answer = self.server.ask(method, path, urlencode(data), self.cookie)
            self.statuses[answer.status] += 1
            if answer.status:
                self.cookie = answer.cookie or self.cookie
                return answer
            time.sleep(0.05)
        raise AssertionError("nobody answers")

    def arrive_at_the_end(self) -> str:
        """From the link to the page that checks the answers; what its form carries."""
        assert self.ask("GET", f"/a/{self.token}/").status == 200
        place = self.ask("POST", "/a/start/", token=self.token, pace="section").location
        while place != "/a/check/":
            mark = page_mark(self.ask("GET", place))
            answered = self.ask("POST", place, page_mark=mark, go="continue", **self.answers)
            assert (answered.status, answered.location != place) == (302, True), answered
            place = answered.location
        return page_mark(self.ask("GET", place))

    def send(self, mark: str) -> str:
        """How it ended: accepted; or, where the first answer was cut off, that it had been already."""
        answer = self.ask("POST", "/a/check/", page_mark=mark, finished="yes")
        if answer.status == 302:
            assert answer.location == "/a/done/"
            return ACCEPTED
        return ALREADY if "You have already answered" in answer.page else answer.page


def page_mark(answer: Answer) -> str:
    found = re.search(r'name="page_mark" value="([^"]+)"', answer.page)
    assert found, answer
    return found[1]


@dataclass
class Crowd:
    """Everyone who was asked, with different answers. `disturb` is called again and again until all are through."""

    server: WebServer
    survey: Survey
    disturb: Callable[[], None] | None = None
    people: list[Someone] = field(default_factory=list)

    def __post_init__(self) -> None:
        for place, token in enumerate(tokens_of(self.survey)):
            answers = core_answers(str(1 + place % 5), V3=str(1 + place % 4), V4=str(1 + place % 6))
            self.people.append(Someone(self.server, token, answers))

    def answer(self) -> Counter[str]:
        """All at once. How it ended, and how often."""
        line, over = Barrier(len(self.people), timeout=PATIENCE_SECONDS), Event()

        def one(person: Someone) -> str:
            mark = person.arrive_at_the_end()
            line.wait()
            return person.send(mark)

        def keep_disturbing(disturb: Callable[[], None]) -> None:
            while not over.wait(0.1):
                disturb()

        disturber = Thread(target=keep_disturbing, args=[self.disturb]) if self.disturb else None
        if disturber:
            disturber.start()
        try:
            with ThreadPoolExecutor(len(self.people)) as pool:
                return Counter(pool.map(one, self.people))
        finally:
            over.set()
            if disturber:
                disturber.join()

    @property
    def statuses(self) -> Counter[int]:
        """Of every request of everyone; 0 for those without an answer."""
        return sum((person.statuses for person in self.people), Counter())

    def stored(self) -> tuple[int, int]:
        """Who is noted as having answered, and the sealed answers."""
        answered = Invitation.objects.filter(survey=self.survey, is_answered=True)
        return answered.count(), InboxBox.objects.filter(survey=self.survey).count()

    def counted(self) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], int]]:
        """What the close counts, option by option, and what was sent."""
        close(self.survey)
        rows = Tally.objects.filter(survey=self.survey).exclude(option_code="").exclude(count=0)
        counted = {
            (code, option): count for code, option, count in rows.values_list("item_code", "option_code", "count")
        }
        return counted, dict(Counter(given for person in self.people for given in person.answers.items()))


def killing(server: WebServer, seed: int, kills: int) -> Callable[[], None]:
    """Kills a worker now and then, so many in all."""
    dice = random.Random(seed)

    def disturb() -> None:
        if server.killed < kills and dice.random() < 0.7:
            server.kill_a_worker(dice)

    return disturb


def only(statuses: Counter[int], allowed: Sequence[int]) -> dict[int, Any]:
    """The statuses that are none of these; {} where all went well."""
    return {status: count for status, count in statuses.items() if status not in allowed}
