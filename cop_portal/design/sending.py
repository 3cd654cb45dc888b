"""What keeps a form's content safe on its way: the hidden key that lets it be sent twice, and its draft."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseRedirectBase

from cop_portal.keeping.models import Draft
from cop_portal.keeping.services.drafts import FormMark, mark_of
from cop_portal.keeping.services.submissions import Answer, Sent

if TYPE_CHECKING:
    from cop_portal.accounts.models import User

KEY = "idempotency_key"
# Ours are 22 characters; what is longer than this was not made by a form of ours.
LONGEST_KEY = 100
NOT_CONTENT = ("csrfmiddlewaretoken", KEY)
AGAIN = "This was saved the first time it was sent. Sending it again has changed nothing."


def new_key() -> str:
    return secrets.token_urlsafe(16)


def who_sends(user: AbstractBaseUser | AnonymousUser) -> str:
    """The sender, as submissions know them: one person's key says nothing to another."""
    return str(user.pk or "")


def digest_of_form(request: HttpRequest) -> bytes:
    """What a form says, files included, without what only guards it."""
    content = hashlib.sha256()
    said = [(name, request.POST.getlist(name)) for name in sorted(request.POST) if name not in NOT_CONTENT]
    content.update(json.dumps([request.method, request.path, said]).encode())
    for name in sorted(request.FILES):
        for upload in request.FILES.getlist(name):
            content.update(f"|{name}|".encode() + _digest_of_file(upload))
    return content.digest()


def _digest_of_file(upload: "UploadedFile[Any]") -> bytes:
    content = hashlib.sha256()
    for chunk in upload.chunks():
        content.update(chunk)
    upload.seek(0)
    return content.digest()


def sent_by(request: HttpRequest) -> Sent | None:
    """The form as it was sent, or None where it carries no key of ours."""
    key = request.POST.get(KEY, "")
    if not 0 < len(key) <= LONGEST_KEY:
        return None
    return Sent(who=who_sends(request.user), key=key, content=digest_of_form(request))


def answer_of(response: HttpResponse) -> Answer:
    """What is kept of an answer: where it leads. A page that was shown instead may hold what is shown only once."""
    where = {"Location": response.url} if isinstance(response, HttpResponseRedirectBase) else {}
    return Answer(status=response.status_code, headers=where)


def repeated(answer: Answer | None, *, otherwise: str) -> HttpResponse:
    """Leads where the first answer led; `otherwise`, if that was a page of its own."""
    return HttpResponseRedirect((answer.headers if answer else {}).get("Location", otherwise))


def signed_in(request: HttpRequest) -> "User":
    """Whose form it is."""
    user = request.user
    assert user.is_authenticated  # noqa: S101 - the login middleware lets in nobody else
    return user


@dataclass(frozen=True)
class DraftOnPage:
    """What a form's page knows of its draft. `is_newest`: the page shows text that was just sent and refused."""

    mark: str
    address: str
    is_kept_in_browser: bool
    # Tells drafts in one browser apart by whose they are, and says nothing else.
    who: str
    is_newest: bool
    kept: Draft | None

    @property
    def fields(self) -> list[list[str]] | None:
        return self.kept.fields if self.kept else None

    @property
    def saved_at(self) -> datetime | None:
        return self.kept.saved_at if self.kept else None

    @property
    def page(self) -> str:
        return self.kept.get_absolute_url() if self.kept else ""

    @property
    def pk(self) -> int | None:
        return self.kept.pk if self.kept else None


def draft_on_page(request: HttpRequest, title: str, *, is_kept_in_browser: bool) -> DraftOnPage:
    """The draft of the form at this address; none where the form was just sent and refused: what was sent is newer."""
    user, is_newest = signed_in(request), request.method == "POST"
    kept = Draft.objects.visible_to(user).unsent().filter(address=request.path)
    return DraftOnPage(
        mark=mark_of(FormMark(request.path, title), user=user),
        address=request.path,
        is_kept_in_browser=is_kept_in_browser,
        who=hashlib.sha256(f"draft|{user.pk}".encode()).hexdigest()[:16],
        is_newest=is_newest,
        kept=None if is_newest else kept.first(),
    )
