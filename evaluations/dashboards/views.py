"""Home (the front door when signed out) and the network page for HIN staff."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import ListView, View

from communities.models import Community, ErasureRequest
from communities.models.community import drifting_rule
from cop_portal.accounts.access import PermissionRequired
from cop_portal.accounts.permissions import Permission as AccountsPermission
from cop_portal.installation import clock
from cop_portal.keeping.models import Draft
from evaluations.dashboards import asked, queries, rows
from evaluations.permissions import Permission
from evaluations.services.results.text_review import late_piles
from evaluations.services.retention.reviewing import due

NEXT_SESSIONS = 3
OUTCOMES = 3
DRAFTS = 3


def greeting(now: datetime) -> str:
    hour = timezone.localtime(now).hour
    return "Good morning" if hour < 12 else "Good afternoon" if hour < 18 else "Good evening"


# What is asked of one person is nobody else's to see: no browser or proxy may keep it.
@method_decorator([login_not_required, never_cache], name="dispatch")
class Home(View):
    """What is asked of me? For someone who is not signed in: what this is, and how to come in."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return render(request, "evaluations/front_door.html")
        user, now = request.user, clock.now()
        today = timezone.localdate(now)
        sees_network = user.has_perm(Permission.SEE_NETWORK)
        surveys = [*map(asked.survey_task, queries.open_invitations(user, now))]
        actions = [asked.action_task(action, today) for action in queries.open_actions(user)]
        commitments = [*map(asked.commitment_task, queries.due_commitments(user, now))]
        tasks = [*map(asked.check_in_task, queries.open_check_ins(user, now))]
        tasks += map(asked.record_task, queries.to_record(user, now))
        tasks += map(asked.requests_task, queries.asking_to_join(user))
        tasks += map(asked.share_task, queries.to_share(user, now))
        if sees_network:
            tasks += asked.texts_tasks(late_piles(by=user, today=today))
            tasks += map(asked.look_again_task, queries.pauses_to_look_at(today))
        if user.has_perm(Permission.MANAGE_RETENTION):
            tasks += asked.retention_tasks(due(now=now).count())
        sessions = list(queries.next_sessions(user, now)[:NEXT_SESSIONS])
        context = {
            "greeting": greeting(now),
            "asked_heading": asked.heading(len(surveys) + len(tasks) + len(actions) + len(commitments)),
            "surveys": surveys,
            "tasks": tasks,
            "actions": actions,
            "commitments": commitments,
            "sessions": sessions,
            # Staff see every community and may belong to none: that nothing is planned in "theirs" tells them nothing.
            "shows_next": sessions or not sees_network,
            "outcomes": queries.came_of_it(user)[:OUTCOMES],
            "told": queries.told(user)[:OUTCOMES],
            "drafts": Draft.objects.visible_to(user).unsent().newest_first()[:DRAFTS],
            "sees_network": sees_network,
            "erasures_waiting": ErasureRequest.objects.waiting().count() if sees_network else 0,
        }
        return render(request, "evaluations/home.html", context)


class Network(PermissionRequired, ListView[Community]):
    """Which community needs me this week?"""

    permission: ClassVar[str] = Permission.SEE_NETWORK
    template_name = "evaluations/network.html"
    paginate_by = settings.PAGE_SIZE

    def get_queryset(self) -> Any:
        self.now = clock.now()
        self.today = timezone.localdate(self.now)
        return queries.network(self.today, self.now)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        shown = list(context["object_list"])
        calls = rows.to_call(queries.to_call(self.today, self.now), self.today)
        return context | {
            "rows": rows.network_rows(
                shown, closed=queries.last_closed(shown), open_now=queries.open_surveys(shown), today=self.today
            ),
            "to_call": calls,
            "to_call_heading": rows.to_call_heading(len(calls)),
            "call_rule": rows.call_rule(),
            "drifting_rule": drifting_rule(),
            "column_rules": rows.column_rules(),
            "manages_retention": self.request.user.has_perm(Permission.MANAGE_RETENTION),
            "manages_accounts": self.request.user.has_perm(AccountsPermission.MANAGE_ACCOUNTS),
        }
