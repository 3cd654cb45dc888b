"""Each test of the protocol has a key directory of its own."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    settings.KEY_DIR = folder
    return folder
