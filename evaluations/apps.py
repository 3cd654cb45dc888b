"""Asking, answering, judging, showing."""

from importlib import import_module

from django.apps import AppConfig


class EvaluationsConfig(AppConfig):
    name = "evaluations"
    label = "evaluations"
    verbose_name = "Evaluations"

    def ready(self) -> None:
        # Loaded for the ORM's sake; nobody can import them from evaluations.models by accident.
        import_module("evaluations.models.confidential")
        import_module("evaluations.models.inbox")
        import_module("evaluations.models.named")
        import_module("evaluations.models.response")
        from communities import panels
        from communities.services import community_states
        from communities.services.people import merge_parts, remains
        from cop_portal.accounts import grants
        from cop_portal.accounts import own_data as held
        from cop_portal.accounts import own_details as own
        from cop_portal.installation import backups
        from evaluations import checks, emails, own_data, own_details, permissions, trail_words
        from evaluations.dashboards.panels import asked_panel
        from evaluations.dashboards.session_panel import session_panel
        from evaluations.services.answers import held_answers, merged_records, own_answers
        from evaluations.services.keys import key_care
        from evaluations.services.surveys import open_surveys

        grants.register(permissions.GRANTS)
        panels.register(asked_panel)
        panels.register_for_sessions(session_panel)
        emails.register()
        held.name(events=trail_words.EVENTS, mails=trail_words.MAILS)
        held.register(own_data.asked, covers=own_data.COVERS)
        held.register(held_answers.answers_held, covers=held_answers.COVERS)
        community_states.register_obstacle(open_surveys.in_the_way_of_closing)
        merge_parts.register("evaluations", mend=merged_records.mend_answers, words=merged_records.WORDS)
        remains.register(own_data.what_erasing_leaves)
        remains.register_removal(own_answers.erase_answers_of)
        for link in own_details.OWN_LINKS:
            own.register_link(link)
        checks.register()
        backups.register_keys(key_care.keys_in_use)
