from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "cop_portal.accounts"
    label = "accounts"
    verbose_name = "Accounts"
