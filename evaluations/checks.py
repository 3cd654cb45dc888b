"""What `check --deploy` insists on before answers are entrusted to this installation."""

from typing import Any

from django.core import checks

from evaluations import keys


def check_recovery_key(**_: Any) -> list[checks.CheckMessage]:
    """In production, a recovery key or the plain word that there is none."""
    try:
        keys.recovery_key()
    except keys.KeysUnsafe as unsafe:
        return [
            checks.Error(
                str(unsafe),
                hint="Without a recovery key, a lost key directory means lost answers. If that is accepted, say none.",
                id="evaluations.E001",
            )
        ]
    return []


def register() -> None:
    checks.register(check_recovery_key, checks.Tags.security, deploy=True)
