"""Build the data, measure the floor and the pages, print the ratios. Status 1 if a bar is missed."""

from __future__ import annotations

import sys

import django

from tests.plugin import environment


def main() -> int:
    with environment():
        django.setup()
        # They import models, which need the settings that `environment` has just prepared.
        from django.test.utils import setup_databases, setup_test_environment, teardown_databases

        from tests.bench import answering, imports, report

        setup_test_environment(debug=False)
        databases = setup_databases(verbosity=0, interactive=False)
        try:
            missed = report.run()
            return 1 if [*answering.run(), *imports.run()] else missed
        finally:
            teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    import os

    os.environ["DJANGO_SETTINGS_MODULE"] = "cop_portal.settings"
    sys.exit(main())
