"""Loading the reference lists: communities, professional groups, organisations.

What a site has changed stays as the site has it: communities and organisations already there are left alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import transaction

from communities.imports.documents import Document, DocumentRefused, LoadReport, load_schema, repeated_codes
from communities.models import Community, Organisation, ProfessionalGroup

DATA = Path(__file__).resolve().parent.parent / "data"
REFERENCE_FILE = DATA / "reference.json"
REFERENCE_SCHEMA = load_schema(DATA / "reference.schema.json")


@transaction.atomic
def load_reference(document: Document) -> LoadReport:
    """Create what is missing and bring professional groups up to date. Raises DocumentRefused; then nothing changed."""
    data = document.data
    faults = [
        *repeated_codes(document, ["communities"], data["communities"], "slug"),
        *repeated_codes(document, ["communities"], data["communities"], "name"),
        *repeated_codes(document, ["professional_groups"], data["professional_groups"], "code"),
        *repeated_codes(document, ["organisations"], data["organisations"], "name"),
        *repeated_codes(document, ["organisations"], data["organisations"], "ods_code"),
    ]
    if faults:
        raise DocumentRefused(faults)
    report = LoadReport()
    for row in data["communities"]:
        known = Community.objects.filter(slug=row["slug"]).exists()
        create_unless(known, Community, report, **row)
    for row in data["organisations"]:
        known = Organisation.objects.filter(name=row["name"]).exists() or (
            "ods_code" in row and Organisation.objects.filter(ods_code=row["ods_code"]).exists()
        )
        create_unless(known, Organisation, report, **row)
    for position, row in enumerate(data["professional_groups"]):
        load_professional_group(row, position, report)
    return report


def create_unless(known: bool, model: type[Community | Organisation], report: LoadReport, **row: Any) -> None:
    if known:
        report.unchanged += 1
        return
    model.objects.create(**row)
    report.created += 1


def load_professional_group(row: dict[str, Any], position: int, report: LoadReport) -> None:
    wanted = {"name": row["name"], "hint": row.get("hint", ""), "source": row["source"], "position": position}
    group, is_new = ProfessionalGroup.objects.get_or_create(code=row["code"], defaults=wanted)
    if is_new:
        report.created += 1
    elif all(getattr(group, name) == value for name, value in wanted.items()):
        report.unchanged += 1
    else:
        ProfessionalGroup.objects.filter(pk=group.pk).update(**wanted)
        report.changed += 1
