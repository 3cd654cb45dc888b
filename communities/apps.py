from django.apps import AppConfig


class CommunitiesConfig(AppConfig):
    name = "communities"
    label = "communities"
    verbose_name = "Communities"

    def ready(self) -> None:
        from communities import emails, permissions
        from communities.own_details import affiliation_of
        from cop_portal.accounts import own_details

        permissions.register()
        emails.register()
        own_details.register(affiliation_of)
