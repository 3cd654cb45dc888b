"""The demo's mail: every letter in its folder, nothing outside it, and no text that could run."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from cop_portal.demo import mailbox
from cop_portal.demo.loader.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


def write(folder: Path, name: str, *, to: str = "a@example.org", subject: str = "Hello", text: str = "Hello") -> Path:
    path = folder / f"{name}.eml"
    path.write_bytes(
        f"From: portal@example.org\r\nTo: {to}\r\nSubject: {subject}\r\nDate: Thu, 19 Nov 2026 09:31:00 +0000\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n".encode()
    )
    return path


def test_the_mail_of_the_last_days_is_there_to_read_and_its_links_open(visitor: Client, demo: World) -> None:
    page = visitor.get(reverse("demo:mail-list"))
    letters = page.context["page_obj"].object_list
    kinds = Counter(kind for letter in letters for kind in ("/a/", "/r/") if kind in letter.text)
    # Everyone of one community is asked ten questions, and told of a visit.
    assert kinds == {"/a/": 23, "/r/": 23}
    for kind in kinds:
        letter = next(letter for letter in letters if kind in letter.text)
        opened = visitor.get(reverse("demo:mail", args=[letter.name])).content.decode()
        path = opened.split(f'href="{kind}')[1].split('"')[0]
        assert visitor.get(f"{kind}{path}").status_code == 200


def test_letters_are_listed_newest_first_and_fifty_a_page(visitor: Client, mail_folder: Path) -> None:
    for number in range(51):
        path = write(mail_folder, f"letter{number:02}", subject=f"Number {number}")
        os.utime(path, (1_000_000 + number, 1_000_000 + number))
    first = visitor.get(reverse("demo:mail-list")).context["page_obj"]
    assert [letter.subject for letter in first] == [f"Number {number}" for number in range(50, 0, -1)]
    second = visitor.get(reverse("demo:mail-list"), {"page": 2}).context["page_obj"]
    assert [letter.subject for letter in second] == ["Number 0"]


def test_one_persons_mail_can_be_read_by_itself(visitor: Client, mail_folder: Path) -> None:
    write(mail_folder, "one", to="ngozi@example.org")
    write(mail_folder, "two", to="tobiah@example.org")
    page = visitor.get(reverse("demo:mail-list"), {"to": "ngozi@example.org"}).context["page_obj"]
    assert [letter.to for letter in page] == ["ngozi@example.org"]


def test_what_is_in_a_mail_is_shown_and_never_run(visitor: Client, mail_folder: Path) -> None:
    script = "<script>alert(1)</script>"
    write(mail_folder, "letter", subject=script, text=f'{script} "><img src=x onerror=alert(1)>')
    for address in (reverse("demo:mail", args=["letter"]), reverse("demo:mail-list")):
        page = visitor.get(address).content.decode()
        assert script not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_links_to_the_portal_work_whatever_name_it_is_open_under_and_others_stay_text(mail_folder: Path) -> None:
    text = mailbox.linked(
        'Here: http://portal.test/a/x_-y/. Not https://elsewhere.test/<b>" nor http://portal.test.evil/'
    )
    assert text == (
        'Here: <a href="/a/x_-y/">http://portal.test/a/x_-y/</a>. '
        "Not https://elsewhere.test/&lt;b&gt;&quot; nor http://portal.test.evil/"
    )


def test_a_link_cannot_break_out_of_its_attribute(mail_folder: Path) -> None:
    text = mailbox.linked('http://portal.test/"onmouseover="alert(1)')
    assert text == (
        '<a href="/&quot;onmouseover=&quot;alert(1">http://portal.test/&quot;onmouseover=&quot;alert(1</a>)'
    )


@pytest.mark.parametrize(
    "name",
    ["..", "../secret", "..%2fsecret", "%2e%2e%2fsecret", "/etc/passwd", "secret.txt", ".hidden", "link", "A" * 65, ""],
)
def test_nothing_outside_the_folder_can_be_read(visitor: Client, mail_folder: Path, name: str) -> None:
    inside = mail_folder / "inside"
    inside.mkdir()
    for folder in (mail_folder.parent, mail_folder):
        write(folder, "secret", text="the secret")
    (mail_folder / "secret.eml").rename(mail_folder / ".hidden.eml")
    (mail_folder / "link.eml").symlink_to(mail_folder.parent / "secret.eml")
    assert mailbox.letter(name) is None
    response = visitor.get(f"{reverse('demo:mail-list')}{name}/")
    assert response.status_code == 404
    assert "the secret" not in response.content.decode()


def test_a_letter_that_is_not_there_is_not_found(visitor: Client, mail_folder: Path) -> None:
    assert visitor.get(reverse("demo:mail", args=["0123456789abcdef"])).status_code == 404


def test_an_empty_folder_says_so(visitor: Client, mail_folder: Path) -> None:
    assert "No mail yet" in visitor.get(reverse("demo:mail-list")).content.decode()
