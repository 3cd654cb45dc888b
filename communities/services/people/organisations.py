"""Organisations: their names and codes, put right by staff."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from communities.models import Organisation
from communities.services.imports.organisations import CODE
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal, Stale


class OrganisationTaken(Conflict):
    """Two organisations never share a name or a code."""


class OrganisationChangedMeanwhile(Stale):
    """Nobody overwrites what they have not read."""


class NotACode(Refusal):
    """A code is one of the Organisation Data Service's, or there is none."""


@transaction.atomic
def edit_organisation(
    *, organisation: Organisation, version: int, name: str, ods_code: str, by: User, now: datetime
) -> Organisation:
    """Corrects a name, and gives, changes or takes away a code."""
    code = ods_code.strip().upper()
    if code and not CODE.fullmatch(code):
        raise NotACode(
            "A code has 2 to 10 letters and digits, like RJ1. Leave it empty if there is none.", code="not_a_code"
        )
    mine = Organisation.objects.filter(pk=organisation.pk, version=version)
    try:
        with transaction.atomic():
            done = mine.update(name=" ".join(name.split()), ods_code=code or None, version=F("version") + 1)
    except IntegrityError:
        raise OrganisationTaken(
            "Another organisation has this name or this code already.", code="organisation_taken"
        ) from None
    if not done:
        raise OrganisationChangedMeanwhile(
            "Someone else has changed this organisation while you were writing. Look at it again, then save.",
            code="organisation_changed_meanwhile",
        )
    audit.record(event="organisation.edited", by=by, target=organisation, at=now)
    organisation.refresh_from_db()
    return organisation
