"""A community's resources: links, and files that are only ever handed out as downloads.

A link that a session left behind belongs to the record of that session: it is changed there, as a new version of it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F

from communities.models import Community, Resource, Session
from communities.services.communities import locked
from communities.services.records.content import as_it_stands, part
from communities.services.records.said import NewLink
from communities.services.resources.files import CheckedFile
from communities.services.sessions.recording import record_session
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal, Stale

FOLDER = "resources"
# A file without a row may be one whose row is being written at this moment.
UNCLAIMED_FOR = timedelta(days=1)


class ResourceChangedMeanwhile(Stale):
    """Two people changing the same resource never overwrite each other."""


class ResourceGone(Conflict):
    """A resource is removed once."""


class ResourceUntitled(Refusal):
    """A resource is found by its title."""


class LinkMissing(Refusal):
    """A link leads somewhere; a file has none."""


class SessionElsewhere(Refusal):
    """What belongs to a session belongs to its community."""


@transaction.atomic
def add_link(
    *, community: Community, title: str, url: str, is_private: bool = False, by: User, now: datetime
) -> Resource:
    """Adds a link that no session left behind; those of a session are added in its record."""
    community = locked(community)
    _refuse_untitled(title)
    if not url:
        raise LinkMissing("Enter the address that the link leads to.", code="link_missing")
    resource = Resource.objects.create(
        community=community, title=title.strip(), url=url, is_private=is_private, added_at=now, by=by
    )
    audit.record(event="resource.added", by=by, target=resource, at=now)
    return resource


@transaction.atomic
def add_file(
    *,
    community: Community,
    title: str,
    file: CheckedFile,
    session: Session | None = None,
    is_private: bool = False,
    by: User,
    now: datetime,
) -> Resource:
    """Keeps a file that was looked into (`resource_files.checked`), of the community or of one of its sessions."""
    community = locked(community)
    _refuse_untitled(title)
    if session is not None and session.community_id != community.pk:
        raise SessionElsewhere("Choose a session of this community.", code="session_elsewhere")
    resource = Resource(
        community=community,
        session=session,
        title=title.strip(),
        file_name=file.name,
        file_type=file.type,
        file_size=len(file.content),
        is_private=is_private,
        added_at=now,
        by=by,
    )
    resource.file.save(file.name, ContentFile(file.content), save=False)
    resource.save()
    audit.record(event="resource.added", by=by, target=resource, at=now)
    return resource


@transaction.atomic
def edit_resource(
    *, resource: Resource, version: int, title: str, url: str = "", is_private: bool, by: User, now: datetime
) -> Resource:
    """Changes what a resource is called, where a link leads, and who sees it. A file stays the file it is."""
    locked(resource.community)
    _refuse_untitled(title)
    current = _as_read(resource, version)
    if not current.file and not url:
        raise LinkMissing("Enter the address that the link leads to.", code="link_missing")
    if _is_of_record(current):
        _rewrite_record(current, lambda link: NewLink(title.strip(), url, is_private, link.key), by=by, now=now)
    else:
        facts = {"title": title.strip(), "is_private": is_private} | ({} if current.file else {"url": url})
        Resource.objects.filter(pk=current.pk).update(version=F("version") + 1, **facts)
        audit.record(event="resource.edited", by=by, target=current, at=now)
    resource.refresh_from_db()
    return resource


@transaction.atomic
def remove_resource(*, resource: Resource, version: int, by: User, now: datetime) -> None:
    """Removes a link, or a file for good: it goes from the disk once this is certain."""
    locked(resource.community)
    current = _as_read(resource, version)
    if _is_of_record(current):
        _rewrite_record(current, lambda _: None, by=by, now=now)
        return
    audit.record(event="resource.removed", by=by, target=current, at=now)
    name = current.file.name
    current.delete()
    if name:
        transaction.on_commit(partial(default_storage.delete, name))


def sweep_files(*, now: datetime) -> int:
    """Deletes files that no row knows: of an upload that came to nothing, or of a removal that was cut short."""
    if not default_storage.exists(FOLDER):
        return 0
    _, names = default_storage.listdir(FOLDER)
    known = set(Resource.objects.exclude(file="").values_list("file", flat=True))
    unclaimed = [f"{FOLDER}/{name}" for name in names if f"{FOLDER}/{name}" not in known]
    old = [name for name in unclaimed if default_storage.get_modified_time(name) < now - UNCLAIMED_FOR]
    for name in old:
        default_storage.delete(name)
    return len(old)


def _refuse_untitled(title: str) -> None:
    if not title.strip():
        raise ResourceUntitled("Say what it is called.", code="resource_untitled")


def _as_read(resource: Resource, version: int) -> Resource:
    """The resource as it stands, under the community's lock. Refuses when it is not what the writer had read."""
    current = Resource.objects.select_related("community", "session__community").filter(pk=resource.pk).first()
    if current is None:
        raise ResourceGone("Someone else has removed this meanwhile.", code="resource_gone")
    if current.version != version:
        raise ResourceChangedMeanwhile(
            "Someone else has changed this while you were writing. Nothing of theirs has been overwritten, and what "
            "you typed is still here. Compare the two, then save again.",
            code="resource_changed_meanwhile",
        )
    return current


def _is_of_record(resource: Resource) -> bool:
    return resource.session_id is not None and not resource.file


def _rewrite_record(
    resource: Resource, change: Callable[[NewLink], NewLink | None], *, by: User, now: datetime
) -> None:
    """Saves the record of its session with this link changed or left out: whoever is writing it will see that."""
    session = resource.session
    assert session is not None  # noqa: S101 - see _is_of_record
    version, content = as_it_stands(session)
    stands = [(UUID(key), one) for key, one in part(content, "resources") if "file" not in one]
    links = [NewLink(one["title"], one["url"], one["is_private"], key) for key, one in stands]
    said = [change(link) if link.key == resource.key else link for link in links]
    kept = [link for link in said if link is not None]
    record_session(session=session, version=version, resources=kept, by=by, now=now)
