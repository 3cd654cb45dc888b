"""What a backup says about itself: which database, when, what is in it, and the digests that prove its files."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

NAME = "manifest.json"
FORMAT = 1


class ManifestUnreadable(ValueError):
    """The manifest is missing, damaged or of another format."""


@dataclass(frozen=True)
class Manifest:
    """Counts are rows per table; `keys` are the key files this database needs to be of use.

    `media` is the archive of uploaded files; backups from before there were any have none.
    """

    made_at: datetime
    vendor: str
    is_demo: bool
    file: str
    size: int
    sha256: str
    rows: dict[str, int]
    keys: list[str]
    media: str = ""
    media_sha256: str = ""
    media_files: int = 0
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        content: dict[str, Any] = asdict(self) | {"made_at": self.made_at.isoformat()}
        (folder / NAME).write_text(json.dumps(content, indent=2, sort_keys=True) + "\n")


def read(folder: Path) -> Manifest:
    """The manifest in a folder, or `ManifestUnreadable` with a sentence."""
    try:
        content = json.loads((folder / NAME).read_text())
        found = Manifest(**content | {"made_at": datetime.fromisoformat(content["made_at"])})
    except FileNotFoundError:
        raise ManifestUnreadable(f"{folder} has no {NAME}: it is not a backup, or it was never finished.") from None
    except (ValueError, TypeError, KeyError) as problem:
        raise ManifestUnreadable(f"{folder / NAME} is damaged: {problem}.") from None
    if found.format != FORMAT:
        raise ManifestUnreadable(f"{folder / NAME} has format {found.format}; this portal reads format {FORMAT}.")
    return found


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
