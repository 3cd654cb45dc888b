"""The frame around every page: who sees which way, and what a page for nobody in particular leaves out."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.base import BaseStorage
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory, override_settings
from django.utils import timezone
from django.utils.formats import date_format

from cop_portal.accounts.models import User
from cop_portal.installation.models import Installation


def frame(request: HttpRequest, user: Any, template: str = "base.html") -> str:
    request.user = user
    return render_to_string(template, {"heading": "A page"}, request=request)


def header_links(html: str) -> list[str]:
    header = html.partition("<header")[2].partition("</header>")[0]
    return [link.partition("</a>")[0].rpartition(">")[2] for link in header.split("<a ")[1:]]


@pytest.mark.parametrize(
    ("user", "links"),
    [
        (AnonymousUser(), ["Communities of practice", "Sign in"]),
        (User(name="Ada"), ["Communities of practice", "Ada", "Communities", "Search"]),
        (
            User(name="Bo", role="staff"),
            ["Communities of practice", "Bo", "Communities", "Network", "Instruments", "Search"],
        ),
        (
            User(name="Cem", role="administrator"),
            ["Communities of practice", "Cem", "Communities", "Network", "Instruments", "Search"],
        ),
    ],
    ids=["nobody", "member", "staff", "administrator"],
)
def test_the_header_shows_only_what_the_reader_may_use(rf: RequestFactory, user: Any, links: list[str]) -> None:
    assert header_links(frame(rf.get("/"), user)) == links


def test_signing_out_is_a_form_and_not_a_link(rf: RequestFactory) -> None:
    """A link could be followed by a prefetching browser."""
    header = frame(rf.get("/"), User(name="Ada")).partition("<header")[2].partition("</header>")[0]
    assert '<form class="nhsuk-header__account-form" action="/sign-out/" method="post" data-sign-out>' in header
    assert 'name="csrfmiddlewaretoken"' in header


def test_the_page_one_is_on_is_marked_in_the_header(rf: RequestFactory) -> None:
    html = frame(rf.get("/communities/"), User(name="Ada"))
    assert '<a class="nhsuk-header__navigation-link" href="/communities/" aria-current="page">Communities</a>' in html


def test_a_name_is_escaped(rf: RequestFactory) -> None:
    assert "<script>1" not in frame(rf.get("/"), User(name="<script>1</script>"))


@pytest.mark.parametrize("template", ["base.html", "layouts/plain.html", "layouts/form.html"])
def test_a_page_has_one_main_part_a_skip_link_to_it_and_no_mark_of_the_nhs(rf: RequestFactory, template: str) -> None:
    html = frame(rf.get("/"), AnonymousUser(), template)
    assert html.count('<main class="nhsuk-main-wrapper" id="maincontent">') == 1
    assert 'href="#maincontent"' in html
    assert "nhsuk-header__logo" not in html
    assert "© NHS" not in html


@pytest.mark.parametrize("template", ["base.html", "layouts/plain.html", "layouts/form.html"])
def test_a_page_needs_no_inline_script_or_style(rf: RequestFactory, template: str) -> None:
    html = frame(rf.get("/"), AnonymousUser(), template)
    assert "<style" not in html
    assert ' style="' not in html
    assert html.count("<script") == html.count('<script type="module" src="/static/app.js">') == 1


class Untouchable:
    """Stands for whatever a page behind a link may not look at."""

    def __getattribute__(self, name: str) -> Any:
        pytest.fail(f"The page looked at {name} of the session, the user or the messages.")


def test_the_page_behind_a_link_looks_at_nobody_and_tells_no_one_where_it_was(rf: RequestFactory) -> None:
    request: Any = rf.get("/a/")
    request.session = request._messages = Untouchable()
    html = frame(request, Untouchable(), "layouts/plain.html")
    assert '<meta name="referrer" content="no-referrer">' in html
    assert header_links(html) == []


class Notes(BaseStorage):
    """Messages kept for one page."""

    def _get(self, *args: Any, **kwargs: Any) -> tuple[list[Any], bool]:
        return [], True

    def _store(self, *args: Any, **kwargs: Any) -> list[Any]:
        return []


def test_messages_are_notification_banners_with_titles_of_their_own(rf: RequestFactory) -> None:
    request: Any = rf.get("/")
    request._messages = Notes(request)
    messages.success(request, "Session recorded.")
    messages.info(request, "<script>1</script>")
    html = frame(request, AnonymousUser())
    assert html.count('data-module="nhsuk-notification-banner"') == 2
    assert html.count("nhsuk-notification-banner--success") == 1
    assert 'id="message-1"' in html
    assert 'id="message-2"' in html
    assert "&lt;script&gt;1&lt;/script&gt;" in html


def test_a_demo_says_on_every_page_that_it_is_fictional(rf: RequestFactory) -> None:
    with override_settings(IS_DEMO=True):
        assert "Everything here is fictional" in frame(rf.get("/"), AnonymousUser(), "layouts/plain.html")
    assert "Everything here is fictional" not in frame(rf.get("/"), AnonymousUser(), "layouts/plain.html")


@pytest.mark.django_db
@override_settings(IS_DEMO=True)
def test_a_demo_shows_what_time_it_is_in_it(rf: RequestFactory) -> None:
    """Whose clock may stand elsewhere than the real one."""
    Installation.objects.update_or_create(pk=1, defaults={"is_demo": True, "clock_offset": timedelta(days=400)})
    day = timezone.localdate(timezone.now() + timedelta(days=400))
    assert f"It is {date_format(day, 'l j F Y')}," in frame(rf.get("/"), AnonymousUser())


@pytest.mark.django_db
def test_the_gallery_shows_every_component_to_those_who_build(client: Client) -> None:
    response = client.get("/components/")
    assert response.status_code == 200
    assert response.content.decode().count("<svg") > 3
