"""The accounts room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the mail that accounts send, and the accounts' own grants."""

    name = "cop_portal.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from cop_portal import outbox
        from cop_portal.accounts import (
            emails,
            grants,
            middleware,
            own_data,
            own_drafts,
            own_holdings,
            permissions,
            trail_words,
        )
        from cop_portal.accounts.services import mail_choice

        for kind in emails.KINDS:
            outbox.register(kind)
        outbox.ask_who_declines(mail_choice.declines)
        grants.register(permissions.GRANTS)
        own_data.name(events=trail_words.EVENTS, mails=trail_words.MAILS)
        own_data.register(own_holdings.account_of, covers=own_holdings.COVERS)
        own_data.register(own_drafts.drafts_of, covers=own_drafts.COVERS)
        user_logged_in.connect(middleware.start_session_clock, dispatch_uid="accounts.start_session_clock")
