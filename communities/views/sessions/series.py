"""Planning a series of sessions: first how often, then its days, looked at one by one."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from communities.forms.series import MONTHLY, WEEKLY, PlanSeriesForm
from communities.models import Session
from communities.permissions import Permission
from communities.services.sessions.planning import (
    LeaderNotInCommunity,
    SessionEndsBeforeItStarts,
    SessionInThePast,
    SessionTooFarAhead,
)
from communities.services.sessions.series import (
    SeriesEmpty,
    SeriesPlan,
    SeriesTooLong,
    SeriesWithoutEnd,
    days_of,
    plan_series,
    planned_words,
    preview_series,
)
from communities.views.sessions.planning import EntersSession
from cop_portal.installation import clock
from cop_portal.refusals import Refusal


class PlanSeries(EntersSession):
    """The days are shown before they are planned; whatever is changed about the plan shows them anew."""

    permission = Permission.PLAN_SESSION
    template_name = "communities/plan_series.html"
    form_class = PlanSeriesForm
    heading = "Plan a series of sessions"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {
        SessionInThePast: "first_on",
        SessionTooFarAhead: "first_on",
        SessionEndsBeforeItStarts: "ends",
        SeriesTooLong: "count",
        SeriesWithoutEnd: "count",
        SeriesEmpty: "until",
        LeaderNotInCommunity: "led_by",
    }

    def get_initial(self) -> dict[str, Any]:
        """In the rhythm that the community has planned for itself."""
        rhythm = self.community.rhythm
        return super().get_initial() | {
            "how_often": (MONTHLY if rhythm.nth else WEEKLY) if rhythm else None,
            "weeks": rhythm.weeks,
            "nth": rhythm.nth,
            "weekday": rhythm.weekday,
        }

    def perform(self, form: PlanSeriesForm) -> HttpResponse:
        plan, now = form.plan, clock.now()
        if not form.is_looked_at:
            return self.render_to_response(self.get_context_data(form=self.with_days(form, plan, are_new=True)))
        series = plan_series(
            community=self.community,
            plan=plan,
            leave_out=form.leave_out(days_of(plan, now=now)),
            by=self.user,
            now=now,
            **form.details,
        )
        planned = list(Session.objects.filter(series=series).order_by("starts_at"))
        messages.success(self.request, planned_words(len(planned), timezone.localdate(planned[0].starts_at)))
        return redirect("communities:session-list", self.community.slug)

    def show_again(self, form: Any, *, status: int) -> HttpResponse:
        """What was refused on the way keeps the days it was about, as they were ticked."""
        said = getattr(form, "cleaned_data", {})
        if said.get("looked_at") and not form.has_error("looked_at"):
            form = self.with_errors(form)
        return super().show_again(form, status=status)

    def with_errors(self, form: PlanSeriesForm) -> PlanSeriesForm:
        try:
            again = self.with_days(form, form.plan, are_new=False)
        except (Refusal, KeyError):
            # The plan itself is what is wrong: it has no days to show.
            return form
        again.full_clean()
        # That no day is left is said by the service, and once.
        again.errors.pop("days", None)
        for name, errors in form.errors.as_data().items():
            again.add_error(None if name == "__all__" else name, errors)
        return again

    def with_days(self, form: PlanSeriesForm, plan: SeriesPlan, *, are_new: bool) -> PlanSeriesForm:
        """The form as it was filled in, with the plan's days; new ones are ticked where nothing speaks against them."""
        preview = preview_series(community=self.community, plan=plan, now=clock.now())
        typed = self.request.POST.copy()
        if are_new:
            typed["looked_at"] = form.days_named
            typed.setlist("days", [day.day.isoformat() for day in preview if not day.concern])
        return PlanSeriesForm(typed, preview=preview, **self.leaders)

    @property
    def leaders(self) -> dict[str, Any]:
        kwargs = self.get_form_kwargs()
        return {name: kwargs[name] for name in ("leaders", "people")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        has_days = "days" in kwargs["form"].fields if "form" in kwargs else False
        self.submit_label = "Plan these sessions" if has_days else "Show the days"
        return super().get_context_data(has_days=has_days, **kwargs)
