"""The accounts room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the mail that accounts send, and the accounts' own grants."""

    name = "cop_portal.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from cop_portal import outbox
        from cop_portal.accounts import emails, grants, permissions

        for kind in emails.KINDS:
            outbox.register(kind)
        grants.register(permissions.GRANTS)
