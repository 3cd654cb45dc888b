"""Changes that can be taken back: each row's fields as they were and as they became, and rows that were taken out.

What someone has changed since is left as it is: a later decision counts more than an undo.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core import serializers
from django.db import IntegrityError, models, router, transaction
from django.db.models.deletion import Collector

from cop_portal.refusals import Conflict


class TooTangled(Conflict):
    """What could not be put back again is not taken out."""


class Journal:
    """Makes changes and remembers them. `steps` is plain JSON."""

    def __init__(self, steps: Iterable[dict[str, Any]] = ()) -> None:
        self.steps = list(steps)

    def change(self, row: models.Model, **values: Any) -> bool:
        """Writes `values` (raw: keys for foreign keys); False, and nothing written, where a constraint forbids it."""
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        if not changed:
            return True
        before = {name: getattr(row, name) for name in changed}
        try:
            with transaction.atomic():
                _rows(row._meta.label_lower).filter(pk=row.pk).update(**changed)
        except IntegrityError:
            return False
        for name, value in changed.items():
            setattr(row, name, value)
        step = {"model": row._meta.label_lower, "pk": _as_json(row.pk), "from": _plain(before), "to": _plain(changed)}
        self.steps.append(step)
        return True

    def take_out(self, row: models.Model) -> None:
        """Deletes a row that nothing else points to, keeping it whole in the journal; refuses where more would go."""
        _refuse_if_more_would_go(row)
        self.steps.append({"model": row._meta.label_lower, "deleted": serializers.serialize("json", [row])})
        row.delete()


def play_back(steps: Iterable[dict[str, Any]]) -> int:
    """Takes the changes back, the last first. Returns how many could not be, because of what happened since."""
    left = 0
    for step in reversed(list(steps)):
        left += not (_put_back(step) if "deleted" in step else _change_back(step))
    return left


def _refuse_if_more_would_go(row: models.Model) -> None:
    collector = Collector(using=router.db_for_write(type(row), instance=row))
    tangled = TooTangled(
        "These two records are bound up in a way that the portal cannot take apart again, so it does not merge them. "
        "Ask whoever looks after the portal.",
        code="too_tangled",
    )
    try:
        collector.collect([row])
    except models.ProtectedError:
        raise tangled from None
    if sum(len(rows) for rows in collector.data.values()) + sum(rows.count() for rows in collector.fast_deletes) > 1:
        raise tangled


def _change_back(step: dict[str, Any]) -> bool:
    row = _rows(step["model"]).filter(pk=step["pk"]).first()
    if row is None:
        return False
    untouched = {name: old for name, old in step["from"].items() if _plain_value(row, name) == step["to"][name]}
    try:
        with transaction.atomic():
            if untouched:
                _rows(step["model"]).filter(pk=row.pk).update(**untouched)
    except IntegrityError:
        return False
    return len(untouched) == len(step["from"])


def _put_back(step: dict[str, Any]) -> bool:
    try:
        with transaction.atomic():
            for found in serializers.deserialize("json", step["deleted"]):
                found.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _rows(label: str) -> models.QuerySet[Any]:
    rows: models.QuerySet[Any] = apps.get_model(label)._default_manager.all()
    return rows


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _as_json(value) for name, value in values.items()}


def _plain_value(row: models.Model, name: str) -> Any:
    return _as_json(getattr(row, name))


def _as_json(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
