"""Verified backups: a copy that has been opened and checked, with a manifest that proves it.

Keys are never in them. A backup holds sealed answers only, and cannot be opened once the keys are destroyed.
"""

from cop_portal.installation.backups.keys import register_keys
from cop_portal.installation.backups.making import Backup, BackupFailed, back_up_when_due, make_backup
from cop_portal.installation.backups.restoring import RestoreRefused, restore_backup

__all__ = [
    "Backup",
    "BackupFailed",
    "RestoreRefused",
    "back_up_when_due",
    "make_backup",
    "register_keys",
    "restore_backup",
]
