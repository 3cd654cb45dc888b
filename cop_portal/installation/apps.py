from typing import Any

from celery.signals import worker_init
from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import pre_save

from cop_portal.installation import fictional, sqlite


class InstallationConfig(AppConfig):
    name = "cop_portal.installation"
    label = "installation"
    verbose_name = "This installation"

    def ready(self) -> None:
        from cop_portal.installation import checks  # noqa: F401 (registers them)

        connection_created.connect(sqlite.take_more_values)
        pre_save.connect(fictional.refuse_real_address, sender="account.EmailAddress")
        # Also when somebody starts a worker by hand: a demo's mail is never sent in earnest, nor the other way round.
        worker_init.connect(insist_on_facts)


def insist_on_facts(**_: Any) -> None:
    from cop_portal.installation import facts

    facts.insist()
