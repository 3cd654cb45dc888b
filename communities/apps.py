from django.apps import AppConfig


class CommunitiesConfig(AppConfig):
    name = "communities"
    label = "communities"
    verbose_name = "Communities"

    def ready(self) -> None:
        from communities import emails, permissions, trail_words
        from communities import own_data as life
        from communities.own_details import OWN_LINKS, affiliation_of
        from communities.services.imports import held
        from cop_portal.accounts import own_data, own_details

        permissions.register()
        emails.register()
        own_details.register(affiliation_of)
        for link in OWN_LINKS:
            own_details.register_link(link)
        own_data.name(events=trail_words.EVENTS, mails=trail_words.MAILS)
        own_data.register(life.life_in_communities, covers=life.COVERS)
        own_data.register(held.what_files_say, covers=held.COVERS)
        own_data.register_last(life.what_else_points_here)
