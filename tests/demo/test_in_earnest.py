"""In production the demo does not exist: neither its app nor any of its addresses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

ASK = """
import django
django.setup()
from django.apps import apps
from django.urls import Resolver404, get_resolver, resolve
assert not apps.is_installed("cop_portal.demo"), "the app is installed"
assert "demo" not in get_resolver().namespace_dict, "its addresses are there"
for path in ("/demo/", "/demo/mail/", "/demo/doors/administrator/", "/demo/next-working-morning/"):
    try:
        resolve(path)
    except Resolver404:
        continue
    raise AssertionError(path)
"""


def test_production_has_no_demo_and_no_address_of_it(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    environment = {
        "PATH": os.environ["PATH"],
        "PORTAL_MODE": "production",
        "DJANGO_SETTINGS_MODULE": "cop_portal.settings",
        "DATA_DIR": str(tmp_path / "data"),
        "KEY_DIR": str(keys),
        "SECRET_KEY": "a key for this test only, long and varied enough: 0123456789 abcdefghij",
        "ALLOWED_HOSTS": "portal.example.org",
        "EMAIL_URL": "smtps://relay.example.org:465",
        "BASE_URL": "https://portal.example.org",
        "RECOVERY_PUBLIC_KEY": "none",
    }
    asked = subprocess.run(
        [sys.executable, "-c", ASK], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )
    assert asked.returncode == 0, asked.stderr
