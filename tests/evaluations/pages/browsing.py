"""Going through the pages behind a link as a browser would, and looking at what is stored."""

from __future__ import annotations

import re
from typing import Any

from django.apps import apps
from django.core import serializers
from django.test import Client
from django.urls import reverse

START, CHECK, CLEAR, DONE = (reverse(f"evaluations:answer-{name}") for name in ("start", "check", "clear", "done"))


def first_page(token: str) -> str:
    return reverse("evaluations:answer", args=[token])


def step(code: str) -> str:
    return reverse("evaluations:answer-step", args=[code])


def begun(token: str) -> Client:
    """A browser in which Start was pressed."""
    client = Client()
    client.post(START, {"token": token})
    return client


def mark(client: Client, address: str) -> str:
    """What the form at this address carries to say which link it belongs to."""
    found = re.search(r'name="page_mark" value="([\w=-]+)"', client.get(address).content.decode())
    assert found, f"no form at {address}"
    return found[1]


def send(client: Client, address: str, **data: Any) -> Any:
    return client.post(address, {"page_mark": mark(client, address), **data})


def words(response: Any) -> str:
    """The page's main part, without markup and with single spaces."""
    html = re.sub(r"(?s)<(script|style).*?</\1>", " ", response.content.decode())
    main = html[html.index("<main") : html.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).strip()


def everything_stored() -> dict[str, str]:
    """Every row of every table, as text."""
    return {
        model._meta.label: serializers.serialize("json", model._default_manager.order_by("pk"))
        for model in apps.get_models(include_auto_created=True)
    }
