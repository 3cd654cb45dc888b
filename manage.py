#!/usr/bin/env python
"""Run a management command of the portal."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cop_portal.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:
        # Written for the person who starts the portal: a traceback above it would only hide it.
        sys.exit(f"The portal does not start.\n\n{problem}")
